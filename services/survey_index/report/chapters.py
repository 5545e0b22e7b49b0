"""The report as a document: cover, BAB I to V and the appendix, all in Indonesian. It calculates no index anew."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from string import ascii_uppercase

from services.survey_index.domain.editions import EDITION_NAMES
from services.survey_index.domain.privacy import FEWEST, is_publishable, public_levels, without_small_groups
from services.survey_index.domain.profile import FIELD_NAMES
from services.survey_index.domain.sampling import Adequacy
from services.survey_index.report.appendix import appendix
from services.survey_index.report.document import (
    Block,
    Chart,
    Document,
    Fact,
    Heading,
    Items,
    Paragraph,
    Section,
    Sheet,
    Table,
)
from services.survey_index.report.facts import Report
from services.survey_index.report.improvement import improvement, progress_sentence
from services.survey_index.report.method import method, unit_of
from services.survey_index.report.respondents import is_told
from services.survey_index.report.results import (
    csat_sentence,
    extremes_sentence,
    index_sentence,
    nps_sentence,
    priorities_sentence,
    results,
)
from services.survey_index.report.wording import (
    NOTHING,
    count,
    day,
    figure,
    percent,
    period_days,
    period_name,
    plain,
)

_DATA_PROTECTION_SINCE = date(2022, 10, 17)
_HIDDEN = "*"


def chapters(report: Report) -> Document:
    """The whole report. A part that has no facts says so; nothing is divided by nothing."""
    return Document(
        title="Laporan Hasil Survei Kepuasan Masyarakat",
        subtitle=[line for line in (plain(report.title), plain(report.unit)) if line],
        headline=_headline(report),
        facts=_facts(report),
        author=plain(report.unit),
        made_on=report.made_on,
        blocks=[
            *_chapter("BAB I", "Pendahuluan", "1", _introduction(report)),
            *_chapter("BAB II", "Metodologi", "2", method(report)),
            *_chapter("BAB III", "Hasil Pengukuran", "3", results(report)),
            *_chapter("BAB IV", "Saran dan Rencana Tindak Lanjut", "4", improvement(report)),
            *_chapter("BAB V", "Kesimpulan", "5", _conclusion(report)),
            Heading(1, "Lampiran: Pengolahan per Responden dan per Unsur"),
            *_numbered("L", appendix(report)),
        ],
    )


def _chapter(name: str, title: str, number: str, sections: Sequence[Section]) -> Iterator[Block]:
    """A chapter whose sections have letters."""
    yield Heading(1, f"{name} {title}")
    lettered: list[Block] = []
    for letter, section in zip(ascii_uppercase, sections, strict=False):
        lettered += [Heading(2, f"{letter}. {section.title}"), *section.blocks]
    yield from _numbered(number, lettered)


def _numbered(chapter: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """The same, with tables and charts numbered by the chapter: Tabel 3.1, Gambar 3.1."""
    tables = charts = 0
    for block in blocks:
        match block:
            case Table() | Sheet():
                tables += 1
                yield replace(block, title=f"Tabel {chapter}.{tables}. {block.title}")
            case Chart():
                charts += 1
                yield replace(block, title=f"Gambar {chapter}.{charts}. {block.title}")
            case _:
                yield block


# -- cover ------------------------------------------------------------------------------------------------------


def _headline(report: Report) -> Fact:
    if not report.index.elements and report.csat:
        return Fact("Kepuasan pelanggan (CSAT)", percent(report.csat.score))
    if not report.index.elements and report.nps:
        return Fact("Net Promoter Score (NPS)", figure(report.nps.score))
    return Fact("Indeks Kepuasan Masyarakat (IKM)", figure(report.index.index))


def _public_headline(report: Report) -> Fact:
    """The same for everybody to see: a share that few stand for is hidden."""
    fact = _headline(report)
    if report.index.elements:
        return fact
    if report.csat:
        levels = public_levels(report.csat)
        return fact if levels and levels[0][1] is not None else replace(fact, value=_HIDDEN)
    return fact if report.nps and report.nps.n >= FEWEST else replace(fact, value=_HIDDEN)


def _facts(report: Report) -> Sequence[Fact]:
    band = report.index.band
    graded = [
        Fact("Mutu pelayanan", band.grade if band else NOTHING),
        Fact("Kinerja unit pelayanan", band.performance if band else NOTHING),
    ]
    return [
        *(graded if report.index.elements else []),
        Fact("Jumlah responden", count(report.index.n)),
        *([Fact("Hanya saluran", plain(report.channel))] if report.channel else []),
        Fact(period_name(report.period), period_days(report.period, n=report.index.n)),
    ]


# -- BAB I ------------------------------------------------------------------------------------------------------


def _introduction(report: Report) -> Sequence[Section]:
    unit = unit_of(report)
    return [
        Section(
            "Latar Belakang",
            [
                Paragraph(
                    "Setiap penyelenggara pelayanan publik wajib menilai kinerja pelayanannya secara berkala. "
                    "Penilaian itu baru lengkap apabila orang yang dilayani ikut menilai, sebab merekalah yang "
                    "mengalami sendiri apakah persyaratan jelas, prosedur mudah, waktu terpenuhi, dan petugas bersikap "
                    "baik."
                ),
                Paragraph(
                    "Survei Kepuasan Masyarakat (SKM) mengubah pengalaman tersebut menjadi angka yang dapat "
                    "dibandingkan dari waktu ke waktu, yaitu Indeks Kepuasan Masyarakat (IKM), dan menunjukkan unsur "
                    f"pelayanan mana yang perlu diperbaiki lebih dahulu. Laporan ini memuat hasil survei pada {unit} "
                    "serta, sejauh tercatat, saran responden dan rencana tindak lanjutnya."
                ),
            ],
        ),
        Section("Dasar Hukum", [Items(_laws(report), numbered=True)]),
        Section("Pengertian", [Items(_DEFINITIONS, numbered=True)]),
        Section(
            "Maksud dan Tujuan",
            [
                Paragraph(
                    f"Survei dimaksudkan untuk memperoleh gambaran yang dapat dipertanggungjawabkan tentang mutu "
                    f"pelayanan pada {unit} menurut penggunanya. Tujuannya adalah:"
                ),
                Items(_AIMS, numbered=True),
            ],
        ),
    ]


def _laws(report: Report) -> Sequence[str]:
    laws = [
        "Undang-Undang Nomor 25 Tahun 2009 tentang Pelayanan Publik;",
        "Peraturan Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi Nomor 14 Tahun 2017 tentang Pedoman "
        "Penyusunan Survei Kepuasan Masyarakat Unit Penyelenggara Pelayanan Publik;",
    ]
    if "kep25_2004" in (report.edition, report.instrument.code):
        laws.append(
            "Keputusan Menteri Pendayagunaan Aparatur Negara Nomor KEP/25/M.PAN/2/2004 tentang Pedoman Umum Penyusunan "
            "Indeks Kepuasan Masyarakat Unit Pelayanan Instansi Pemerintah;"
        )
    if report.made_on >= _DATA_PROTECTION_SINCE:
        laws.append("Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi;")
    return [*laws[:-1], f"{laws[-1].removesuffix(';')}."]


_DEFINITIONS = (
    "Survei Kepuasan Masyarakat (SKM) adalah pengukuran pendapat penerima layanan tentang pelayanan yang diterimanya.",
    "Indeks Kepuasan Masyarakat (IKM) adalah angka hasil SKM pada rentang 25 sampai dengan 100.",
    "Unsur pelayanan adalah segi pelayanan yang dinilai, misalnya persyaratan, prosedur, atau waktu penyelesaian.",
    "Nilai rata-rata (NRR) adalah rata-rata nilai jawaban yang terisi untuk satu unsur.",
    "Responden adalah penerima layanan yang menjawab kuesioner.",
)
_AIMS = (
    "mengetahui tingkat kepuasan penerima layanan secara keseluruhan dan untuk setiap unsur pelayanan;",
    "menemukan unsur yang masih lemah sebagai dasar perbaikan;",
    "menyediakan bahan untuk menetapkan kebijakan dan rencana tindak lanjut;",
    "memberi masyarakat sarana untuk menilai dan mengawasi kinerja pelayanan.",
)


# -- BAB V ------------------------------------------------------------------------------------------------------


def _conclusion(report: Report) -> Sequence[Section]:
    return [
        Section("Kesimpulan", [Items(_conclusions(report), numbered=True)]),
        Section("Ringkasan untuk Publikasi", [_publication(report)]),
        Section(
            "Penutup",
            [
                Paragraph(
                    f"Laporan ini disusun pada {day(report.made_on)} dari data yang tersimpan sampai dengan tanggal "
                    "tersebut. Hasilnya diharapkan menjadi dasar perbaikan pelayanan dan pembanding bagi survei "
                    "berikutnya."
                )
            ],
        ),
    ]


def _conclusions(report: Report) -> Sequence[str]:
    found: list[str] = []
    if report.index.elements:
        edition = EDITION_NAMES[report.edition]
        basis = f" Mutu ditetapkan menurut {edition}." if report.index.band else ""
        found.append(index_sentence(report.index, "Indeks Kepuasan Masyarakat (IKM)") + basis)
    if report.ranked:
        found.append(extremes_sentence(report))
        found.append(priorities_sentence(report))
    if report.ipak:
        found.append(index_sentence(report.ipak, "Indeks Persepsi Anti Korupsi (IPAK)"))
    if report.nps:
        found.append(nps_sentence(report.nps))
    if report.csat:
        found.append(csat_sentence(report.csat))
    return [*found, _adequacy(report), progress_sentence(report.follow_ups)]


def _adequacy(report: Report) -> str:
    found = report.adequacy
    if found.required is None:
        return (
            f"Jumlah responden adalah {count(found.reached)} orang; kecukupannya tidak dinilai karena jumlah populasi "
            "tidak dicatat."
        )
    enough = "sudah memenuhi" if found.is_enough else "belum memenuhi"
    return (
        f"Jumlah responden, {count(found.reached)} orang, {enough} sampel minimum {count(found.required)} orang untuk "
        f"populasi {count(found.population)} orang."
    )


def _sample_facts(sample: Adequacy) -> Sequence[Fact]:
    """How many of the needed sample answered, where it is known how many are needed."""
    if sample.required is None:
        return []
    told = f"{count(sample.reached)} dari {count(sample.required)} yang diperlukan"
    return [Fact("Kecukupan responden", f"{told} untuk populasi {count(sample.population)}")]


def _publication(report: Report) -> Block:
    """What is hung up for everybody: the index, who answered, and when, with no figure about fewer than five people
    (docs/domain.md, "What may be shown").
    """
    if report.index.n and not is_publishable(report.index):
        return Paragraph(
            f"Ada angka yang berasal dari kurang dari {FEWEST} orang, sehingga hasil survei ini tidak dipublikasikan."
        )
    facts = [
        Fact("Unit pelayanan", unit_of(report)),
        _public_headline(report),
        *_facts(report),
        *_sample_facts(report.adequacy),
        Fact("Tanggal laporan", day(report.made_on)),
    ]
    for field in ("sex", "education"):
        if is_told(report, field):
            counts = without_small_groups({plain(share.name): share.count for share in report.profile[field]})
            if not counts:
                continue
            told = (f"{name} {_HIDDEN if number is None else count(number)}" for name, number in counts.items())
            facts.append(Fact(FIELD_NAMES[field], "; ".join(told)))
    return Table(
        "Ringkasan hasil survei untuk dipublikasikan (tanda * menggantikan jumlah kecil)",
        ("Uraian", "Hasil"),
        [(fact.label, fact.value) for fact in facts],
        ("left", "left"),
        (1, 2),
    )
