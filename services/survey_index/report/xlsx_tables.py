"""The sheets that are a table each: elements, profile, suggestions, plan of follow-up, bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from services.survey_index.domain.editions import EDITION_NAMES, EDITIONS
from services.survey_index.domain.profile import FIELD_NAMES, PROFILE
from services.survey_index.domain.skm import Index
from services.survey_index.models import FollowUp
from services.survey_index.report.facts import Report, Share
from services.survey_index.report.xlsx_answers import Places
from services.survey_index.report.xlsx_book import Book, Sheet, rounded, unless_empty

TOP = 4
"""The row of a table's header: title and lines stand above."""
_ROW_PIXELS = 20


@dataclass(frozen=True, slots=True)
class Grades:
    """Where the bands stand: an index, rounded to two decimals before, is looked up among their lower bounds."""

    lowest: str
    bounds: str
    grades: str
    performances: str

    def grade(self, index: str) -> str:
        return self._look_up(index, self.grades)

    def performance(self, index: str) -> str:
        return self._look_up(index, self.performances)

    def _look_up(self, index: str, answers: str) -> str:
        # truncated weights may push an index below the lowest bound: that is D all the same
        return unless_empty(index, f"LOOKUP(MAX({index},{self.lowest}),{self.bounds},{answers})")


def write_bands(book: Book, report: Report) -> Grades:
    """The bands from D to A, as a look-up needs them. A band ends where the next begins, less a hundredth."""
    sheet = book.sheet("Kategori", (16, 24, 20, 20))
    sheet.titles(f"Kategori mutu pelayanan menurut {EDITION_NAMES[report.edition]}")
    sheet.head(TOP, ("Mutu pelayanan", "Kinerja unit pelayanan", "Nilai konversi dari", "sampai dengan"))
    sheet.keep(TOP)
    bands = EDITIONS[report.edition][::-1]
    first, last = TOP + 1, TOP + len(bands)
    for row, band in enumerate(bands, start=first):
        sheet.text(row, 0, band.grade, "word")
        sheet.text(row, 1, band.performance, "word")
        sheet.number(row, 2, float(band.lowest), "two")
        if row < last:
            above = bands[row - first + 1].lowest
            sheet.formula(row, 3, f"=ROUND({sheet.cell(row + 1, 2)}-0.01,2)", above - Decimal("0.01"), "two")
        else:
            sheet.number(row, 3, 100, "two")
    grades, performances, bounds = (sheet.area(first, column, last, column) for column in range(3))
    return Grades(sheet.cell(first, 2), bounds, grades, performances)


def write_elements(sheet: Sheet, report: Report, places: Places, grades: Grades) -> None:
    """NRR, index and grade of each element, with a chart; those of IPAK below, if it was asked."""
    sheet.titles("Nilai per unsur pelayanan")
    told = (("Indeks per unsur pelayanan", report.index), ("Indeks per unsur IPAK", report.ipak))
    tables = [(title, index) for title, index in told if index and index.elements]
    row = TOP
    for title, index in tables:
        row = _write_table(sheet, row, title, index, report, places, grades)
    if not tables:
        sheet.text(row, 1, "Kuesioner ini tidak menilai unsur pelayanan.")


def _write_table(
    sheet: Sheet, top: int, title: str, index: Index, report: Report, places: Places, grades: Grades
) -> int:
    """The table and its chart; returns the row that is free below."""
    codes = report.instrument.numbers
    sheet.head(top, ("No.", "Unsur", "NRR", "Indeks", "Mutu", "Kinerja"))
    for row, element in enumerate(index.elements, start=top + 1):
        nrr, figure = sheet.cell(row, 2), sheet.cell(row, 3)
        grade, performance = (element.band.grade, element.band.performance) if element.band else (None, None)
        sheet.text(row, 0, codes[element.slug], "centre")
        sheet.text(row, 1, element.name)
        sheet.formula(row, 2, f"={places.nrr[element.slug]}", element.nrr, "four")
        sheet.formula(row, 3, unless_empty(nrr, rounded(f"{nrr}*25")), element.index, "two")
        sheet.formula(row, 4, grades.grade(figure), grade, "word")
        sheet.formula(row, 5, grades.performance(figure), performance, "word")
    last = top + len(index.elements)
    names, values = sheet.area(top + 1, 1, last, 1), sheet.area(top + 1, 3, last, 3)
    if not any(element.n for element in index.elements):
        return last + 3
    pixels = sheet.bars(last + 2, 0, names, values, title=title, count=len(index.elements), width=720)
    return last + 4 + ceil(pixels / _ROW_PIXELS)


def write_profile(book: Book, report: Report) -> None:
    """Who answered: a table and a chart for each thing that was asked of the respondents."""
    sheet = book.sheet("Profil", (6, 34, 11, 16, 2, 62))
    sheet.titles("Profil responden")
    row = TOP
    for field in PROFILE:
        shares = report.profile.get(field, ())
        if shares:
            row = _write_shares(sheet, row, FIELD_NAMES[field], shares)


def _write_shares(sheet: Sheet, top: int, title: str, shares: Sequence[Share]) -> int:
    sheet.head(top, ("No.", title, "Jumlah", "Persentase (%)"))
    total = top + 1 + len(shares)
    n = sum(share.count for share in shares)
    for row, share in enumerate(shares, start=top + 1):
        sheet.number(row, 0, row - top, "whole")
        sheet.text(row, 1, share.name)
        sheet.number(row, 2, share.count, "whole")
        sheet.formula(row, 3, _percent(sheet, row, total), share.percent, "two")
    sheet.text(total, 0, "", "total")
    sheet.text(total, 1, "Jumlah", "label")
    # counts, not the rounded percentages, make the last one: those of the Kubu Raya report add to 99,99
    sheet.formula(total, 2, f"=SUM({sheet.area(top + 1, 2, total - 1, 2)})", n, "total_whole")
    sheet.formula(total, 3, _percent(sheet, total, total), 100 if n else None, "total_two")
    names, values = sheet.area(top + 1, 1, total - 1, 1), sheet.area(top + 1, 3, total - 1, 3)
    if n == 0:
        return total + 3
    pixels = sheet.bars(top, 5, names, values, title=f"{title} (%)", count=len(shares), width=440)
    return max(total, top + ceil(pixels / _ROW_PIXELS)) + 2


def _percent(sheet: Sheet, row: int, total: int) -> str:
    part, whole = sheet.cell(row, 2), sheet.cell(total, 2)
    return f'=IF({whole}=0,"",{rounded(f"100*{part}/{whole}")})'


def write_suggestions(book: Book, report: Report) -> None:
    """What the citizens wrote, by the element that it is about."""
    sheet = book.sheet("Saran", (6, 34, 80))
    sheet.titles("Saran dan masukan")
    sheet.head(TOP, ("No.", "Unsur", "Saran"))
    sheet.keep(TOP)
    names = _names(report)
    row = TOP
    for slug in [*names, *(slug for slug in report.suggestions if slug not in names)]:
        for suggestion in report.suggestions.get(slug, ()):
            row += 1
            sheet.number(row, 0, row - TOP, "whole")
            sheet.text(row, 1, names.get(slug, slug))
            sheet.text(row, 2, suggestion)
    if row == TOP:
        sheet.text(row + 1, 2, "Data yang diolah tidak memuat saran.")


def write_follow_ups(book: Book, report: Report) -> None:
    """The plan of follow-up, with what of it is done: realised / planned."""
    sheet = book.sheet("Tindak lanjut", (6, 26, 48, 26, 19, 11, 11, 11), landscape=True)
    sheet.titles("Rencana tindak lanjut")
    heads = ("No.", "Unsur", "Tindakan", "Penanggung jawab", "Tenggat", "Rencana", "Realisasi", "Capaian")
    sheet.head(TOP, heads)
    sheet.keep(TOP)
    names = _names(report)
    for row, line in enumerate(report.follow_ups, start=TOP + 1):
        sheet.number(row, 0, row - TOP, "whole")
        sheet.text(row, 1, names.get(line.element, line.element))
        sheet.text(row, 2, line.action)
        sheet.text(row, 3, line.responsible)
        sheet.day(row, 4, line.due_on, "date")
        sheet.number(row, 5, line.planned, "whole")
        sheet.number(row, 6, line.realised, "whole")
        sheet.formula(row, 7, _progress(sheet, row), _share(line.realised, line.planned), "percent")
    if report.follow_ups:
        _write_progress(sheet, report.follow_ups)
    else:
        sheet.text(TOP + 1, 2, "Belum ada rencana tindak lanjut yang dicatat.")


def _write_progress(sheet: Sheet, lines: Sequence[FollowUp]) -> None:
    row = TOP + 1 + len(lines)
    sheet.join(row, 0, row, 4, "label")
    sheet.text(row, 0, "Jumlah", "label")
    planned, realised = sum(line.planned for line in lines), sum(line.realised for line in lines)
    for column, value in ((5, planned), (6, realised)):
        cells = sheet.area(TOP + 1, column, row - 1, column)
        sheet.formula(row, column, f"=SUM({cells})", value, "total_whole")
    sheet.formula(row, 7, _progress(sheet, row), _share(realised, planned), "total_percent")


def _progress(sheet: Sheet, row: int) -> str:
    planned, realised = sheet.cell(row, 5), sheet.cell(row, 6)
    return f'=IF({planned}=0,"",{realised}/{planned})'


def _share(realised: int, planned: int) -> float | None:
    return realised / planned if planned else None


def _names(report: Report) -> dict[str, str]:
    """What an element is called, by its slug; what is about none stands last."""
    return {element.slug: element.name.id for element in report.instrument.elements} | {"": "Umum"}
