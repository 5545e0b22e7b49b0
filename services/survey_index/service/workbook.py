"""A workbook (.xlsx) as rows of texts, the sibling of `csv_rows`. It never guesses: what a person at the screen cannot
see, or sees otherwise than a program does, is a fault with its place.

openpyxl reads the values one row at a time, so a long sheet is never held as a whole; what it keeps to itself in that
mode (hidden, merged, formulas that nobody calculated) comes from a look at the sheet's XML beforehand.
"""

import contextlib
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from services.survey_index.domain.sheet.bounds import TooMuch
from services.survey_index.domain.sheet.cells import UNSAID, Doubtful
from services.survey_index.domain.sheet.rules import Faults
from services.survey_index.domain.sheet.written_days import FROM_1900, FROM_1904
from services.survey_index.service.archive import WORKBOOK, Parts, refusal_of
from services.survey_index.service.sheet_shape import Merged, Place, Shape

_LONGEST_NAME = 100
_NEVER = ("is a formula without its value", "a value, or a workbook that was calculated and saved")

AnyCell = Cell | MergedCell
"""What openpyxl's types call the cells that it gives out."""


def xlsx_rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of the first visible sheet, the header being row 1. A file that cannot be read ends early.

    Empty cells are "", whole numbers have no point, dates are ISO 8601. What is empty to the right of the header or
    below the last answer is left out.
    """
    try:
        refused = refusal_of(content)
        if refused:
            faults.add("file", *refused)
        else:
            yield from _rows(content, faults)
    except TooMuch as bound:
        faults.add(*bound.args)
    except MemoryError:
        raise
    except Exception as error:  # a damaged workbook makes its readers raise nearly anything
        faults.damage = type(error).__name__
        faults.add("file", "is damaged, or has something that no survey needs", f"{WORKBOOK} as Excel saves it")


def days_counted_from(content: bytes) -> date:
    """The day from which a workbook counts its days. Of one that cannot be read, `xlsx_rows` tells why."""
    with contextlib.suppress(Exception):  # as in `xlsx_rows`
        if not refusal_of(content):
            reader = _reader(content, Parts(content))
            reader.read_manifest()
            reader.read_workbook()
            return FROM_1904 if reader.wb.epoch == CALENDAR_MAC_1904 else FROM_1900
    return FROM_1900


def _reader(content: bytes, parts: Parts) -> ExcelReader:
    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.archive = parts
    return reader


def _rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    parts = Parts(content)
    reader = _reader(content, parts)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()  # names, properties and themes are left out: what is not needed is not read
    visible = [
        (number, sheet.name, relation.target, parts.shape(relation.target, f"sheet {number}"))
        for number, (sheet, relation) in enumerate(reader.parser.find_sheets(), start=1)
        if sheet.state == "visible" and relation.Type.endswith("/worksheet")
    ]
    # an empty sheet beside the answers is how Excel began a workbook for twenty years: it says nothing, and may stay
    told = [sheet for sheet in visible if sheet[-1].last_row]
    if not told:
        faults.add("file", "has no visible sheet with cells in it", "one visible sheet, the header in its row 1")
        return
    _, name, part, shape = told[0]
    for number, *_ in told[1:]:
        faults.add(f"sheet {number}", "is visible as well", "the answers in one sheet, the others hidden or deleted")
    shape.add_faults(faults)
    if not faults:
        apply_stylesheet(reader.archive, reader.wb)
        sheet: Any = ReadOnlyWorksheet(reader.wb, name, part, reader.shared_strings)
        cells = sheet.iter_rows(min_row=1, max_row=shape.last_row, min_col=1, max_col=shape.last_column)
        yield from _texts(cells, shape, faults)


def _texts(rows: Iterable[Sequence[AnyCell]], shape: Shape, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows as texts, each as wide as the header, or wider where it has more.

    A cell that may not be counted is a fault in the header; below, its row is `Doubtful`.
    """
    header: list[str] = []
    uncalculated, merged = _by_row(shape.uncalculated), _Merged(shape.merged())
    gap = 0
    for number, cells in enumerate(rows, start=1):
        texts = [_text(cell) for cell in cells]
        wrong = {place: _fault_of(cells[place - 1]) for place, text in enumerate(texts, start=1) if text is None}
        wrong |= dict.fromkeys(uncalculated.get(number, ()), _NEVER)
        found = [(_place(number, column, header), *why) for column, why in sorted(wrong.items())]
        row = [UNSAID if place in wrong else text or "" for place, text in enumerate(texts, start=1)]
        if number == 1:
            for fault in found:
                faults.add(*fault)
            if faults:
                return
            header = row[: max((place for place, name in enumerate(row, start=1) if name.strip()), default=0)]
        while len(row) > len(header) and not row[-1].strip():
            row.pop()
        if any(row) or number == 1:
            yield from ([""] * len(header) for _ in range(gap))
            found += merged.faults_in(number)
            yield Doubtful(row, found) if found else row
            gap = 0
        else:
            gap += 1


def _by_row(places: Iterable[Place]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, column in places:
        found.setdefault(row, []).append(column)
    return found


class _Merged:
    """The merged areas of a sheet, asked for row after row."""

    def __init__(self, areas: Sequence[Merged]) -> None:
        self._to_come = deque(areas)
        self._open_areas: list[Merged] = []

    def faults_in(self, row: int) -> list[tuple[str, str, str]]:
        """The faults of the areas in a row, each of them at the place where its area begins."""
        while self._to_come and self._to_come[0].first_row <= row:
            self._open_areas.append(self._to_come.popleft())
        if self._open_areas:
            self._open_areas = [area for area in self._open_areas if area.last_row >= row]
        return [area.fault for area in self._open_areas]


def _text(cell: AnyCell) -> str | None:
    """What the cell says, or None for what may not be counted: a truth value, or an error."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or cell.data_type == "e":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def _fault_of(cell: AnyCell) -> tuple[str, str]:
    """What is wrong with a cell that may not be counted: (message, expected)."""
    if cell.data_type == "e":
        return "is an error of the spreadsheet", "a value, or an empty cell"
    return "is a truth value", "a number, a text, a date or an empty cell"


def _place(row: int, column: int, header: Sequence[str]) -> str:
    """`row 7, column U3` by the header's name, as the other faults of a file have it, or by the column's letter."""
    name = header[column - 1].strip() if column <= len(header) else ""
    return f"row {row}, column {name if 0 < len(name) <= _LONGEST_NAME else get_column_letter(column)}"
