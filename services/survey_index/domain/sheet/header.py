"""The first row: what each column asks or tells."""

import csv
import re
from collections.abc import Collection, Mapping, Sequence

from services.survey_index.domain.instruments import REGULATION_ORDER, Instrument, wording
from services.survey_index.domain.sheet.days import days_like
from services.survey_index.domain.sheet.rules import COUNTERS, FACTS, Faults, Rules
from shared.errors import FieldError

PASSED_OVER = "-"
"""What a column is mapped to that is not to be read."""
_MOST_NAMES, _LONGEST_NAME = 20, 40
_POSITION = re.compile(r"[Uu]\d+(\.\d+)?")
_ENUMERATED = re.compile(r"(?:u|unsur)? ?\d{1,2}(?: \d)? (.+)")
"""`U8 Sarana dan prasarana`, `3. Waktu penyelesaian`: what the words say counts, and the number in front does not."""


def read_mapping(text: str | None, instrument: Instrument) -> tuple[dict[str, str], list[FieldError]]:
    """`U8:pengaduan,JK:sex,loket:-` as a mapping of columns to what they hold, and what is wrong with it. A name with a
    comma stands in quotation marks: `"Mudah, cepat?":prosedur`.
    """
    mapping: dict[str, str] = {}
    faults = []
    parts = next(csv.reader([(text or "").replace("\n", " ")], skipinitialspace=True), [])
    for pair in filter(None, (part.strip() for part in parts)):
        column, colon, code = (part.strip() for part in pair.rpartition(":"))
        holds = code if code in (*instrument.codes, PASSED_OVER) else _fact_of(code)
        if not colon or not column or holds is None:
            known = ", ".join((*instrument.codes, *FACTS, PASSED_OVER))
            expected = f'pairs such as U8:pengaduan or "Mudah, cepat?":prosedur, with one of: {known}'
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
    return question_of(name, instrument, mapping) or _fact_of(name) or _worded(name, instrument)


def _worded(name: str, instrument: Instrument) -> str | None:
    """The question that `name` has the words of: those of its sentence, or its element's name."""
    return next((instrument.by_wording[words] for words in _words(name) if words in instrument.by_wording), None)


def _words(name: str) -> Sequence[str]:
    """The words of a name, and those behind the number in front, if there is one."""
    said = wording(name)
    enumerated = _ENUMERATED.fullmatch(said)
    return [said, enumerated[1]] if enumerated else [said]


def _fact_of(name: str) -> str | None:
    return FACTS.get(_fact_name(name))


def _fact_name(name: str) -> str:
    """`No. Responden` as `no_responden`."""
    return "_".join(re.findall(r"\w+", name.casefold()))


def cut(name: str) -> str:
    """A name as a fault tells it: enough to find it again, whatever stands in the first row."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _expected_instead(name: str, asks: str, header: Sequence[str]) -> str:
    """What is expected instead of a second column for the same."""
    if sum(other.casefold() == name.casefold() for other in header) > 1:
        return "another name for one of these columns, in the file: a mapping would mean both"
    if asks == "day":
        return f"one column of days: mapping={cut(name)}:{PASSED_OVER} passes this one over, or leave it out"
    return f"each in one column: mapping=COLUMN:{PASSED_OVER} passes one over, mapping=COLUMN:date is one of days"


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
    expected = f"{known}; mapping=COLUMN:{PASSED_OVER} passes one over, ignore_others all that nobody knows"
    columns: list[tuple[str, str | None]] = []
    counters = idle_counters(header, rules)
    for name in header:
        asks = PASSED_OVER if name in counters else meaning_of(name, instrument, mapping)
        is_other = asks is None and rules.ignore_others and not _POSITION.fullmatch(name)
        if is_other or asks == PASSED_OVER or (asks in FACTS.values() and asks not in rules.facts):
            columns.append((name, None))
        elif asks is None:
            faults.add(f"row 1, column {cut(name) or '(without a name)'}", "is not a known column", expected)
        elif asks in (asked for _, asked in columns):
            faults.add(f"row 1, column {cut(name)}", f"asks for {asks} again", _expected_instead(name, asks, header))
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
    for wanted in (*needed, *instrument.answerable):
        if wanted not in asked and (wanted == "respondent" or not faults or asked):
            title = wanted if wanted == "respondent" else f"{names[wanted]} ({wanted})"
            faults.add(f"row 1, column {title}", "is missing", "a header with this column")
    return columns


def idle_counters(header: Sequence[str], rules: Rules) -> Collection[str]:
    """Columns that only number the rows, where another one has the respondents."""
    mapping = {name.casefold(): code for name, code in rules.mapping.items()}
    asking = [name for name in header if meaning_of(name, rules.instrument, mapping) == "respondent"]
    counters = {name for name in asking if _fact_name(name) in COUNTERS and name.casefold() not in mapping}
    return counters if len(counters) < len(asking) else ()


def is_by_position(columns: Columns, rules: Rules) -> bool:
    """Whether any element is named by its place alone, so that its name had to be assumed."""
    mapped = {name.casefold() for name in rules.mapping}
    places = rules.instrument.by_position
    return any(places.get(name.upper()) == asks and name.casefold() not in mapped for name, asks in columns if asks)


def is_by_mapping(columns: Columns, rules: Rules) -> bool:
    """Whether it was said of any column which element it is, where its name would not tell that by itself."""
    mapped = {name.casefold() for name in rules.mapping}
    codes = rules.instrument.codes
    said = [(name, asks) for name, asks in columns if asks in codes and name.casefold() in mapped]
    return any(name.casefold() != asks and _worded(name, rules.instrument) != asks for name, asks in said)


def has_sentences(columns: Columns, rules: Rules) -> bool:
    """Whether every column of answers is called by its whole question, as the instrument has it in Indonesian."""
    sentences = {question.code: wording(question.text.text.id) for question in rules.instrument.questions}
    return all(sentences[asks] in _words(name) for name, asks in columns if asks in sentences)


def order_taken(columns: Columns, rules: Rules) -> Mapping[str, str] | None:
    """How U8 and U9 were read, where the file names the two elements by their places alone, and the instrument has
    them in another order than the regulation. None where that is certain.
    """
    instrument = rules.instrument
    if rules.order_is_told or not instrument.swaps_the_last_two:
        return None
    mapped = {name.casefold() for name in rules.mapping}
    of = {question.code: question.element for question in instrument.questions}
    read = {name.upper(): asks for name, asks in columns if asks is not None and of.get(asks) in REGULATION_ORDER[-2:]}
    by_place = [name for name, asks in read.items() if instrument.by_position.get(name) == asks]
    return read if len(by_place) == len(read) and not mapped & {name.casefold() for name in read} else None
