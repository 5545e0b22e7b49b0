"""BAB III: the figures that came of the answers, and what may be said of them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import takewhile

from services.survey_index.domain.csat import Csat
from services.survey_index.domain.editions import EDITIONS, Band
from services.survey_index.domain.nps import Nps
from services.survey_index.domain.skm import ElementIndex, Index, half_up
from services.survey_index.report.document import (
    Bar,
    Block,
    Cell,
    Chart,
    Items,
    Paragraph,
    Section,
    Table,
    Tone,
    Zone,
)
from services.survey_index.report.facts import Report, printed_nrr
from services.survey_index.report.method import bands_table
from services.survey_index.report.respondents import respondents
from services.survey_index.report.wording import NOTHING, count, figure, listed, percent, plain

_TONES: Mapping[str, Tone] = {"A": "A", "B": "B", "C": "C", "D": "D"}
_LOWEST, _HIGHEST = 25.0, 100.0


def results(report: Report) -> Sequence[Section]:
    """BAB III, section by section. What was not measured has no section."""
    sections = [Section("Profil Responden", respondents(report))]
    if report.index.elements:
        sections += [
            Section("Nilai Rata-Rata dan Indeks per Unsur", _elements(report, report.index, "IKM")),
            Section("Unsur Tertinggi, Terendah, dan Prioritas Perbaikan", _priorities(report)),
            Section("Mutu Pelayanan", _grade(report)),
        ]
    if report.ipak:
        sections.append(Section("Indeks Persepsi Anti Korupsi (IPAK)", _ipak(report, report.ipak)))
    if report.nps:
        sections.append(Section("Kesediaan Merekomendasikan (NPS)", _nps(report.nps)))
    if report.csat:
        sections.append(Section("Kepuasan Pelanggan (CSAT)", _csat(report.csat)))
    return sections


def index_sentence(index: Index, name: str) -> str:
    """What the index is and which grade it has, or why there is none."""
    if index.index is not None and index.band is not None:
        return (
            f"{name} dari {count(index.n)} responden adalah {figure(index.index)}, dengan mutu pelayanan "
            f"{index.band.grade} dan kinerja {index.band.performance}."
        )
    if not index.n:
        return f"{name} belum dapat dihitung karena belum ada jawaban."
    empty = [plain(element.name) for element in index.elements if element.nrr is None]
    return f"{name} tidak dapat dihitung karena belum ada jawaban untuk unsur {listed(empty)}."


def extremes_sentence(report: Report) -> str:
    """The highest and the lowest elements, those of the same figure together. Empty without answers."""
    ranked = report.ranked
    if not ranked:
        return ""
    lowest, highest = _equals(ranked), _equals(ranked[::-1])[::-1]
    if printed_nrr(lowest[0]) == printed_nrr(highest[0]):
        return f"Semua unsur yang dinilai memperoleh nilai yang sama, yaitu {_scores(lowest[0])}."
    return (
        f"Nilai tertinggi dicapai unsur {_names(highest)} dengan {_scores(highest[0])}, sedangkan nilai terendah "
        f"terdapat pada unsur {_names(lowest)} dengan {_scores(lowest[0])}."
    )


def nps_sentence(nps: Nps) -> str:
    """The score with its interval; labels are words of the publisher, so they are quoted."""
    if nps.score is None or nps.interval is None:
        return "NPS belum dapat dihitung karena pertanyaannya belum dijawab."
    label = f", yang oleh penerbit ukuran ini disebut “{nps.label}”" if nps.label else ""
    lower, upper = nps.interval
    return (
        f"NPS dari {count(nps.n)} jawaban adalah {figure(nps.score)} poin{label}, dengan selang kepercayaan 95% dari "
        f"{figure(lower)} sampai dengan {figure(upper)} poin."
    )


def csat_sentence(csat: Csat) -> str:
    if not csat.n:
        return "CSAT belum dapat dihitung karena pertanyaannya belum dijawab."
    best = plain(csat.levels[0].name)
    return f"CSAT dari {count(csat.n)} jawaban adalah {percent(csat.score)} untuk tingkat “{best}”."


def _equals(ranked: Sequence[ElementIndex]) -> Sequence[ElementIndex]:
    return list(takewhile(lambda element: printed_nrr(element) == printed_nrr(ranked[0]), ranked))


def _names(elements: Sequence[ElementIndex]) -> str:
    return listed([plain(element.name) for element in elements])


def _scores(element: ElementIndex) -> str:
    nrr = None if element.nrr is None else half_up(element.nrr, 4)
    return f"NRR {figure(nrr, 4)} atau indeks {figure(element.index)}"


# -- the index --------------------------------------------------------------------------------------------------


def _elements(report: Report, index: Index, name: str) -> Sequence[Block]:
    codes = report.instrument.numbers
    table = Table(
        f"Nilai rata-rata (NRR) dan indeks per unsur {name}",
        ("Kode", "Unsur pelayanan", "Jumlah nilai", "Jumlah terisi", "NRR", "Indeks", "Mutu", "Kinerja"),
        [
            (
                codes[element.slug],
                plain(element.name),
                count(element.sum),
                count(element.n),
                figure(None if element.nrr is None else half_up(element.nrr, 4), 4),
                figure(element.index),
                *_graded(element.band),
            )
            for element in index.elements
        ],
        ("left", "left", "right", "right", "right", "right", "center", "left"),
        (0.8, 3.4, 1.1, 1.1, 1, 1, 0.8, 1.6),
        totals=[(Cell(f"{name} unit pelayanan", 5), Cell(figure(index.index)), *map(Cell, _graded(index.band)))],
        names=1,
    )
    if not index.n:
        return [Paragraph("Unsur berikut ditanyakan, tetapi belum ada jawaban yang dapat dinilai:"), table]
    lead = Paragraph(f"Hasil pengolahan {len(index.elements)} unsur {name} adalah sebagai berikut:")
    return [lead, table, _chart(report, index, name)]


def _graded(band: Band | None) -> tuple[str, str]:
    return (band.grade, band.performance) if band else (NOTHING, NOTHING)


def _chart(report: Report, index: Index, name: str) -> Chart:
    codes = report.instrument.numbers
    bars = [
        Bar(
            f"{codes[element.slug]}  {plain(element.name)}",
            _LOWEST if element.index is None else float(element.index),
            f"{figure(element.index)} ({_graded(element.band)[0]})" if element.band else NOTHING,
            _TONES.get(element.band.grade, "plain") if element.band else "plain",
        )
        for element in index.elements
    ]
    zones = [Zone(band.grade, float(band.lowest), figure(band.lowest)) for band in EDITIONS[report.edition][::-1]]
    description = "; ".join(f"{bar.label} {bar.figure}" for bar in bars)
    title = f"Indeks per unsur {name} pada skala 25–100 dan batas mutunya"
    return Chart(title, bars, _LOWEST, _HIGHEST, f"{description}.", zones)


def _priorities(report: Report) -> Sequence[Block]:
    if not report.ranked:
        return [Paragraph("Unsur tertinggi dan terendah belum dapat ditetapkan karena belum ada jawaban.")]
    if not report.priorities:
        return [Paragraph(f"{extremes_sentence(report)} {priorities_sentence(report)}")]
    best = EDITIONS[report.edition][0].grade
    return [
        Paragraph(extremes_sentence(report)),
        Paragraph(
            f"Menurut ketentuan yang dipakai laporan ini, perbaikan diutamakan pada {count(report.most_priorities)} "
            f"unsur dengan nilai terendah di antara unsur yang belum bermutu {best}. Unsur yang nilainya sama tidak "
            "dipisahkan, sehingga jumlahnya dapat lebih banyak. Urutan prioritas perbaikan adalah:"
        ),
        Items([_priority(equals) for equals in report.priorities], numbered=True),
    ]


def _priority(equals: Sequence[ElementIndex]) -> str:
    names = "; ".join(plain(element.name) for element in equals)
    same = " (nilainya sama)" if len(equals) > 1 else ""
    return f"{names}{same}: {_scores(equals[0])}, mutu {_graded(equals[0].band)[0]}."


def priorities_sentence(report: Report) -> str:
    """Which elements are to be improved first, or that there is none."""
    names = [plain(element.name) for equals in report.priorities for element in equals]
    if not names:
        best = EDITIONS[report.edition][0]
        return (
            f"Semua unsur yang dinilai bermutu {best.grade} ({best.performance}), sehingga tidak ada unsur yang "
            "diprioritaskan untuk diperbaiki."
        )
    return f"Unsur yang diprioritaskan untuk diperbaiki adalah {listed(names)}."


def _grade(report: Report) -> Sequence[Block]:
    index = report.index
    return [
        Paragraph(index_sentence(index, "Indeks Kepuasan Masyarakat (IKM)")),
        bands_table(report.edition, "Kedudukan IKM di antara kategori mutu pelayanan", index.band),
    ]


def _ipak(report: Report, ipak: Index) -> Sequence[Block]:
    return [
        Paragraph(
            "IPAK dihitung dengan cara yang sama seperti IKM, dari unsur persepsi anti korupsi. "
            + index_sentence(ipak, "IPAK")
        ),
        *_elements(report, ipak, "IPAK")[1:],
    ]


# -- the other measures -----------------------------------------------------------------------------------------


def _nps(nps: Nps) -> Sequence[Block]:
    groups = [("Promotor", "9–10", nps.promoters), ("Pasif", "7–8", nps.passives), ("Detraktor", "0–6", nps.detractors)]
    return [
        Paragraph(
            "NPS adalah selisih antara persentase responden yang sangat bersedia merekomendasikan layanan (promotor) "
            "dan persentase yang tidak bersedia (detraktor), dari −100 sampai dengan +100 poin. " + nps_sentence(nps)
        ),
        Table(
            "Jawaban atas pertanyaan kesediaan merekomendasikan",
            ("Kelompok", "Nilai jawaban", "Jumlah", "Persentase"),
            [
                (name, values, count(number), percent(half_up(Fraction(100 * number, nps.n), 2) if nps.n else None))
                for name, values, number in groups
            ],
            ("left", "center", "right", "right"),
            (3, 2, 1, 1.2),
            totals=[
                (Cell("Jumlah", 2), Cell(count(nps.n)), Cell("100%" if nps.n else NOTHING)),
                (Cell("NPS (poin)", 3), Cell(figure(nps.score))),
            ],
        ),
    ]


def _csat(csat: Csat) -> Sequence[Block]:
    table = Table(
        "Jawaban atas pertanyaan kepuasan pelanggan",
        ("Tingkat", "Jumlah", "Persentase"),
        [(plain(level.name), count(level.count), percent(level.percent)) for level in csat.levels],
        ("left", "right", "right"),
        (3, 1, 1),
        totals=[(Cell("Jumlah"), Cell(count(csat.n)), Cell("100%" if csat.n else NOTHING))],
    )
    sentence = csat_sentence(csat)
    if not csat.n:
        return [Paragraph(sentence), table]
    bars = [
        Bar(plain(level.name), level.count, f"{count(level.count)} ({percent(level.percent)})") for level in csat.levels
    ]
    most = max(level.count for level in csat.levels)
    return [Paragraph(sentence), table, Chart("Tingkat kepuasan pelanggan", bars, 0, most, sentence)]
