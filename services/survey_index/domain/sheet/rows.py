"""The rows below the header: one respondent each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.limits import LONGEST_LINE
from services.survey_index.domain.sheet.cells import Off, answer, looks
from services.survey_index.domain.sheet.header import Columns, read_header
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules

_BATCH = 5_000
_REMEMBERED = 5_000


def read_rows(
    rows: Iterable[Sequence[str]],
    rules: Rules,
    faults: Faults,
    on_header: Callable[[Columns], object] | None = None,
) -> Iterator[list[Answered]]:
    """The respondents, in batches. What is wrong is added to `faults`: rows count only if there are none at the end.

    `on_header` is told what the columns hold, before the first row is read.
    """
    lines = iter(rows)
    header = [name.strip() for name in next(lines, ())]
    if not any(header) and not faults:
        faults.add("file", "is empty", "a header, and below it a row for each respondent")
    columns = read_header(header, rules, faults) if not faults else None
    if columns is None or faults:
        return
    if on_header is not None:
        on_header(columns)
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
        except Off as off:
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
            _Column(*named[question.code], partial(answer, question), _plain(question))
            if question.code in named
            else None
            for question in rules.instrument.questions
        ]
        look = looks(rules)
        self._facts = {asks: _Column(*named[asks], look[asks], {}) for asks in named if asks in look}

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
        if not respondent or len(respondent) > LONGEST_LINE:
            self._faults.add(place, "is empty or too long", "the respondent's number")
        elif self._respondents.setdefault(respondent, number) != number:
            row = self._respondents[respondent]
            self._faults.add(place, f"is the respondent of row {row} again", "each respondent once")


def _plain(question: Question) -> dict[str, Any]:
    return {"": None, **{str(value): value for value in range(question.lowest, question.highest + 1)}}
