"""The first row: what each column asks or tells."""

import re
from collections.abc import Mapping, Sequence

from services.survey_index.domain.instruments import Instrument
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
            faults.append(FieldError("mapping", f"has “{_cut(pair)}”, which is not understood", expected))
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


def _cut(name: str) -> str:
    """A name as a fault tells it: enough to find it again, whatever stands in the first row."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


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
            faults.add(f"row 1, column {_cut(name) or '(without a name)'}", "is not a known column", known)
        elif asks in (asked for _, asked in columns):
            faults.add(f"row 1, column {_cut(name)}", f"asks for {asks} again", "each element in one column")
        else:
            columns.append((name, asks))
    there = {name.casefold() for name in header}
    absent = [_cut(name) for name in rules.mapping if name.casefold() not in there]
    if absent:
        expected = f"columns of the file: {', '.join(map(_cut, header[:_MOST_NAMES]))}"
        faults.add("mapping", f"names what the file does not have: {', '.join(absent[:_MOST_NAMES])}", expected)
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
