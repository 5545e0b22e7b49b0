"""The rows below the header: one respondent each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.limits import LONGEST_LINE
from services.survey_index.domain.sheet.cells import Off, answer, looks
from services.survey_index.domain.sheet.days import Days
from services.survey_index.domain.sheet.header import Columns, cut, day_is_missing, read_header
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules

_BATCH = 5_000
_REMEMBERED = 5_000
_LOOKED_AT = 20


def read_rows(
    rows: Iterable[Sequence[str]],
    rules: Rules,
    faults: Faults,
    days: Days | None = None,
    on_header: Callable[[Columns], object] | None = None,
) -> Iterator[list[Answered]]:
    """The respondents, in batches. What is wrong is added to `faults`: rows count only if there are none at the end.

    `days` is told of the days of each batch; without it, the order of day and month is not looked for further down.
    `on_header` is told what the columns hold, before the first row is read.
    """
    lines = iter(rows)
    header = [name.strip() for name in next(lines, ())]
    if not any(header) and not faults:
        faults.add("file", "is empty", "a header, and below it a row for each respondent")
    if faults:
        return
    columns = read_header(header, rules, faults)
    if rules.needs_days and rules.answered_on is None and "day" not in (asks for _, asks in columns):
        faults.add(*day_is_missing(header, list(islice(lines, _LOOKED_AT)), rules))
    if faults:
        return
    if on_header is not None:
        on_header(columns)
    days = days or Days(rules)
    reader = _Reader(columns, rules, faults, days)
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
            days.count(batch)
            yield batch
            batch = []
    if not read and not faults:
        faults.add("row 2", "is missing", "at least one row of answers below the header")
    if batch and not faults:
        days.count(batch)
        yield batch


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
        try:
            return self.seen[cell]
        except KeyError:
            pass
        try:
            value = self.look(cell.strip())
        except Off as off:
            faults.add(f"row {number}, column {self.name}", *off.args)
            return None
        if len(self.seen) < _REMEMBERED:
            self.seen[cell] = value
        return value


class _Reader:
    """Reads rows. A row of cells that were all seen before takes a short way."""

    def __init__(self, columns: Columns, rules: Rules, faults: Faults, days: Days) -> None:
        self._faults = faults
        self._width = len(columns)
        self._respondents: dict[str, int] = {}
        named = {asks: (name, place) for place, (name, asks) in enumerate(columns) if asks is not None}
        self._respondent: int | None
        self._respondent_name, self._respondent = named.get("respondent", ("respondent", None))
        self._questions = [
            _Column(*named[question.code], partial(answer, question), _plain(question))
            if question.code in named
            else None
            for question in rules.instrument.questions
        ]
        look = looks(rules)
        self._facts = {asks: _Column(*named[asks], look[asks], {}) for asks in named if asks in look}
        if "day" in named:
            self._facts["day"] = _Column(*named["day"], days.read, days.seen)
            name, place = named["day"]
            days.of_column(cut(name), place)

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
        except KeyError:
            answers = tuple(c.read(cells, number, self._faults) if c is not None else None for c in self._questions)
        try:
            facts = {fact: column.seen[cells[column.place]] for fact, column in self._facts.items()}
        except KeyError:
            facts = {fact: column.read(cells, number, self._faults) for fact, column in self._facts.items()}
        return Answered(respondent, answers, **facts)

    def _check_respondent(self, number: int, respondent: str) -> None:
        place = f"row {number}, column {self._respondent_name}"
        if not respondent or len(respondent) > LONGEST_LINE:
            self._faults.add(place, "is empty or too long", "the respondent's number")
        elif self._respondents.setdefault(respondent, number) != number:
            row = self._respondents[respondent]
            self._faults.add(place, f"is the respondent of row {row} again", "each respondent once")


def _plain(question: Question) -> dict[str, Any]:
    return {"": None, **{str(value): value for value in range(question.lowest, question.highest + 1)}}
