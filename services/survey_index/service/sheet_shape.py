"""The shape of a sheet, from its XML: how far its cells go, and what a person at the screen does not see of them, or
sees otherwise than a program does. Values are not read here; memory does not grow with the sheet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.xml.constants import SHEET_MAIN_NS

from services.survey_index.domain.sheet.bounds import LONGEST_ROW, MOST_COLUMNS, MOST_ROWS, TooMuch
from services.survey_index.domain.sheet.rules import MOST_FAULTS, Faults
from services.survey_index.service.xml_scan import DEEPEST, EXCEL, LONGEST_TEXT, Scan

_MOST_CELLS = 20_000_000
"""Empty ones, and those that the file leaves out between others, count as well: each takes its time."""
_MOST_CELLS_IN_A_ROW = 16_384
_MOST_IN_A_ROW = 100_000
"""Elements of one row: its reader holds a row until it ends."""
_MOST_BESIDE = 100_000
"""Elements beside the rows, such as links and rules for colours: its reader holds them until the sheet ends."""
_MOST_DOUBTFUL = 10_000
"""Formulas without a value, and merged areas: of a row of sums they are no fault, and so all of them are remembered."""
_UNMERGED = "a cell for each answer: unmerge the cells"
_LONGEST_AREA = 40
_CELL, _ROW, _FORMULA, _COLUMN, _MERGED = (f"{SHEET_MAIN_NS} {name}" for name in ("c", "row", "f", "col", "mergeCell"))
_VALUES = frozenset(f"{SHEET_MAIN_NS} {name}" for name in ("v", "t"))

Place = tuple[int, int]
"""A row and a column, both counted from 1 as a spreadsheet does."""


@dataclass(frozen=True, slots=True, order=True)
class Merged:
    """An area of cells that were made one: in which rows it is, and its fault (place, message, expected)."""

    first_row: int
    last_row: int
    fault: tuple[str, str, str]


class Shape(Scan):
    """How far the cells of a sheet go, and what a row of values does not tell. `place` names it in a refusal."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.last_row = self.last_column = 0
        self.uncalculated: set[Place] = set()
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._merged: list[tuple[Place, Place, str]] = []
        self._disordered: list[int] = []
        self._row = self._column = 0
        self._cells = self._cells_in_row = self._row_text = self._value_began = 0
        self._most_elements = self._beside = _MOST_BESIDE
        self._is_in_row = False
        self._row_hidden = self._in_value = self._filled = self._has_formula = self._says_text = False

    def add_faults(self, faults: Faults) -> None:
        """Everything that a person may not see, or that means two things."""
        if self.last_column > MOST_COLUMNS:
            expected = f"at most {MOST_COLUMNS} columns, the first being A"
            faults.add(f"column {get_column_letter(self.last_column)}", "is far to the right of the answers", expected)
        elif self.last_row * self.last_column > _MOST_CELLS:
            expected = f"at most {_MOST_CELLS} cells, the empty ones among them"
            faults.add(f"row {self.last_row}", "is far below the answers", expected)
        for row in self._disordered:
            faults.add(f"row {row}", "stands out of its order in the file", EXCEL)
        for row in self._hidden_rows:
            faults.add(f"row {row}", "is hidden", "only rows that can be seen: clear the filter, show it, or delete it")
        for first, last in self._hidden_columns:
            for column in range(first, min(last, self.last_column, MOST_COLUMNS) + 1):
                expected = "only columns that can be seen: show it, or delete it"
                faults.add(f"column {get_column_letter(column)}", "is hidden", expected)
        if len(self.uncalculated) > _MOST_DOUBTFUL:
            expected = "a workbook that was calculated and saved"
            faults.add("file", f"has more than {_MOST_DOUBTFUL} formulas without their value", expected)
        if len(self._merged) > _MOST_DOUBTFUL:
            faults.add("file", f"has more than {_MOST_DOUBTFUL} merged areas", _UNMERGED)
        for area in self.merged():
            if area.first_row == 1:
                faults.add(*area.fault)

    def merged(self) -> Sequence[Merged]:
        """The merged areas that begin where cells say something, from above."""
        found = []
        for (row, column), (last_row, _), area in self._merged:
            if row <= self.last_row and column <= self.last_column:
                place = f"row {row}, column {get_column_letter(column)}"
                fault = (place, f"is merged ({area})", _UNMERGED)
                found.append(Merged(row, last_row, fault))
        return sorted(found)

    def start(self, name: str, attributes: dict[str, str]) -> None:  # a long sheet calls this a million times
        self.elements += 1
        if self.elements > self._most_elements:
            raise self._too_many_elements()
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.too_deep()
        if name == _CELL:
            self._begin_cell(attributes)
        elif name in _VALUES:
            self._in_value = True
            self._value_began = self._row_text
        elif name == _FORMULA:
            self._has_formula = True
        elif name == _ROW:
            self._begin_row(attributes)
        elif name == _COLUMN and _is_true(attributes.get("hidden")) and len(self._hidden_columns) < MOST_FAULTS:
            self._hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif name == _MERGED and len(self._merged) <= _MOST_DOUBTFUL:
            area = attributes["ref"]
            first, _, last = area.partition(":")
            self._merged.append((_row_and_column(first), _row_and_column(last or first), area[:_LONGEST_AREA]))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if self._is_in_row:
            raise ValueError("a row stands in a row")
        before, self._row = self._row, int(attributes.get("r", self._row + 1))
        if self._row > MOST_ROWS:
            raise ValueError("no spreadsheet has so many rows")
        if self._row <= before and len(self._disordered) < MOST_FAULTS:
            self._disordered.append(self._row)
        self._row_hidden = _is_true(attributes.get("hidden"))
        self._column = self._cells_in_row = self._row_text = 0
        self._is_in_row = True
        self._beside = self._most_elements - self.elements + 1
        self._most_elements = self.elements + _MOST_IN_A_ROW

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = _row_and_column(reference)[1] if reference else self._column + 1
        self._says_text = attributes.get("t") == "str"
        self._filled = self._has_formula = False
        self._cells += 1
        self._cells_in_row += 1
        if self._cells_in_row > _MOST_CELLS_IN_A_ROW:
            raise self._row_too_long(f"has more than {_MOST_CELLS_IN_A_ROW} cells, the empty ones among them")
        if self._cells > _MOST_CELLS:
            raise self.too_much(f"has more than {_MOST_CELLS} cells", "a file for each part of the answers")

    def characters(self, text: str) -> None:
        self._row_text += len(text)
        if self._row_text > LONGEST_ROW:
            raise self._row_too_long("does not end")
        if self._in_value:
            self._filled = True

    def end(self, name: str) -> None:
        self.depth -= 1
        if name in _VALUES:
            self._in_value = False
            if self._row_text - self._value_began > LONGEST_TEXT:
                place = f"row {self._row}, column {get_column_letter(self._column)}"
                raise TooMuch(place, "is a text without an end", f"at most {LONGEST_TEXT} characters in a cell")
        elif name == _CELL:
            self._end_cell()
        elif name == _ROW:
            self._is_in_row = False
            self._most_elements = self.elements + self._beside

    def _row_too_long(self, message: str) -> TooMuch:
        place = f"row {self._row}" if self._row else self._place
        return TooMuch(place, message, f"at most {MOST_COLUMNS} cells in a row, the first being A")

    def _too_many_elements(self) -> TooMuch:
        if self._is_in_row:
            return self._row_too_long(f"has more than {_MOST_IN_A_ROW} elements in the file")
        expected = f"at most {_MOST_BESIDE}: a sheet with the answers alone"
        return self.too_much("has too many links, rules or formats beside its rows", expected)

    def _end_cell(self) -> None:
        # a formula may well come to an empty text; one that comes to nothing was never calculated
        never = self._has_formula and not self._filled and not self._says_text
        if never and len(self.uncalculated) <= _MOST_DOUBTFUL:
            self.uncalculated.add((self._row, self._column))
        if self._filled or never:
            self.last_row = self._row
            self.last_column = max(self.last_column, self._column)
            if self._row_hidden and self._hidden_rows[-1:] != [self._row] and len(self._hidden_rows) < MOST_FAULTS:
                self._hidden_rows.append(self._row)


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")


def _row_and_column(reference: str) -> Place:
    """`C7` → (7, 3). Raises `ValueError`."""
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", reference, re.ASCII)
    if found is None:
        raise ValueError("is no cell")
    return int(found[2]), column_index_from_string(found[1])
