"""A file of answers, read to the last cell before anything of it counts: either all of it is right, or each fault
is named by its row and column (rows as a spreadsheet counts them, the header being row 1)."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.survey_index.domain import nps
from services.survey_index.domain.instruments import HIGHEST, LOWEST, Instrument
from shared.errors import FieldError

RESPONDENT, NPS = "respondent", "nps"
_MOST_FAULTS = 50
_LONGEST_RESPONDENT = 100
_LONGEST_VALUE = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """One row: who (a number, not a name), and question → value for what was filled in. Empty cells are absent."""

    respondent: str
    answers: Mapping[str, int]


@dataclass
class Sheet:
    """What was read. Rows count only if there are no faults."""

    rows: list[Answered] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)

    def fault(self, place: str, message: str, expected: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(FieldError(place, message, expected))


def read_csv(content: bytes, instrument: Instrument, mapping: Mapping[str, str]) -> Sheet:
    """The rows of a CSV file in UTF-8, separated by commas or semicolons.

    `mapping` says what a column means where it is not the seed's order: `{"U8": "pengaduan", "U9": "sarana"}`.
    Capitals do not matter in the names of columns.
    """
    sheet, mapping = Sheet(), {name.casefold(): slug for name, slug in mapping.items()}
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        sheet.fault(f"row {row}", "has a character that is not UTF-8", "a CSV file saved as UTF-8")
        return sheet
    if "\0" in text:
        sheet.fault(
            f"row {text[: text.index(chr(0))].count(chr(10)) + 1}",
            "has a zero byte",
            "a CSV file saved as UTF-8",
        )
        return sheet
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(lines, [])
        columns = _columns([name.strip() for name in header], instrument, mapping, sheet)
        if not sheet.faults:
            seen: dict[str, int] = {}
            for number, cells in enumerate(lines, start=2):
                if any(cell.strip() for cell in cells):
                    _read_row(number, cells, columns, seen, sheet)
            if not sheet.rows and not sheet.faults:
                sheet.fault("row 2", "is missing", "at least one row of answers below the header")
    except csv.Error:
        sheet.fault(f"row {lines.line_num}", "is not well-formed CSV", "cells separated by commas, quotes closed")
    return sheet


def read_mapping(text: str | None, instrument: Instrument) -> tuple[dict[str, str], list[FieldError]]:
    """`U8:pengaduan,U9:sarana` as a mapping, and what is wrong with it."""
    mapping: dict[str, str] = {}
    faults = []
    for pair in filter(None, (part.strip() for part in (text or "").split(","))):
        column, colon, slug = (part.strip() for part in pair.partition(":"))
        if not colon or not column or slug not in instrument.slugs:
            expected = f"pairs such as U8:pengaduan, with one of: {', '.join(instrument.slugs)}"
            faults.append(FieldError("mapping", "has a pair that is not understood", expected))
        mapping[column] = slug
    return mapping, faults


def question_of(name: str, instrument: Instrument, mapping: Mapping[str, str]) -> str | None:
    """What a column called `name` asks: as mapped (in lower case), by slug, or by its place in the seed's order."""
    if name.casefold() in mapping:
        return mapping[name.casefold()]
    lowered = name.lower()
    if lowered in instrument.slugs or lowered == NPS:
        return lowered
    return instrument.by_position().get(name.upper())


def _columns(
    header: Sequence[str], instrument: Instrument, mapping: Mapping[str, str], sheet: Sheet
) -> list[tuple[str, str]]:
    """(name in the file, what it asks) for each column."""
    known = f"{RESPONDENT}, {NPS}, U1 to U{len(instrument.slugs)}, or one of {', '.join(instrument.slugs)}"
    columns: list[tuple[str, str]] = []
    for name in header:
        asks = RESPONDENT if name.lower() == RESPONDENT else question_of(name, instrument, mapping)
        if asks is None:
            sheet.fault(f"row 1, column {name or '(without a name)'}", "is not a known column", known)
        elif asks in (asked for _, asked in columns):
            sheet.fault(f"row 1, column {name}", f"asks for {asks} again", "each element in one column")
        else:
            columns.append((name, asks))
    for _ in mapping.keys() - {name.casefold() for name in header}:
        sheet.fault("mapping", "names a column that the file does not have", f"one of: {', '.join(header)}")
    asked = {asks for _, asks in columns}
    names = {slug: name for name, slug in instrument.by_position().items()} | {s: n for n, s in mapping.items()}
    for wanted in (RESPONDENT, *instrument.slugs):
        if wanted not in asked and (wanted == RESPONDENT or not sheet.faults or asked):
            title = wanted if wanted == RESPONDENT else f"{names[wanted]} ({wanted})"
            sheet.fault(f"row 1, column {title}", "is missing", "a header with this column")
    return columns


def _read_row(
    number: int, cells: Sequence[str], columns: Sequence[tuple[str, str]], seen: dict[str, int], sheet: Sheet
) -> None:
    if len(cells) != len(columns):
        sheet.fault(f"row {number}", f"has {len(cells)} cells", f"{len(columns)} cells, as the header")
        return
    respondent, answers = "", {}
    for (name, asks), cell in zip(columns, map(str.strip, cells), strict=True):
        place = f"row {number}, column {name}"
        if asks == RESPONDENT:
            respondent = cell
            if not cell or len(cell) > _LONGEST_RESPONDENT:
                sheet.fault(place, "is empty or too long", "the respondent's number")
            elif cell in seen:
                sheet.fault(place, f"is the respondent of row {seen[cell]} again", "each respondent once")
            seen.setdefault(cell, number)
        elif cell:
            low, high = (nps.LOWEST, nps.HIGHEST) if asks == NPS else (LOWEST, HIGHEST)
            if cell.isascii() and cell.isdigit() and len(cell) <= _LONGEST_VALUE and low <= int(cell) <= high:
                answers[asks] = int(cell)
            else:
                sheet.fault(place, "is not on the scale", f"a whole number from {low} to {high}, or an empty cell")
    sheet.rows.append(Answered(respondent, answers))
