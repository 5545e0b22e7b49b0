"""Workbooks, made and changed as a test needs them, and what is read of them."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.sheet.rules import Faults
from services.survey_index.service.workbook import xlsx_rows
from shared.errors import FieldError

SKM = builtin()["skm14_2017"]
HEADER = ["respondent", *SKM.codes]
GOOD: Sequence[Sequence[Any]] = (HEADER, ["R1", 1, 2, 3, 4, 1, 2, 3, 4, 1], ["R2", 4, 3, None, 1, 4, 3, 2, 1, 4])
Change = Callable[[Worksheet], object]


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(rows: Sequence[Sequence[Any]] = GOOD, *changes: Change) -> bytes:
    """A workbook of one sheet with these rows, changed."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for change in changes:
        change(sheet)
    return saved(book)


def with_shared_strings(rows: Sequence[Sequence[Any]] = GOOD) -> bytes:
    """As Excel writes it: texts stand in a part of their own."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def rewritten(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The same workbook, one of its parts written otherwise."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if name == part else text)
    return file.getvalue()


def in_sheet(content: bytes, old: str, new: str) -> bytes:
    """The same workbook, a piece of its sheet's XML replaced; empty elements are written in one way."""

    def change(text: str) -> str:
        text = re.sub(r"(?<! )/>", " />", text.replace("<v></v>", "<v />"))
        assert old in text
        return text.replace(old, new)

    return rewritten(content, "xl/worksheets/sheet1.xml", change)


def read(content: bytes) -> tuple[list[list[str]], Faults]:
    """The rows, and what is wrong with the file and with rows that are respondents'."""
    faults, found = Faults(), []
    for row in xlsx_rows(content, faults):
        found.append(list(row))
        faults.take(FieldError(*fault) for fault in getattr(row, "faults", ()))
    return found, faults


def rows(content: bytes) -> list[list[str]]:
    """The rows of a workbook without faults."""
    read_, faults = read(content)
    assert faults == []
    return read_


def places(content: bytes) -> list[str]:
    """Where the faults are."""
    return [fault.field for fault in read(content)[1]]


def only_fault(content: bytes) -> tuple[str, str]:
    """The one fault of a file that cannot be read: its message, and what was expected."""
    read_, faults = read(content)
    assert (read_, [fault.field for fault in faults]) == ([], ["file"])
    return faults[0].message, faults[0].expected
