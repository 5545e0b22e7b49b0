"""The sheet "Pengolahan per responden dan per unsur", as the annex of a report has it (docs/domain.md, "Report"):
a row for each respondent, and below the sums, the averages (NRR) and the index, which a spreadsheet computes again.

It says where its figures stand, so that the other sheets refer to them and repeat none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from services.survey_index.domain.instruments import Instrument, Measure
from services.survey_index.domain.skm import ElementIndex, Index
from services.survey_index.report.facts import Report
from services.survey_index.report.xlsx_book import Book, rounded, unless_empty

_TITLES: Mapping[Measure, str] = {
    "ikm": "Nilai unsur pelayanan",
    "ipak": "Persepsi anti korupsi (IPAK)",
    "csat": "CSAT",
    "nps": "NPS",
}
"""The measures, in the order of their columns."""
_HEAD = 4
_PORTRAIT_COLUMNS = 12
_LABEL_WIDTH, _FILLED_WIDTH, _NARROWEST, _BROADEST = 28, 8, 7, 16


@dataclass(frozen=True, slots=True)
class Span:
    """The columns of one element, `first` to `last`; `places` are those of its answers in a row."""

    slug: str
    code: str
    name: str
    measure: Measure
    first: int
    last: int
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the figures of the sheet stand, as addresses from any other sheet."""

    n: str
    respondents: int
    """What `n` comes to: how many answered anything but the score of NPS."""
    nrr: Mapping[str, str]
    """By the slug of the element."""
    index: Mapping[Measure, str]
    answers: Mapping[Measure, str]
    counts: Mapping[Measure, Counter[int]]
    """What stands in `answers`: value → how often."""


def write_answers(book: Book, report: Report) -> Places:
    """Writes the sheet. A missing answer is an empty cell, never 0."""
    writer = _Writer(book, report)
    writer.write_heads()
    writer.write_respondents()
    writer.write_sums()
    writer.write_indices()
    return writer.places()


class _Writer:
    def __init__(self, book: Book, report: Report) -> None:
        self._report = report
        self._spans = _spans(report.instrument)
        self._deep = any(span.first < span.last for span in self._spans)
        self._filled = self._spans[-1].last + 1
        self._first = _HEAD + (4 if self._deep else 3)
        # a sheet without respondents keeps one empty row, so that every range is one
        self._last = self._first + max(len(report.rows), 1) - 1
        self._sums = self._last + 1
        self._nrr = self._sums + (3 if self._deep else 2)
        indices: Mapping[Measure, Index | None] = {"ikm": report.index, "ipak": report.ipak}
        self._scored = {measure: index for measure, index in indices.items() if index and index.elements}
        answers = [row.answers for row in report.rows]
        self._counts = [Counter(column) for column in zip(*answers, strict=True)] if answers else []
        self._question_places = [place for span in self._spans if span.measure != "nps" for place in span.places]
        widths = [_width(span) for span in self._spans for _ in span.places]
        self._sheet = book.sheet(
            "Pengolahan", [_LABEL_WIDTH, *widths, _FILLED_WIDTH], landscape=self._filled > _PORTRAIT_COLUMNS
        )

    def write_heads(self) -> None:
        """What each column is: the measure, U1 …, the element's name, and its questions where it has several."""
        sheet, bottom = self._sheet, self._first - 1
        sheet.titles("Pengolahan per responden dan per unsur")
        for column, name in ((0, "No. responden"), (self._filled, "Terisi")):
            sheet.join(_HEAD, column, bottom, column, "head")
            sheet.text(_HEAD, column, name, "head")
        for measure, spans in self._blocks().items():
            sheet.join(_HEAD, spans[0].first, _HEAD, spans[-1].last, "head")
            sheet.text(_HEAD, spans[0].first, _TITLES[measure], "head")
        for span in self._spans:
            several = span.first < span.last
            for row, last, text in (
                (_HEAD + 1, _HEAD + 1, span.code),
                (_HEAD + 2, _HEAD + 2 if several else bottom, span.name),
            ):
                sheet.join(row, span.first, last, span.last, "small_head")
                sheet.text(row, span.first, text, "small_head")
            for part in range(len(span.places) if several else 0):
                sheet.text(bottom, span.first + part, f"{span.code}.{part + 1}", "small_head")
        sheet.worksheet.set_row(_HEAD + 2, 62)
        sheet.worksheet.freeze_panes(self._first, 1)
        sheet.worksheet.repeat_rows(_HEAD, bottom)

    def write_respondents(self) -> None:
        worksheet, centre, whole = self._sheet.worksheet, *map(self._sheet.book.format, ("centre", "whole"))
        columns = [(column, place) for span in self._spans for column, place in enumerate(span.places, span.first)]
        asked = len(self._question_places)
        labelled = zip(self._report.labels, self._report.rows, strict=True)
        for row, (label, told) in enumerate(labelled, start=self._first):
            worksheet.write_string(row, 0, label, centre)
            for column, place in columns:
                value = told.answers[place]
                if value is None:
                    worksheet.write_blank(row, column, None, whole)
                else:
                    worksheet.write_number(row, column, value, whole)
            filled = sum(told.answers[place] is not None for place in self._question_places)
            formula = f"=COUNT({xl_range(row, 1, row, asked)})" if asked else "=0"
            worksheet.write_formula(row, self._filled, formula, whole, filled)
        worksheet.ignore_errors({"number_stored_as_text": xl_range(self._first, 0, self._last, 0)})

    def write_sums(self) -> None:
        """For each question the sum, how many answered it, and its average if its element has others."""
        each = "per pertanyaan" if self._deep else "per unsur"
        names = [f"Jumlah nilai {each}", "Jumlah terisi", "Rata-rata per pertanyaan"]
        for row, name in enumerate(names[: self._nrr - self._sums], start=self._sums):
            self._sheet.text(row, 0, name, "label")
        for span in self._spans:
            for column, place in enumerate(span.places, span.first):
                n, total = self._answered_at(place)
                cells = xl_range(self._first, column, self._last, column)
                self._sheet.formula(self._sums, column, f"=SUM({cells})", total, "total_whole")
                self._sheet.formula(self._sums + 1, column, f"=COUNT({cells})", n, "total_whole")
                if self._deep and span.measure in self._scored:
                    value = Fraction(total, n) if n else None
                    self._sheet.formula(self._sums + 2, column, f"={self._mean(column)}", value, "total_four")

    def write_indices(self) -> None:
        """For each element NRR, weight and both together; for each measure its index."""
        if not self._scored:
            return
        last = "Indeks (IKM)" if list(self._scored) == ["ikm"] else "Indeks"
        for row, name in enumerate(("NRR per unsur", "Bobot", "NRR tertimbang per unsur", last), start=self._nrr):
            self._sheet.text(row, 0, name, "label")
        for measure, index in self._scored.items():
            spans = self._blocks()[measure]
            for span, element in zip(spans, index.elements, strict=True):
                self._write_element(span, element)
            first, last_column, row = spans[0].first, spans[-1].last, self._nrr + 3
            weighted = xl_range(row - 1, first, row - 1, last_column)
            self._sheet.join(row, first, row, last_column, measure)
            formula = f'=IF(COUNT({weighted})<{len(spans)},"",{rounded(f"SUM({weighted})*25")})'
            self._sheet.formula(row, first, formula, index.index, measure)

    def _write_element(self, span: Span, element: ElementIndex) -> None:
        rows = range(self._nrr, self._nrr + 3)
        for row in rows:
            self._sheet.join(row, span.first, row, span.last, "total_four")
        nrr, weight = (xl_rowcol_to_cell(row, span.first) for row in rows[:2])
        exact = f"={element.weight.numerator}/{element.weight.denominator}"
        product = element.nrr * element.weight if element.nrr is not None else None
        self._sheet.formula(rows[0], span.first, f"={self._nrr_of(span)}", element.nrr, "total_four")
        self._sheet.formula(rows[1], span.first, exact, element.weight, "total_four")
        self._sheet.formula(rows[2], span.first, unless_empty(nrr, f"{nrr}*{weight}"), product, "total_four")

    def _nrr_of(self, span: Span) -> str:
        """The mean of the answers, or of the questions' means; nothing while a question has no answer."""
        if span.first == span.last:
            return self._mean(span.first)
        filled = xl_range(self._sums + 1, span.first, self._sums + 1, span.last)
        means = xl_range(self._sums + 2, span.first, self._sums + 2, span.last)
        return f'IF(MIN({filled})=0,"",AVERAGE({means}))'

    def _mean(self, column: int) -> str:
        total, filled = xl_rowcol_to_cell(self._sums, column), xl_rowcol_to_cell(self._sums + 1, column)
        return f'IF({filled}=0,"",{total}/{filled})'

    def _answered_at(self, place: int) -> tuple[int, int]:
        """How many answered the question at `place`, and the sum of their answers."""
        counts = self._values([place])
        return counts.total(), sum(value * count for value, count in counts.items())

    def _values(self, places: Sequence[int]) -> Counter[int]:
        counts: Counter[int] = Counter()
        for place in places if self._counts else ():
            counts.update({value: count for value, count in self._counts[place].items() if value is not None})
        return counts

    def _blocks(self) -> Mapping[Measure, Sequence[Span]]:
        return {measure: list(spans) for measure, spans in groupby(self._spans, key=lambda span: span.measure)}

    def places(self) -> Places:
        sheet, blocks = self._sheet, self._blocks()
        filled = sheet.area(self._first, self._filled, self._last, self._filled)
        return Places(
            n=f'COUNTIF({filled},">0")',
            respondents=sum(
                any(row.answers[place] is not None for place in self._question_places) for row in self._report.rows
            ),
            nrr={span.slug: sheet.cell(self._nrr, span.first) for span in self._spans},
            index={measure: sheet.cell(self._nrr + 3, blocks[measure][0].first) for measure in self._scored},
            answers={
                measure: sheet.area(self._first, spans[0].first, self._last, spans[-1].last)
                for measure, spans in blocks.items()
            },
            counts={
                measure: self._values([place for span in spans for place in span.places])
                for measure, spans in blocks.items()
            },
        )


def _spans(instrument: Instrument) -> Sequence[Span]:
    codes = instrument.numbers
    numbers = {question.code: place for place, question in enumerate(instrument.questions)}
    spans = []
    column = 1
    for element in (element for measure in _TITLES for element in instrument.of(measure)):
        places = [numbers[question.code] for question in instrument.questions if question.element == element.slug]
        code = codes.get(element.slug, "")
        spans.append(
            Span(element.slug, code, element.name.id, element.measure, column, column + len(places) - 1, places)
        )
        column += len(places)
    return spans


def _width(span: Span) -> float:
    """The longest word of an element's name is not to be broken; its questions share the room."""
    longest = max(map(len, span.name.split()))
    return max(_NARROWEST, min(_BROADEST, longest * 0.9 + 1.5) / len(span.places))
