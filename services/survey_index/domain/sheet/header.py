"""The first row: what each column asks or tells."""

import re
from collections.abc import Mapping, Sequence

from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.sheet.days import days_like
from services.survey_index.domain.sheet.rules import FACTS, Faults, Rules
from shared.errors import FieldError

PASSED_OVER = "-"
"""What a column is mapped to that is not to be read."""
_MOST_NAMES, _LONGEST_NAME = 20, 40
_POSITION = re.compile(r"[Uu]\d+(\.\d+)?")


def read_mapping(text: str | None, instrument: Instrument) -> tuple[dict[str, str], list[FieldError]]:
    """`U8:pengaduan,JK:sex,loket:-` as a mapping of columns to what they hold, and what is wrong with it."""
    mapping: dict[str, str] = {}
    faults = []
    for pair in filter(None, (part.strip() for part in (text or "").split(","))):
        column, colon, code = (part.strip() for part in pair.rpartition(":"))
        holds = code if code in (*instrument.codes, PASSED_OVER) else _fact_of(code)
        if not colon or not column or holds is None:
            known = ", ".join((*instrument.codes, *FACTS, PASSED_OVER))
            expected = f"pairs such as U8:pengaduan, with one of: {known}"
            faults.append(FieldError("mapping", f"has “{cut(pair)}”, which is not understood", expected))
        elif column.casefold() in (known.casefold() for known in mapping):
            faults.append(FieldError("mapping", "names a column twice", "each column once"))
        else:
            mapping[column] = holds
    return mapping, faults


def question_of(name: str, instrument: Instrument, mapping: Mapping[str, str]) -> str | None:
    """What a column called `name` asks: as mapped (in lower case), by its code, or by its place in the order."""
    if name.casefold() in mapping:
        return mapping[name.casefold()]
    lowered = name.casefold()
    return lowered if lowered in instrument.codes else instrument.by_position.get(name.upper())


def meaning_of(name: str, instrument: Instrument, mapping: Mapping[str, str]) -> str | None:
    """The question or the fact that a column called `name` holds."""
    return question_of(name, instrument, mapping) or _fact_of(name)


def _fact_of(name: str) -> str | None:
    return FACTS.get("_".join(name.casefold().split()))


def cut(name: str) -> str:
    """A name as a fault tells it: enough to find it again, whatever stands in the first row."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _once(name: str, asks: str) -> str:
    """What is expected instead of a second column for the same."""
    if asks == "day":
        return f"one column of days: mapping={cut(name)}:{PASSED_OVER} passes this one over, or leave it out"
    return "each element in one column"


def day_is_missing(header: Sequence[str], first: Sequence[Sequence[str]], rules: Rules) -> tuple[str, str, str]:
    """What is wrong with a file that nobody said the days of, and each way on. `first` are rows below the header."""
    mapping = {name.casefold(): code for name, code in rules.mapping.items()}
    others = [name if meaning_of(name, rules.instrument, mapping) in (None, PASSED_OVER) else "" for name in header]
    columns = [f"{cut(name)}:date" for name in days_like(others, first)] or ["COLUMN:date"]
    expected = f"answered_on=DAY or FROM..TO (--answered-on), or a column of days: mapping={' or '.join(columns)}"
    return "answered_on", "is missing: no column has the day of each answer", expected


Columns = Sequence[tuple[str, str | None]]
"""(name in the file, the question or fact that it holds, or None where it is passed over) for each column."""


def read_header(header: Sequence[str], rules: Rules, faults: Faults) -> Columns:
    """What each column holds. Whatever is wrong with the header is added to `faults`."""
    instrument = rules.instrument
    mapping = {name.casefold(): code for name, code in rules.mapping.items()}
    positions = " to ".join([*instrument.by_position][:: max(1, len(instrument.by_position) - 1)])
    known = ", ".join(filter(None, ("respondent", positions, f"or one of {', '.join(instrument.codes)}")))
    columns: list[tuple[str, str | None]] = []
    for name in header:
        asks = meaning_of(name, instrument, mapping)
        is_other = asks is None and rules.ignore_others and not _POSITION.fullmatch(name)
        if is_other or asks == PASSED_OVER or (asks in FACTS.values() and asks not in rules.facts):
            columns.append((name, None))
        elif asks is None:
            faults.add(f"row 1, column {cut(name) or '(without a name)'}", "is not a known column", known)
        elif asks in (asked for _, asked in columns):
            faults.add(f"row 1, column {cut(name)}", f"asks for {asks} again", _once(name, asks))
        else:
            columns.append((name, asks))
    there = {name.casefold() for name in header}
    absent = [cut(name) for name in rules.mapping if name.casefold() not in there]
    if absent:
        expected = f"columns of the file: {', '.join(map(cut, header[:_MOST_NAMES]))}"
        faults.add("mapping", f"names what the file does not have: {', '.join(absent[:_MOST_NAMES])}", expected)
    asked = {asks for _, asks in columns}
    names = {code: name for name, code in instrument.by_position.items()} | {c: n for n, c in rules.mapping.items()}
    needed = [] if rules.ignore_others else ["respondent"]
    for wanted in (*needed, *instrument.asked):
        if wanted not in asked and (wanted == "respondent" or not faults or asked):
            title = wanted if wanted == "respondent" else f"{names[wanted]} ({wanted})"
            faults.add(f"row 1, column {title}", "is missing", "a header with this column")
    return columns
