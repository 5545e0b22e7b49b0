"""A report as a workbook whose figures a spreadsheet computes again from the answers in it. Nothing is decided here:
`Report` has the figures, and each formula comes to the figure that the report has.
"""

from collections.abc import Mapping

from services.survey_index.domain.csat import Csat
from services.survey_index.domain.editions import EDITION_NAMES
from services.survey_index.domain.instruments import Measure
from services.survey_index.domain.nps import LABELS, Nps
from services.survey_index.domain.sampling import Adequacy
from services.survey_index.domain.skm import Index, Missing
from services.survey_index.report.facts import Report
from services.survey_index.report.questionnaire import questionnaire_name
from services.survey_index.report.wording import period_days, period_name
from services.survey_index.report.xlsx_answers import Places, write_answers
from services.survey_index.report.xlsx_book import Book, Figure, Sheet, rounded
from services.survey_index.report.xlsx_tables import (
    TOP,
    Grades,
    write_bands,
    write_elements,
    write_follow_ups,
    write_profile,
    write_suggestions,
)

_MISSING: Mapping[Missing, str] = {
    "per_question": "Setiap pertanyaan dibagi jumlah jawaban yang terisi",
    "complete_rows": "Hanya kuesioner yang terisi lengkap yang dihitung",
}
_Z95 = "1.959963984540054"


def to_xlsx(report: Report) -> bytes:
    """The workbook; the same report gives the same bytes."""
    period = f"{period_name(report.period)}: {period_days(report.period, n=report.index.n)}"
    lines = (report.title, " · ".join(filter(None, (report.unit, period))))
    book = Book(title=report.title, author=report.unit, made_on=report.made_on, lines=lines)
    summary = book.sheet("Ringkasan", (40, 55))
    places = write_answers(book, report)
    elements = book.sheet("Unsur", (6, 44, 11, 11, 11, 18))
    write_profile(book, report)
    write_suggestions(book, report)
    write_follow_ups(book, report)
    grades = write_bands(book, report)
    write_elements(elements, report, places, grades)
    _Summary(summary, report, places, grades).write()
    return book.bytes()


class _Summary:
    """The first sheet, from top to bottom: what was asked, what came out, and of how many."""

    def __init__(self, sheet: Sheet, report: Report, places: Places, grades: Grades) -> None:
        self._sheet = sheet
        self._report = report
        self._places = places
        self._grades = grades
        self._row = TOP - 1

    def write(self) -> None:
        report = self._report
        self._sheet.titles("Ringkasan survei kepuasan masyarakat")
        self._write_survey()
        n = self._write_n()
        if report.index.elements:
            self._write_index("ikm", "Indeks Kepuasan Masyarakat (IKM)", report.index)
        if report.ipak and report.ipak.elements:
            self._write_index("ipak", "Indeks Persepsi Anti Korupsi (IPAK)", report.ipak)
        self._write_adequacy(report.adequacy, n)
        if report.nps:
            self._write_nps(report.nps)
        if report.csat and report.csat.levels:
            self._write_csat(report.csat)

    def _write_survey(self) -> None:
        report = self._report
        self._section("Survei")
        self._text("Unit pelayanan", report.unit)
        if report.services:
            self._text("Layanan", ", ".join(report.services))
        if report.channel:
            self._text("Hanya saluran", report.channel)
        self._text(period_name(report.period), period_days(report.period, n=report.index.n))
        if report.astride:
            self._text("Tidak dihitung, karena harinya tidak pasti", f"{report.astride} responden")
        self._text("Kuesioner", questionnaire_name(report))
        if report.index.elements:
            self._text("Kategori mutu menurut", EDITION_NAMES[report.edition])
            self._text("Bobot unsur", self._weights())
        self._text("Jawaban yang kosong", _MISSING[report.missing])
        self._sheet.day(self._label("Dibuat pada"), 1, report.made_on, "day")

    def _weights(self) -> str:
        if self._report.weighting != "exact":
            return f"{self._report.weighting.replace('.', ',')} (dipangkas, untuk mengulang angka yang pernah terbit)"
        own = self._report.instrument.has_own_weights
        return "Menurut kuesioner" if own else f"1/{len(self._report.index.elements)}"

    def _write_n(self) -> str:
        self._section("Responden")
        return self._figure("Jumlah responden (n)", f"={self._places.n}", self._places.respondents, "count")

    def _write_index(self, measure: Measure, title: str, index: Index) -> None:
        grade, performance = (index.band.grade, index.band.performance) if index.band else (None, None)
        self._section(title)
        figure = self._figure(measure.upper(), f"={self._places.index[measure]}", index.index, "large")
        self._figure("Mutu pelayanan", self._grades.grade(figure), grade, "large")
        self._figure("Kinerja unit pelayanan", self._grades.performance(figure), performance, "said")

    def _write_adequacy(self, adequacy: Adequacy, n: str) -> None:
        self._section("Kecukupan responden (Krejcie dan Morgan)")
        if adequacy.population is None or adequacy.required is None:
            self._text("Populasi (N)", "Tidak diketahui")
            return
        population = self._number("Populasi (N)", adequacy.population)
        size = f"3.841*{population}*0.25/(0.05^2*({population}-1)+3.841*0.25)"
        formula = f"=MIN({population},ROUND({size},0))"
        required = self._figure("Responden yang diperlukan", formula, adequacy.required, "count")
        reached = self._counted("Responden yang tercapai", n, self._places.respondents, adequacy.reached)
        said = "Cukup" if adequacy.is_enough else "Belum cukup"
        self._figure("Kecukupan", f'=IF({reached}>={required},"Cukup","Belum cukup")', said, "said")

    def _write_nps(self, nps: Nps) -> None:
        self._section("Net Promoter Score (NPS)")
        levels = (("Promotor (9–10)", 9, 10), ("Pasif (7–8)", 7, 8), ("Detraktor (0–6)", 0, 6))
        known = (nps.promoters, nps.passives, nps.detractors)
        cells = [
            self._answers(name, "nps", low, high, count) for (name, low, high), count in zip(levels, known, strict=True)
        ]
        p, _, d = cells
        n = self._figure("Jumlah jawaban", f"={'+'.join(cells)}", nps.n, "count")
        score = f"100*({p}-{d})/{n}"
        self._figure("NPS", _unless_none(n, rounded(score)), nps.score, "large")
        low, high = nps.interval or (None, None)
        middle, spread = f"100*({p}-{d})/({n}+3)", f"({p}+{d}+1.5)/({n}+3)-(({p}-{d})/({n}+3))^2"
        margin = f"{_Z95}*100*SQRT(({spread})/({n}+3))"
        lower, upper = rounded(f"MAX(-100,{middle}-{margin})"), rounded(f"MIN(100,{middle}+{margin})")
        self._figure("Selang kepercayaan 95%, dari", _unless_none(n, lower), low, "figure")
        self._figure("Selang kepercayaan 95%, sampai", _unless_none(n, upper), high, "figure")
        label = '""'
        for above, name in reversed(LABELS):
            label = f'IF({score}>{above},"{name}",{label})'
        self._figure("Sebutan", _unless_none(n, label), nps.label, "said")

    def _write_csat(self, csat: Csat) -> None:
        self._section("Kepuasan dalam tiga tingkat (CSAT)")
        cells = [self._answers(level.name, "csat", level.value, level.value, level.count) for level in csat.levels]
        n = self._figure("Jumlah jawaban", f"={'+'.join(cells)}", csat.n, "count")
        for cell, level in zip(cells, csat.levels, strict=True):
            self._figure(f"{level.name} (%)", _unless_none(n, rounded(f"100*{cell}/{n}")), level.percent, "figure")

    def _answers(self, name: str, measure: Measure, low: int, high: int, expected: int) -> str:
        """How many answers of a measure lie from `low` to `high`."""
        area = self._places.answers.get(measure, "")
        found = sum(self._places.counts[measure][value] for value in range(low, high + 1)) if area else 0
        formula = f'COUNTIFS({area},">={low}",{area},"<={high}")' if area else ""
        return self._counted(name, formula, found, expected)

    def _counted(self, name: str, formula: str, in_sheet: int, expected: int) -> str:
        """A count as a formula if that comes to what is known; else of other answers than the sheet has, and a number.

        A score of NPS counts even if the policy lets only complete questionnaires into the sheet.
        """
        if formula and in_sheet == expected:
            return self._figure(name, f"={formula}", expected, "count")
        return self._number(name, expected)

    def _section(self, title: str) -> None:
        self._row += 2 if self._row >= TOP else 1
        self._sheet.text(self._row, 0, title, "section")
        self._sheet.text(self._row, 1, "", "section")

    def _label(self, name: str) -> int:
        self._row += 1
        self._sheet.text(self._row, 0, name, "label")
        return self._row

    def _text(self, name: str, text: str) -> None:
        self._sheet.text(self._label(name), 1, text)

    def _number(self, name: str, number: int) -> str:
        row = self._label(name)
        self._sheet.number(row, 1, number, "count")
        return self._sheet.cell(row, 1)

    def _figure(self, name: str, formula: str, value: Figure, style: str) -> str:
        """A line with a formula; returns its address."""
        row = self._label(name)
        self._sheet.formula(row, 1, formula, value, style)
        return self._sheet.cell(row, 1)


def _unless_none(n: str, expression: str) -> str:
    return f'=IF({n}=0,"",{expression})'
