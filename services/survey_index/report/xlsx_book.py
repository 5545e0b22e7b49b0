"""The hand that writes a workbook: styles, paper, and formulas that carry their value. It knows no survey.

A text is written as a text whatever it begins with: what a citizen wrote is never a formula. Each formula goes out
with the value that it comes to, for readers that show a workbook without calculating it.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

_INK, _PALE, _GREY, _LINE = "#1F4E79", "#DDEBF7", "#595959", "#BFBFBF"
_A4 = 9
_LONGEST_FOOTER = 120
_LINE_POINTS, _TITLE_POINTS, _TALLEST_POINTS = 15, 20, 405
_WRAPPED = ("text", "label")
_TALL_POINTS = {"large": 28, "ikm": 20, "ipak": 20}
_CHART_HEAD_PIXELS, _BAR_PIXELS = 80, 28
_AXIS = 112
"""Percentages end at 100; the rest of the axis is room for their figures."""
_CELL = {"border": 1, "border_color": _LINE, "valign": "vcenter"}
_CENTRED = {**_CELL, "align": "center"}
_LEFT = {**_CELL, "align": "left", "indent": 1}
_TOTAL = {**_CENTRED, "bold": True, "bg_color": _PALE}
STYLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "font_color": _INK, "text_wrap": True},
    "subtitle": {"font_color": _GREY, "text_wrap": True, "valign": "top"},
    "section": {**_LEFT, "bold": True, "font_color": "white", "bg_color": _INK},
    "head": {**_CENTRED, "bold": True, "font_color": "white", "bg_color": _INK, "text_wrap": True},
    "small_head": {**_CENTRED, "bg_color": _PALE, "text_wrap": True, "font_size": 9},
    "label": {**_LEFT, "bold": True, "bg_color": _PALE, "text_wrap": True},
    # quoted: who edits such a cell still has a text, and no formula
    "text": {**_LEFT, "text_wrap": True, "quote_prefix": True},
    "centre": {**_CENTRED, "quote_prefix": True},
    "word": _CENTRED,
    "said": {**_LEFT},
    "whole": {**_CENTRED, "num_format": "0"},
    "two": {**_CENTRED, "num_format": "0.00"},
    "four": {**_CENTRED, "num_format": "0.0000"},
    "percent": {**_CENTRED, "num_format": "0.0%"},
    "date": {**_CENTRED, "num_format": "[$-421]d mmmm yyyy"},
    "figure": {**_LEFT, "num_format": "0.00"},
    "count": {**_LEFT, "num_format": "0"},
    "day": {**_LEFT, "num_format": "[$-421]d mmmm yyyy"},
    "large": {**_LEFT, "num_format": "0.00", "bold": True, "font_size": 18, "font_color": _INK},
    "total": _TOTAL,
    "total_whole": {**_TOTAL, "num_format": "0"},
    "total_two": {**_TOTAL, "num_format": "0.00"},
    "total_four": {**_TOTAL, "num_format": "0.0000"},
    "total_percent": {**_TOTAL, "num_format": "0.0%"},
    "ikm": {**_TOTAL, "num_format": '"IKM "0.00', "font_size": 12},
    "ipak": {**_TOTAL, "num_format": '"IPAK "0.00', "font_size": 12},
}

Figure = Fraction | Decimal | float | str | None


def rounded(expression: str) -> str:
    """Half up to two decimals, as a spreadsheet can.

    Its numbers are binary: forty respondents whose index is 56.875 come to 56.874999999999986, which is 56.87. The
    inner rounding takes that dust away, far below what counts of answers can differ by, so the outer one rounds once.
    """
    return f"ROUND(ROUND({expression},10),2)"


def unless_empty(reference: str, expression: str) -> str:
    """Nothing from nothing: without answers a cell stays empty and never says #DIV/0!."""
    return f'=IF({reference}="","",{expression})'


class Book:
    """A workbook in the making. The same report makes the same bytes."""

    def __init__(self, *, title: str, author: str, made_on: date, lines: Sequence[str]) -> None:
        self.lines = lines
        self._stream = io.BytesIO()
        self.workbook = Workbook(self._stream, {"in_memory": True})
        created = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - a day, as the format has it
        self.workbook.set_properties(
            {"title": title, "author": author, "company": author, "subject": "Survei Kepuasan Masyarakat"}
            | {"created": created}
        )
        self._formats: dict[str, Any] = {}
        self._footer = title.replace("&", "&&")[:_LONGEST_FOOTER]

    def format(self, style: str) -> Any:
        if style not in self._formats:
            self._formats[style] = self.workbook.add_format(dict(STYLES[style]))
        return self._formats[style]

    def sheet(self, name: str, widths: Sequence[float], *, landscape: bool = False) -> "Sheet":
        """A new sheet at the end, on A4, as wide as the paper."""
        worksheet = self.workbook.add_worksheet(name)
        worksheet.hide_gridlines(2)
        worksheet.set_paper(_A4)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        worksheet.set_footer(f"&L&8{self._footer}&C&8{name}&R&8Halaman &P dari &N")
        if landscape:
            worksheet.set_landscape()
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        return Sheet(self, name, worksheet, widths)

    def bytes(self) -> bytes:
        self.workbook.close()
        return self._stream.getvalue()


class Sheet:
    """One sheet; rows and columns count from 0, as XlsxWriter does."""

    def __init__(self, book: Book, name: str, worksheet: Any, widths: Sequence[float]) -> None:
        self.book = book
        self.name = name
        self.worksheet = worksheet
        self._widths = widths
        self._points: dict[int, int] = {}

    def cell(self, row: int, column: int) -> str:
        """The address from any sheet: `'Unsur'!$B$3`."""
        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def area(self, first_row: int, first_column: int, last_row: int, last_column: int) -> str:
        return f"'{self.name}'!{xl_range_abs(first_row, first_column, last_row, last_column)}"

    def titles(self, title: str) -> None:
        """The title of the sheet, and below it the lines of the book, none wider than the sheet."""
        room = sum(self._widths)
        for row, line in enumerate((title, *self.book.lines)):
            style = "subtitle" if row else "title"
            self.join(row, 0, row, len(self._widths) - 1, style)
            self.text(row, 0, line, style)
            self._make_room(row, (_LINE_POINTS if row else _TITLE_POINTS) * _lines(line, room))

    def head(self, row: int, names: Sequence[str]) -> None:
        """The header of a table."""
        for column, name in enumerate(names):
            self.text(row, column, name, "head")

    def keep(self, row: int) -> None:
        """Keeps a header in sight, and repeats it on every page."""
        self.worksheet.freeze_panes(row + 1, 0)
        self.worksheet.repeat_rows(row)

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        self.worksheet.write_string(row, column, text, self.book.format(style))
        if style in _WRAPPED:
            self._make_room(row, _LINE_POINTS * _lines(text, self._widths[column]))

    def number(self, row: int, column: int, number: float, style: str) -> None:
        self.worksheet.write_number(row, column, number, self.book.format(style))

    def day(self, row: int, column: int, day: date, style: str) -> None:
        self.worksheet.write_datetime(row, column, day, self.book.format(style))

    def formula(self, row: int, column: int, formula: str, value: Figure, style: str) -> None:
        """A formula and what it comes to; None is an empty text."""
        known = "" if value is None else value if isinstance(value, str) else float(value)
        self.worksheet.write_formula(row, column, formula, self.book.format(style), known)
        self._make_room(row, _TALL_POINTS.get(style, 0))

    def join(self, row: int, column: int, last_row: int, last_column: int, style: str) -> None:
        """One cell out of several, to be written afterwards; of a single one nothing is to be made."""
        if (row, column) != (last_row, last_column):
            self.worksheet.merge_range(row, column, last_row, last_column, "", self.book.format(style))

    def _make_room(self, row: int, points: int) -> None:
        """Makes a row as tall as its tallest text: not every program does when it opens a file."""
        points = min(points, _TALLEST_POINTS)
        if points > self._points.get(row, _LINE_POINTS):
            self._points[row] = points
            self.worksheet.set_row(row, points)

    def bars(self, row: int, column: int, names: str, values: str, *, title: str, count: int, width: int) -> int:
        """A chart of `count` lying bars from 0 to 100, the first on top. Returns its height in pixels."""
        height = _CHART_HEAD_PIXELS + _BAR_PIXELS * max(count, 2)
        chart = self.book.workbook.add_chart({"type": "bar"})
        labels = {"value": True, "num_format": "0.00", "font": {"size": 9}}
        fill = {"color": _INK}
        chart.add_series(
            {"categories": f"={names}", "values": f"={values}", "data_labels": labels, "fill": fill, "gap": 45}
        )
        chart.set_title({"name": title, "name_font": {"size": 12, "color": _INK}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "line": {"color": _LINE}})
        chart.set_x_axis({"min": 0, "max": _AXIS, "visible": False, "major_gridlines": {"visible": False}})
        chart.set_size({"width": width, "height": height})
        self.worksheet.insert_chart(row, column, chart)
        return height


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, rather one too many than one too few."""
    return sum(max(1, ceil(len(line) / (1.05 * width - 2))) for line in text.splitlines() or [""])
