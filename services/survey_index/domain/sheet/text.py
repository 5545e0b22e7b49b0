"""The rows of a CSV file."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence

from services.survey_index.domain.sheet.bounds import LONGEST_ROW, MOST_COLUMNS, TooMuch
from services.survey_index.domain.sheet.rules import Faults

_SEPARATORS = (",", ";", "\t", "|")
_TOLD_SEPARATOR = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)
_PIECE = 1 << 20


def csv_rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of a CSV file in UTF-8, separated by what its header is. A file that cannot be read ends early.

    A first line such as `sep=;`, by which Excel is told the separator, is no row.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    if not _is_readable(content):
        faults.add(*_unreadable(content))
        return
    number = 0
    try:
        for cells in _csv(content, "strict"):
            number += 1
            yield cells
    except TooMuch as bound:
        faults.add(*bound.args)
    except csv.Error as error:
        if "field limit" in str(error):
            faults.add(f"row {number + 1}", "has a cell without an end", f"at most {csv.field_size_limit()} characters")
        else:
            faults.add(f"row {number + 1}", "is not well-formed CSV", "cells separated by commas, quotes closed")


def _csv(content: bytes, errors: str) -> Iterator[list[str]]:
    """The rows. Raises `TooMuch` for one without an end, before it is split into cells."""
    told = _TOLD_SEPARATOR.match(content)
    header = content[:LONGEST_ROW].partition(b"\n")[0].decode(errors="replace")
    separator = told[1].decode() if told else max(_SEPARATORS, key=header.count)
    stream = io.TextIOWrapper(io.BytesIO(content[told.end() :] if told else content), "utf-8", errors, newline="")
    number = length = 0

    def lines() -> Iterator[str]:
        nonlocal length
        while line := stream.readline(LONGEST_ROW + 1):
            length += len(line)  # a row takes several lines when its cells do
            if length > LONGEST_ROW:
                expected = f"at most {LONGEST_ROW} characters and {MOST_COLUMNS} cells in a row"
                raise TooMuch(f"row {number + 1}", "does not end", expected)
            yield line

    for cells in csv.reader(lines(), delimiter=separator, strict=errors == "strict"):
        number += 1
        length = 0
        yield cells


def _is_readable(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _unreadable(content: bytes) -> tuple[str, str, str]:
    """Where the first cell is that nobody can read, as a spreadsheet counts."""
    with contextlib.suppress(TooMuch, csv.Error):
        for row, cells in enumerate(_csv(content, "surrogateescape"), start=1):
            for column, cell in enumerate(cells, start=1):
                if "\0" in cell:
                    expected = "a file saved as `CSV UTF-8`; this one may be UTF-16"
                    return f"row {row}, cell {column}", "has a zero byte", expected
                if not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
                    expected = "a file saved as `CSV UTF-8`; this one seems to be Windows-1252"
                    return f"row {row}, cell {column}", "has a character that is not UTF-8", expected
    return "file", "is not in UTF-8", "a file saved as `CSV UTF-8`"
