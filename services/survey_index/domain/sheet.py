"""A file of answers, read to the last cell before anything of it counts: either all of it is right, or each fault
is named by its row and column (rows as a spreadsheet counts them, the header being row 1).

Rows come as texts, whether from CSV or from a workbook; what is read goes out in batches, so that a long file is
never held as a whole.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

from services.survey_index.domain.instruments import Instrument, Question
from services.survey_index.domain.profile import OLDEST, PROFILE, CodeList, ProfileField
from shared.errors import FieldError

MOST_FAULTS = 50
_POSITION = re.compile(r"[Uu]\d+(\.\d+)?")
_LONGEST_LINE = 100
_LONGEST_COMMENT = 2_000
_BATCH = 5_000
_REMEMBERED = 5_000

Fact = Literal["respondent", "day", "unit", "service", "channel", "age", "comment", "comment_about"]
_FACTS: Mapping[str, Fact | ProfileField] = {
    "respondent": "respondent",
    "responden": "respondent",
    "no_responden": "respondent",
    "nomor": "respondent",
    "id": "respondent",
    "date": "day",
    "tanggal": "day",
    "unit": "unit",
    "service": "service",
    "layanan": "service",
    "channel": "channel",
    "kanal": "channel",
    "age": "age",
    "usia": "age",
    "umur": "age",
    "sex": "sex",
    "gender": "sex",
    "jenis_kelamin": "sex",
    "education": "education",
    "pendidikan": "education",
    "occupation": "occupation",
    "pekerjaan": "occupation",
    "comment": "comment",
    "saran": "comment",
    "comment_about": "comment_about",
    "saran_tentang": "comment_about",
}
"""What a column that asks for no answer is called, in English and in Indonesian."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One row: who (a number, not a name), the answers in the instrument's order, and what else the file tells."""

    respondent: str
    answers: tuple[int | None, ...]
    day: date | None = None
    unit: str = ""
    service: str = ""
    channel: str = ""
    age: int | None = None
    sex: str = ""
    education: str = ""
    occupation: str = ""
    comment: str = ""
    comment_about: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a survey lets in: its questions, its code list, its period, and the youngest age."""

    instrument: Instrument
    code_list: CodeList | None = None
    """None: whatever the file says of its respondents stands, each spelling as it came first."""
    first: date | None = None
    last: date | None = None
    min_age: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    """What a column asks where it is not the instrument's order: `{"U8": "pengaduan", "U9": "sarana"}`."""
    facts: frozenset[str] = frozenset(_FACTS.values())
    """Which facts are read; the columns of others are passed over."""
    may_be_undated: bool = True
    """Whether a row without a date can stand for the day that the file was given."""
    ignore_others: bool = False
    """Whether columns that nobody knows are passed over as well, and respondents without a number take their row's."""


class Faults(list[FieldError]):
    """What is wrong with a file, up to fifty places: who has so many looks at the first ones."""

    def add(self, place: str, message: str, expected: str) -> None:
        if len(self) < MOST_FAULTS:
            self.append(FieldError(place, message, expected))

    @property
    def enough(self) -> bool:
        return len(self) >= MOST_FAULTS


def csv_rows(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of a CSV file in UTF-8, separated by commas or semicolons. A file that cannot be read ends early."""
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
    except csv.Error:
        faults.add(f"row {number + 1}", "is not well-formed CSV", "cells separated by commas, quotes closed")


def _csv(content: bytes, errors: str) -> Iterator[list[str]]:
    first = content.partition(b"\n")[0]
    separator = ";" if first.count(b";") > first.count(b",") else ","
    stream = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors, newline="")
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


def read_rows(rows: Iterable[Sequence[str]], rules: Rules, faults: Faults) -> Iterator[list[Answered]]:
    """The respondents, in batches. What is wrong is added to `faults`: rows count only if there are none at the end."""
    lines = iter(rows)
    header = [name.strip() for name in next(lines, ())]
    columns = _columns(header, rules, faults) if not faults else None
    if columns is None or faults:
        return
    reader = _Reader(columns, rules, faults)
    batch: list[Answered] = []
    read = 0
    for number, cells in enumerate(lines, start=2):
        answered = reader.read(number, cells)
        if faults:
            if faults.enough:
                return
            continue
        if answered is not None:
            batch.append(answered)
            read += 1
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if not read and not faults:
        faults.add("row 2", "is missing", "at least one row of answers below the header")
    if batch and not faults:
        yield batch


def read_mapping(text: str | None, instrument: Instrument) -> tuple[dict[str, str], list[FieldError]]:
    """`U8:pengaduan,U9:sarana` as a mapping, and what is wrong with it."""
    mapping: dict[str, str] = {}
    faults = []
    for pair in filter(None, (part.strip() for part in (text or "").split(","))):
        column, colon, code = (part.strip() for part in pair.partition(":"))
        if not colon or not column or code not in instrument.codes:
            expected = f"pairs such as U8:pengaduan, with one of: {', '.join(instrument.codes)}"
            faults.append(FieldError("mapping", "has a pair that is not understood", expected))
        elif column.casefold() in (known.casefold() for known in mapping):
            faults.append(FieldError("mapping", "names a column twice", "each column once"))
        mapping[column] = code
    return mapping, faults


def question_of(name: str, instrument: Instrument, mapping: Mapping[str, str]) -> str | None:
    """What a column called `name` asks: as mapped (in lower case), by its code, or by its place in the order."""
    if name.casefold() in mapping:
        return mapping[name.casefold()]
    lowered = name.casefold()
    return lowered if lowered in instrument.codes else instrument.by_position.get(name.upper())


Columns = Sequence[tuple[str, str | None]]
"""(name in the file, the question or fact that it holds, or None where it is passed over) for each column."""


def _columns(header: Sequence[str], rules: Rules, faults: Faults) -> Columns:
    instrument = rules.instrument
    mapping = {name.casefold(): code for name, code in rules.mapping.items()}
    positions = list(instrument.by_position)
    known = f"respondent, {positions[0]} to {positions[-1]}, or one of {', '.join(instrument.codes)}"
    columns: list[tuple[str, str | None]] = []
    for name in header:
        fact = _FACTS.get(name.casefold().replace(" ", "_"))
        asks = question_of(name, instrument, mapping) or fact
        is_other = asks is None and rules.ignore_others and not _POSITION.fullmatch(name)
        if is_other or (fact is not None and asks == fact and fact not in rules.facts):
            columns.append((name, None))
        elif asks is None:
            faults.add(f"row 1, column {name or '(without a name)'}", "is not a known column", known)
        elif asks in (asked for _, asked in columns):
            faults.add(f"row 1, column {name}", f"asks for {asks} again", "each element in one column")
        else:
            columns.append((name, asks))
    for _ in mapping.keys() - {name.casefold() for name in header}:
        faults.add("mapping", "names a column that the file does not have", f"one of: {', '.join(header)}")
    asked = {asks for _, asks in columns}
    names = {code: name for name, code in instrument.by_position.items()} | {c: n for n, c in rules.mapping.items()}
    needed = [] if rules.ignore_others else ["respondent"]
    if not rules.may_be_undated and "day" not in asked:
        faults.add("row 1, column date", "is missing", "the day of each answer, or `answered_on` within the period")
    for wanted in (*needed, *instrument.asked):
        if wanted not in asked and (wanted == "respondent" or not faults or asked):
            title = wanted if wanted == "respondent" else f"{names[wanted]} ({wanted})"
            faults.add(f"row 1, column {title}", "is missing", "a header with this column")
    return columns


class _Off(Exception):
    """A cell that cannot be taken: what is wrong with it, and what was expected."""


@dataclass(slots=True)
class _Column:
    """One column: how its cells are read, and those that were read before, which need no second look."""

    name: str
    place: int
    look: Callable[[str], Any]
    seen: dict[str, Any]

    def read(self, cells: Sequence[str], number: int, faults: Faults) -> Any:
        """The value of this column's cell. One that cannot be taken is added to `faults`."""
        cell = cells[self.place]
        if cell in self.seen:
            return self.seen[cell]
        try:
            value = self.look(cell.strip())
        except _Off as off:
            faults.add(f"row {number}, column {self.name}", *off.args)
            return None
        if len(self.seen) < _REMEMBERED:
            self.seen[cell] = value
        return value


class _Reader:
    """Reads rows. A row of cells that were all seen before takes a short way."""

    def __init__(self, columns: Columns, rules: Rules, faults: Faults) -> None:
        self._faults = faults
        self._width = len(columns)
        self._respondents: dict[str, int] = {}
        named = {asks: (name, place) for place, (name, asks) in enumerate(columns) if asks is not None}
        self._respondent: int | None
        self._respondent_name, self._respondent = named.get("respondent", ("respondent", None))
        self._questions = [
            _Column(*named[question.code], partial(_answer, question), _plain(question))
            if question.code in named
            else None
            for question in rules.instrument.questions
        ]
        looks = _looks(rules)
        self._facts = {asks: _Column(*named[asks], looks[asks], {}) for asks in named if asks in looks}

    def read(self, number: int, cells: Sequence[str]) -> Answered | None:
        """The row, or None for an empty one. Faults are added; a row with faults is of no use."""
        if len(cells) != self._width:
            if any(cell.strip() for cell in cells):
                self._faults.add(f"row {number}", f"has {len(cells)} cells", f"{self._width} cells, as the header")
            return None
        respondent = str(number - 1) if self._respondent is None else cells[self._respondent].strip()
        if (not respondent or self._respondent is None) and not any(cell.strip() for cell in cells):
            return None
        self._check_respondent(number, respondent)
        try:
            answers = tuple([c.seen[cells[c.place]] if c is not None else None for c in self._questions])
            facts = {fact: column.seen[cells[column.place]] for fact, column in self._facts.items()}
        except KeyError:
            answers = tuple(c.read(cells, number, self._faults) if c is not None else None for c in self._questions)
            facts = {fact: column.read(cells, number, self._faults) for fact, column in self._facts.items()}
        return Answered(respondent, answers, **facts)

    def _check_respondent(self, number: int, respondent: str) -> None:
        place = f"row {number}, column {self._respondent_name}"
        if not respondent or len(respondent) > _LONGEST_LINE:
            self._faults.add(place, "is empty or too long", "the respondent's number")
        elif self._respondents.setdefault(respondent, number) != number:
            row = self._respondents[respondent]
            self._faults.add(place, f"is the respondent of row {row} again", "each respondent once")


def _plain(question: Question) -> dict[str, Any]:
    return {"": None, **{str(value): value for value in range(question.lowest, question.highest + 1)}}


def _answer(question: Question, cell: str) -> int | None:
    expected = f"a whole number from {question.lowest} to {question.highest}, or an empty cell"
    return _whole(cell, question.lowest, question.highest, "is not on the scale", expected)


def _whole(cell: str, lowest: int, highest: int, message: str, expected: str) -> int | None:
    if not cell:
        return None
    if cell.isascii() and cell.isdigit() and len(cell) <= 3 and lowest <= int(cell) <= highest:
        return int(cell)
    raise _Off(message, expected)


def _looks(rules: Rules) -> Mapping[str, Callable[[str], Any]]:
    """How each fact is read."""
    youngest = rules.min_age or 0
    age = f"a whole number from {youngest} to {OLDEST}"
    slugs = [element.slug for element in rules.instrument.elements]
    return {
        "day": partial(_day, rules),
        "unit": partial(_text, _LONGEST_LINE),
        "service": partial(_text, _LONGEST_LINE),
        "channel": partial(_text, _LONGEST_LINE),
        "age": lambda cell: _whole(cell, youngest, OLDEST, "is not an age that is asked", age),
        **{field: _profile_look(rules.code_list, field) for field in PROFILE},
        "comment": partial(_text, _LONGEST_COMMENT),
        "comment_about": partial(_slug, slugs),
    }


def _day(rules: Rules, cell: str) -> date | None:
    if not cell:
        if not rules.may_be_undated:
            raise _Off("is empty", "the day of the answers, within the survey's period")
        return None
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        raise _Off("is not a day", "a day such as 2026-03-31") from None
    if (rules.first and day < rules.first) or (rules.last and day > rules.last):
        raise _Off("is outside the survey's period", f"a day from {rules.first or '…'} to {rules.last or '…'}")
    return day


def _text(longest: int, cell: str) -> str:
    if len(cell) > longest:
        raise _Off("is too long", f"at most {longest} characters")
    return cell


def _code(codes: CodeList, field: ProfileField, cell: str) -> str:
    found = codes.find(field, cell) if cell else ""
    if found is None:
        raise _Off("is not in the code list", f"one of: {', '.join(c.code for c in codes.of(field))}, or nothing")
    return found


def _profile_look(codes: CodeList | None, field: ProfileField) -> Callable[[str], str]:
    if codes is not None:
        return partial(_code, codes, field)
    spelled: dict[str, str] = {}
    return lambda cell: spelled.setdefault(cell.casefold(), _text(_LONGEST_LINE, cell))


def _slug(slugs: Sequence[str], cell: str) -> str:
    if cell and cell.casefold() not in slugs:
        raise _Off("is no element", f"one of: {', '.join(slugs)}, or nothing")
    return cell.casefold()
