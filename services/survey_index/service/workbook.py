"""A workbook (.xlsx) as rows of texts, the sibling of `csv_rows`. It never guesses: what a person at the screen cannot
see, or sees otherwise than a program does, is a fault with its place.

openpyxl reads the values one row at a time, so a long sheet is never held as a whole; what it keeps to itself in that
mode (hidden, merged, formulas that nobody calculated) comes from a look at the sheet's XML beforehand.
"""

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter

from services.survey_index.domain.sheet.rules import Faults
from services.survey_index.service.sheet_shape import Place, Shape
from shared.telemetry import log

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_MOST_BYTES = 200_000_000
_MOST_RATIO = 250
_FREE_BYTES = 10_000_000
"""Up to here a part may be squeezed by any ratio: a short sheet of many equal rows is."""
_LONGEST_NAME = 100
_TYPES = "[Content_Types].xml"
_IS_WORKBOOK = re.compile(rb"(spreadsheetml|ms-excel)\.(sheet|template)(\.macroEnabled)?\.main\+xml")
_WORKBOOK = "an Excel workbook (.xlsx)"
_NEVER = ("is a formula without its value", "a value, or a workbook that was calculated and saved")

AnyCell = Cell | MergedCell
"""What openpyxl's types call the cells that it gives out."""


class _DoctypeFound(Exception):
    """A part declares a document type, as no program writes it into a workbook: the door of entity attacks."""


def looks_like_workbook(content: bytes) -> bool:
    """Whether the file begins as a workbook does, of the present kind or of the old one; CSV never does."""
    return content.startswith((_ZIP, _OLE))


def xlsx_rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of the first visible sheet, the header being row 1. A file that cannot be read ends early.

    Empty cells are "", whole numbers have no point, dates are ISO 8601. What is empty to the right of the header or
    below the last answer is left out.
    """
    try:
        refused = _refused(content)
        if refused:
            faults.add("file", *refused)
        else:
            yield from _rows(content, faults)
    except Exception as error:  # a damaged workbook makes its readers raise nearly anything
        log.info("import.workbook_unreadable", error=type(error).__name__)
        faults.add("file", "is damaged, or has something that no survey needs", f"{_WORKBOOK} as Excel saves it")


def _refused(content: bytes) -> tuple[str, str] | None:
    """What is wrong with the file before anything in it is parsed: (message, expected)."""
    if content.startswith(_OLE):
        if _PASSWORD in content:
            return "is protected by a password", f"{_WORKBOOK} without a password"
        return "is a workbook of the old kind (.xls)", f"{_WORKBOOK}: save it as `Excel Workbook`"
    try:
        archive = ZipFile(io.BytesIO(content))
    except BadZipFile:
        return "is no workbook", f"{_WORKBOOK}, or a CSV file"
    parts = archive.infolist()
    bombs = (part.file_size > max(_FREE_BYTES, _MOST_RATIO * part.compress_size) for part in parts)
    if sum(part.file_size for part in parts) > _MOST_BYTES or any(bombs):
        return "is far larger unpacked than it looks", f"a workbook of at most {_MOST_BYTES // 10**6} MB unpacked"
    if any(part.flag_bits & 1 for part in parts):
        return "is protected by a password", f"{_WORKBOOK} without a password"
    if _TYPES not in archive.namelist() or not _IS_WORKBOOK.search(archive.read(_TYPES)):
        return "is an archive, but no workbook", _WORKBOOK
    try:
        for part in parts:
            _check_doctype(archive.open(part))
    except _DoctypeFound:
        return "declares XML entities", f"{_WORKBOOK} as Excel saves it"
    return None


def _check_doctype(part: IO[bytes]) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _found_doctype
    with contextlib.suppress(expat.ExpatError):  # a picture, or XML that its reader will stumble over in its turn
        parser.ParseFile(part)


def _found_doctype(*_: object) -> None:
    raise _DoctypeFound


def _rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    visible = [
        (number, sheet.name, Shape(reader.archive.open(relation.target)))
        for number, (sheet, relation) in enumerate(reader.parser.find_sheets(), start=1)
        if sheet.state == "visible" and relation.Type.endswith("/worksheet")
    ]
    # an empty sheet beside the answers is how Excel began a workbook for twenty years: it says nothing, and may stay
    told = [(number, name, shape) for number, name, shape in visible if shape.last_row]
    if not told:
        faults.add("file", "has no visible sheet with cells in it", "one visible sheet, the header in its row 1")
        return
    _, name, shape = told[0]
    for number, _, _ in told[1:]:
        faults.add(f"sheet {number}", "is visible as well", "the answers in one sheet, the others hidden or deleted")
    shape.add_faults(faults)
    if not faults:
        sheet = reader.wb[name]
        cells = sheet.iter_rows(max_row=shape.last_row, max_col=shape.last_column)
        yield from _texts(cells, shape.uncalculated, faults)


def _texts(rows: Iterable[Sequence[AnyCell]], uncalculated: set[Place], faults: Faults) -> Iterator[Sequence[str]]:
    """The rows as texts, each as wide as the header, or wider where it has more."""
    header: list[str] = []
    gap = 0
    for number, cells in enumerate(rows, start=1):
        texts = [_text(cell) for cell in cells]
        for column in [place for place, text in enumerate(texts, start=1) if text is None]:
            faults.add(_place(number, column, header), *_why(cells[column - 1]))
        for column in sorted(column for row, column in uncalculated if row == number):
            faults.add(_place(number, column, header), *_NEVER)
        if faults.enough:
            return
        row = [text or "" for text in texts]
        if number == 1:
            header = row[: max((place for place, name in enumerate(row, start=1) if name.strip()), default=0)]
        while len(row) > len(header) and not row[-1].strip():
            row.pop()
        if any(row) or number == 1:
            yield from ([""] * len(header) for _ in range(gap))
            yield row
            gap = 0
        else:
            gap += 1


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


def _why(cell: AnyCell) -> tuple[str, str]:
    """What is wrong with a cell that may not be counted: (message, expected)."""
    if cell.data_type == "e":
        return "is an error of the spreadsheet", "a value, or an empty cell"
    return "is a truth value", "a number, a text, a date or an empty cell"


def _place(row: int, column: int, header: Sequence[str]) -> str:
    """`row 7, column U3` by the header's name, as the other faults of a file have it, or by the column's letter."""
    name = header[column - 1].strip() if column <= len(header) else ""
    return f"row {row}, column {name if 0 < len(name) <= _LONGEST_NAME else get_column_letter(column)}"
