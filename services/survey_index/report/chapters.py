"""The report as a document: cover, BAB I to V and the appendix, all in Indonesian. It calculates no index anew."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from string import ascii_uppercase

from services.survey_index.report.appendix import appendix
from services.survey_index.report.conclusion import conclusion
from services.survey_index.report.document import (
    Block,
    Chart,
    Document,
    Heading,
    Items,
    Paragraph,
    Section,
    Sheet,
    Table,
)
from services.survey_index.report.facts import Report
from services.survey_index.report.improvement import improvement
from services.survey_index.report.key_facts import headline, key_facts
from services.survey_index.report.method import method, unit_of
from services.survey_index.report.results import (
    results,
)
from services.survey_index.report.wording import (
    plain,
)

_DATA_PROTECTION_SINCE = date(2022, 10, 17)


def chapters(report: Report) -> Document:
    """The whole report. A part that has no facts says so; nothing is divided by nothing."""
    return Document(
        title="Laporan Hasil Survei Kepuasan Masyarakat",
        subtitle=[line for line in (plain(report.title), plain(report.unit)) if line],
        headline=headline(report),
        facts=key_facts(report),
        author=plain(report.unit),
        made_on=report.made_on,
        blocks=[
            *_chapter("BAB I", "Pendahuluan", "1", _introduction(report)),
            *_chapter("BAB II", "Metodologi", "2", method(report)),
            *_chapter("BAB III", "Hasil Pengukuran", "3", results(report)),
            *_chapter("BAB IV", "Saran dan Rencana Tindak Lanjut", "4", improvement(report)),
            *_chapter("BAB V", "Kesimpulan", "5", conclusion(report)),
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
