"""BAB II: what was asked, of whom, and how figures and grades come of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from services.survey_index.domain.editions import EDITION_NAMES, EDITIONS, Band
from services.survey_index.domain.period import Period
from services.survey_index.domain.profile import PROFILE
from services.survey_index.domain.skm import half_up
from services.survey_index.report.document import Block, Formula, Items, Paragraph, Section, Table
from services.survey_index.report.facts import Report
from services.survey_index.report.origins import origins
from services.survey_index.report.questionnaire import questionnaire
from services.survey_index.report.respondents import is_told
from services.survey_index.report.wording import count, day, days, figure, plain


def method(report: Report) -> Sequence[Section]:
    """BAB II, section by section."""
    sections = [
        Section("Ruang Lingkup dan Waktu", _scope(report)),
        Section("Instrumen Survei", questionnaire(report)),
        Section("Responden dan Sampel", _sample(report)),
    ]
    if report.index.elements:
        sections += [
            Section("Pengolahan Data", _processing(report)),
            Section("Kategori Mutu Pelayanan", _bands(report)),
        ]
    return sections


def unit_of(report: Report) -> str:
    return plain(report.unit) or "unit penyelenggara pelayanan"


def bands_table(edition: str, title: str, reached: Band | None = None) -> Table:
    """The bands of an edition from the lowest, the one that was reached being marked."""
    bands = EDITIONS[edition][::-1]
    uppers = [band.lowest - Decimal("0.01") for band in bands[1:]] + [Decimal(100)]
    table = Table(
        title,
        ("Nilai interval konversi", "Mutu pelayanan", "Kinerja unit pelayanan"),
        [
            (f"{figure(band.lowest)} – {figure(upper)}", band.grade, band.performance)
            for band, upper in zip(bands, uppers, strict=True)
        ],
        ("center", "center", "left"),
        (2, 1.4, 2),
    )
    if reached is None:
        return table
    return replace(
        table,
        header=(*table.header, "Hasil survei ini"),
        rows=[(*row, "Tercapai" if band == reached else "") for row, band in zip(table.rows, bands, strict=True)],
        align=(*table.align, "left"),
        widths=(*table.widths, 1.4),
        marked=bands.index(reached),
    )


def _scope(report: Report) -> Sequence[Block]:
    about = Paragraph(
        f"Survei dengan judul “{plain(report.title)}” dilaksanakan pada {unit_of(report)}. {_days_of_answers(report)}"
        + (f" Laporan ini hanya memuat jawaban melalui saluran “{plain(report.channel)}”." if report.channel else "")
    )
    if not report.services:
        return [about, Paragraph("Laporan ini tidak dibatasi pada jenis layanan tertentu.")]
    return [
        about,
        Paragraph("Jenis layanan yang dinilai dalam survei ini adalah:"),
        Items([plain(service) for service in report.services]),
    ]


def _days_of_answers(report: Report) -> str:
    """When answers were taken, as far as it came to pass, and who is left out because nobody knows his day."""
    if not report.astride:
        return _days_of_the_run(report)
    return (
        f"{_days_of_the_run(report)} Di luar itu ada {count(report.astride)} responden yang hanya diketahui menjawab "
        "dalam rentang hari yang melampaui bagian ini; mereka tidak ikut dihitung."
    )


def _days_of_the_run(report: Report) -> str:
    kind, first, last = report.period.kind, report.period.first, report.period.last
    if first is None or last is None:
        if report.astride:
            return "Tidak ada jawaban yang pasti diberikan pada hari-hari yang diminta."
        return "Tanggal jawaban tidak diketahui." if report.index.n else "Belum ada jawaban yang tercatat."
    if kind in ("answers", "told"):
        return f"{_answered(report.period)} Hari pembukaan survei tidak dicatat."
    if kind == "opened_to_closed":
        text = f"Survei dibuka pada {day(first)} dan ditutup pada {day(last)}."
    elif kind == "opened":
        text = f"Survei dibuka pada {day(first)} dan belum ditutup pada hari laporan ini disusun, {day(last)}."
    else:
        text = f"Laporan ini memuat jawaban dari sebagian masa survei, yaitu {days(first, last)}."
        if not report.index.n:
            return f"{text} Tidak ada jawaban yang pasti diberikan pada hari-hari itu."
    return " ".join(filter(None, (text, _answered(report.answers))))


def _answered(answers: Period) -> str:
    """The days of the first and the last answer, where they are known."""
    first, last = answers.first, answers.last
    if first is None or last is None:
        return ""
    if answers.kind == "told":
        return f"Jawaban diberikan antara {day(first)} dan {day(last)}; hari tiap jawaban tidak semuanya dicatat."
    return f"Jawaban pertama bertanggal {day(first)} dan jawaban terakhir bertanggal {day(last)}."


def _sample(report: Report) -> Sequence[Block]:
    blocks: list[Block] = [
        Paragraph(
            "Responden adalah orang yang jawabannya atas kuesioner tercatat; laporan ini tidak memuat nama mereka."
            + _grouping(report)
        ),
        *origins(report),
        *_asked_again(report),
    ]
    found = report.adequacy
    if found.required is None:
        return [
            *blocks,
            Paragraph(
                f"Jumlah responden yang diolah adalah {count(found.reached)} orang. Jumlah populasi penerima layanan "
                "tidak dicatat, sehingga jumlah sampel minimum tidak dihitung dan kecukupan sampel tidak dinilai."
            ),
        ]
    return [
        *blocks,
        Paragraph("Jumlah sampel minimum dihitung dengan rumus Krejcie dan Morgan (1970):"),
        Formula("S = λ² · N · P · Q ÷ (d² · (N − 1) + λ² · P · Q)"),
        Paragraph(
            "N adalah jumlah populasi, λ² = 3,841 (taraf kepercayaan 95%, derajat bebas satu), P = Q = 0,5, dan "
            "d = 0,05."
        ),
        Table(
            "Populasi dan sampel",
            ("Populasi", "Sampel minimum", "Responden tercapai", "Kecukupan"),
            [
                (
                    count(found.population),
                    count(found.required),
                    count(found.reached),
                    "Mencukupi" if found.is_enough else f"Kurang {count(found.required - found.reached)} responden",
                )
            ],
            ("right", "right", "right", "left"),
            (1, 1, 1, 1.4),
        ),
    ]


def _grouping(report: Report) -> str:
    """By which list respondents are grouped; empty where nobody told anything of himself."""
    if not any(is_told(report, field) for field in PROFILE):
        return ""
    codes = report.code_list
    by = f"menurut daftar “{plain(codes.name.id)}” (sumber: {plain(codes.source)})" if codes.source else None
    return f" Data diri responden dikelompokkan {by or 'sebagaimana tertulis dalam berkas jawaban'}."


def _asked_again(report: Report) -> Sequence[Block]:
    """Who was asked again, and what was found; nothing where nobody was, or nobody knows."""
    checked = report.checked
    if checked is None or not checked.all:
        return []
    return [
        Paragraph(
            f"Pemeriksaan ulang (back-checking) dilakukan kepada {count(checked.all)} responden: "
            f"{count(checked.confirmed)} sesuai, {count(checked.differs)} berbeda, dan {count(checked.not_reached)} "
            "tidak dapat dihubungi."
        )
    ]


def _processing(report: Report) -> Sequence[Block]:
    elements = report.instrument.elements
    highest = sum((element.weight for element in report.index.elements), Fraction()) * 100
    truncated = (
        f" Bobot ini dipotong, bukan bobot tepat, agar sama dengan angka yang pernah diterbitkan; karena itu nilai "
        f"tertinggi yang dapat dicapai adalah {figure(half_up(highest, 2))}."
        if report.weighting != "exact"
        else ""
    )
    return [
        Paragraph("Nilai rata-rata (NRR) setiap unsur dihitung dari jawaban yang terisi:"),
        Formula("NRR unsur = jumlah nilai jawaban ÷ jumlah jawaban yang terisi"),
        *([Paragraph(_SEVERAL)] if any(len(element.questions) > 1 for element in elements) else []),
        Paragraph(
            "NRR dikalikan dengan bobot unsur menjadi NRR tertimbang. Jumlah NRR tertimbang dikalikan 25 agar indeks "
            "berada pada rentang 25 sampai dengan 100:"
        ),
        Formula("IKM = Σ (NRR unsur × bobot unsur) × 25"),
        Paragraph(_weights(report) + truncated),
        Paragraph(_missing(report)),
        Paragraph(
            "Perhitungan memakai pecahan tepat. Setiap angka dibulatkan satu kali pada akhir perhitungan, dan mutu "
            "ditetapkan dari indeks yang sudah dibulatkan menjadi dua desimal."
        ),
    ]


_SEVERAL = (
    "Untuk unsur yang memiliki beberapa pertanyaan, rata-rata dihitung lebih dahulu untuk setiap pertanyaan; NRR unsur "
    "adalah rata-rata dari rata-rata tersebut, sehingga unsur itu tetap mempunyai satu bobot."
)


def _weights(report: Report) -> str:
    elements = report.index.elements
    weights = {element.weight for element in elements}
    if len(weights) > 1:
        each = [f"{plain(element.name)} {_weight(element.weight)}" for element in elements]
        return f"Bobot unsur ditetapkan sebagai berikut: {'; '.join(each)}."
    weight = weights.pop()
    if report.weighting != "exact":
        return f"Setiap dari {len(elements)} unsur diberi bobot {report.weighting.replace('.', ',')}."
    return f"Setiap dari {len(elements)} unsur diberi bobot yang sama, yaitu {weight} = {_weight(weight)}."


def _weight(weight: Fraction) -> str:
    return figure(half_up(weight, 4), 4)


def _missing(report: Report) -> str:
    match report.missing:
        case "per_question":
            return (
                "Pertanyaan yang tidak dijawab tidak diberi nilai: jawaban yang kosong tidak ikut dijumlahkan dan "
                "tidak ikut menjadi pembagi, sehingga setiap pertanyaan mempunyai jumlah jawaban terisi sendiri."
            )
        case "complete_rows":
            return (
                "Hanya kuesioner yang semua pertanyaannya terjawab yang diolah; kuesioner yang tidak lengkap tidak "
                "ikut dalam tabel dan lampiran mana pun."
            )


def _bands(report: Report) -> Sequence[Block]:
    name = EDITION_NAMES[report.edition]
    own = EDITION_NAMES[report.instrument.edition or report.edition]
    return [
        *(
            [
                Paragraph(
                    f"Kategori yang termasuk kuesioner ini adalah kategori menurut {own}; dalam laporan ini dipakai "
                    "kategori dari ketentuan lain, yang dipilih untuk survei atau laporan ini."
                )
            ]
            if own != name
            else []
        ),
        Paragraph(
            f"Mutu pelayanan dan kinerja unit pelayanan ditetapkan dengan interval menurut {name}. Interval yang sama "
            "berlaku untuk indeks unit dan indeks setiap unsur."
        ),
        bands_table(report.edition, "Nilai interval, mutu pelayanan, dan kinerja unit pelayanan"),
    ]
