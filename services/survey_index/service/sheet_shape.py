"""The shape of a sheet, from its XML: how far its cells go, and what a person at the screen does not see of them, or
sees otherwise than a program does. Values are not read here; memory does not grow with the sheet.
"""

import re
from typing import IO
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.xml.constants import SHEET_MAIN_NS

from services.survey_index.domain.sheet.rules import MOST_FAULTS, Faults

_MOST_COLUMNS = 500
_MOST_ROWS = 1_048_576

Place = tuple[int, int]
"""A row and a column, both counted from 1 as a spreadsheet does."""


class Shape:
    """How far the cells of a sheet go, and what a row of values does not tell. Raises `ExpatError`, `ValueError`."""

    def __init__(self, part: IO[bytes]) -> None:
        self.last_row = self.last_column = 0
        self.uncalculated: set[Place] = set()
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._merged: list[tuple[Place, str]] = []
        self._disordered: list[int] = []
        self._row = self._column = 0
        self._row_hidden = self._in_value = self._filled = self._has_formula = self._says_text = False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(part)

    def add_faults(self, faults: Faults) -> None:
        """Everything that a person may not see, or that means two things."""
        if self.last_column > _MOST_COLUMNS:
            expected = f"at most {_MOST_COLUMNS} columns, the first being A"
            faults.add(f"column {get_column_letter(self.last_column)}", "is far to the right of the answers", expected)
        for row in self._disordered:
            faults.add(f"row {row}", "stands out of its order in the file", "a workbook as Excel saves it")
        for row in self._hidden_rows:
            faults.add(f"row {row}", "is hidden", "only rows that can be seen: clear the filter, show it, or delete it")
        for first, last in self._hidden_columns:
            for column in range(first, min(last, self.last_column, _MOST_COLUMNS) + 1):
                expected = "only columns that can be seen: show it, or delete it"
                faults.add(f"column {get_column_letter(column)}", "is hidden", expected)
        for (row, column), area in self._merged:
            if row <= self.last_row and column <= self.last_column:
                place = f"row {row}, column {get_column_letter(column)}"
                faults.add(place, f"is merged ({area})", "a cell for each answer: unmerge the cells")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.removeprefix(f"{SHEET_MAIN_NS} "):
            case "c":
                self._begin_cell(attributes)
            case "v" | "t":
                self._in_value = True
            case "f":
                self._has_formula = True
            case "row":
                self._begin_row(attributes)
            case "col" if _is_true(attributes.get("hidden")) and len(self._hidden_columns) < MOST_FAULTS:
                self._hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
            case "mergeCell" if len(self._merged) < MOST_FAULTS:
                self._merged.append((_row_and_column(attributes["ref"].partition(":")[0]), attributes["ref"]))
            case _:
                pass

    def _begin_row(self, attributes: dict[str, str]) -> None:
        before, self._row = self._row, int(attributes.get("r", self._row + 1))
        if self._row > _MOST_ROWS:
            raise ValueError("no spreadsheet has so many rows")
        if self._row <= before and len(self._disordered) < MOST_FAULTS:
            self._disordered.append(self._row)
        self._row_hidden = _is_true(attributes.get("hidden"))
        self._column = 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = _row_and_column(reference)[1] if reference else self._column + 1
        self._says_text = attributes.get("t") == "str"
        self._filled = self._has_formula = False

    def _characters(self, _: str) -> None:
        self._filled = self._filled or self._in_value

    def _end(self, name: str) -> None:
        match name.removeprefix(f"{SHEET_MAIN_NS} "):
            case "v" | "t":
                self._in_value = False
            case "c":
                self._end_cell()
            case _:
                pass

    def _end_cell(self) -> None:
        # a formula may well come to an empty text; one that comes to nothing was never calculated
        never = self._has_formula and not self._filled and not self._says_text
        if never and len(self.uncalculated) < MOST_FAULTS:
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
