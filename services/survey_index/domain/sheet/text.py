"""The rows of a CSV file."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from services.survey_index.domain.sheet.rules import Faults

_SEPARATORS = (",", ";", "\t", "|")
_TOLD_SEPARATOR = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)


def csv_rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of a CSV file in UTF-8, separated by what its header is. A file that cannot be read ends early.

    A first line such as `sep=;`, by which Excel is told the separator, is no row.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    if not _is_readable(content):
        faults.add(*_unreadable(content))
        return
    number = 0
    rows = _csv(content, "strict")
    try:
        for cells in rows:
            number += 1
            yield cells
    except csv.Error as error:
        if "field limit" in str(error):
            faults.add(f"row {number + 1}", "has a cell without an end", f"at most {csv.field_size_limit()} characters")
        else:
            faults.add(f"row {number + 1}", "is not well-formed CSV", "cells separated by commas, quotes closed")


def _csv(content: bytes, errors: str) -> Iterator[list[str]]:
    told = _TOLD_SEPARATOR.match(content)
    header = content.partition(b"\n")[0].decode(errors="replace")
    separator = told[1].decode() if told else max(_SEPARATORS, key=header.count)
    stream = io.TextIOWrapper(io.BytesIO(content[told.end() :] if told else content), "utf-8", errors, newline="")
    return csv.reader(stream, delimiter=separator, strict=errors == "strict")


def _is_readable(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _unreadable(content: bytes) -> tuple[str, str, str]:
    """Where the first cell is that nobody can read, as a spreadsheet counts."""
    for row, cells in enumerate(_csv(content, "surrogateescape"), start=1):
        for column, cell in enumerate(cells, start=1):
            if "\0" in cell:
                expected = "a file saved as `CSV UTF-8`; this one may be UTF-16"
                return f"row {row}, cell {column}", "has a zero byte", expected
            if not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
                expected = "a file saved as `CSV UTF-8`; this one seems to be Windows-1252"
                return f"row {row}, cell {column}", "has a character that is not UTF-8", expected
    return "file", "is not in UTF-8", "a file saved as `CSV UTF-8`"
