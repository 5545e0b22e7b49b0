"""A file of answers, from its bytes to the respondents and what is told of them all. Nothing here knows a database:
the process that reads files (`reading_process`) needs no more than this.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field

from services.survey_index.domain.sheet.bounds import within_bounds
from services.survey_index.domain.sheet.days import Days
from services.survey_index.domain.sheet.notes import ElementsNamedBy, Notes, PassedOver
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from services.survey_index.domain.sheet.text import csv_rows
from services.survey_index.domain.sheet.written_days import FROM_1900
from services.survey_index.domain.skm import Missing
from services.survey_index.domain.span import DaysTaken
from services.survey_index.domain.tallies import Layout
from services.survey_index.service.archive import looks_like_workbook
from services.survey_index.service.workbook import days_counted_from, xlsx_rows
from shared.errors import FieldError

_facts_of = attrgetter(*(field.name for field in fields(Answered)))
_day = lru_cache(maxsize=4_096)(date.fromisoformat)


def rows_of(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of a CSV file or a workbook, as texts, as far as they are within the bounds of a file of answers."""
    rows = xlsx_rows(content, faults) if looks_like_workbook(content) else csv_rows(content, faults)
    return within_bounds(rows, faults)


def days_of(content: bytes, rules: Rules) -> Days:
    """What reads the days of a file."""
    counted_from = days_counted_from(content) if looks_like_workbook(content) else FROM_1900
    return Days(rules, again=lambda: rows_of(content, Faults()), counted_from=counted_from)


@dataclass(frozen=True, slots=True)
class Order:
    """By which rules a file is read, and by which its answers are counted; None if nobody asks for the counts."""

    rules: Rules
    counted: Missing | None = None


class Summary(BaseModel):
    """What is told of a whole file: its respondents, what makes it the same file, their counts, and what is wrong."""

    model_config = ConfigDict(frozen=True)

    rows: int = Field(default=0, ge=0)
    sha: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = "0" * 64
    cells: list[int] = []
    faults: list[FieldError] = []
    damage: str = ""
    """Which kind of exception a damaged file raised."""
    failure: str = ""
    """Where we failed, which is no fault of the file."""
    numbered: bool = True
    """Whether its respondents have numbers of their own, instead of those of their rows."""
    days: DaysTaken | None = None
    passed_over: list[PassedOver] = []
    """The first rows that are no respondents; `passed_over_count` is how many there are."""
    passed_over_count: int = Field(default=0, ge=0)
    elements_named_by: ElementsNamedBy = "places"
    positions: dict[str, str] | None = None
    """How columns were read whose places could mean other elements."""


class Digest:
    """What makes two files the same: their cells, and not how they were saved."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def over(self, rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        """The same rows, each of which is added when it is read. Empty ones add nothing."""
        for cells in rows:
            line = "\x1f".join(cells)
            if line.strip("\x1f"):
                self._sha.update(line.encode())
                self._sha.update(b"\x1e")
            yield cells

    def hex(self) -> str:
        return self._sha.hexdigest()


def read_file(content: bytes, order: Order, keep: Callable[[Sequence[Answered]], object]) -> Summary:
    """Reads a file to its end. `keep` is given the respondents in batches; they count only if there are no faults."""
    faults, notes, digest, rows = Faults(), Notes(), Digest(), 0
    layout = Layout(order.rules.instrument)
    cells = [0] * layout.size
    days = days_of(content, order.rules)
    for batch in read_rows(digest.over(rows_of(content, faults)), order.rules, faults, days=days, notes=notes):
        keep(batch)
        rows += len(batch)
        if order.counted is not None:
            counted = (a.answers for a in batch if order.counted == "per_question" or layout.is_complete(a.answers))
            cells = [one + more for one, more in zip(cells, layout.tally(counted), strict=True)]
    return Summary(
        rows=0 if faults else rows,
        sha=digest.hex(),
        cells=cells,
        faults=list(faults),
        damage=faults.damage,
        numbered=notes.numbered,
        days=None if faults else days.days_taken(),
        passed_over=notes.passed_over,
        passed_over_count=notes.passed_over_count,
        elements_named_by=notes.elements_named_by,
        positions=dict(notes.positions) if notes.positions else None,
    )


def to_line(batch: Sequence[Answered]) -> bytes:
    """Respondents as one line of JSON, which can hold nothing but values, whoever wrote it."""
    return orjson.dumps([_facts_of(answered) for answered in batch]) + b"\n"


def from_line(line: bytes) -> list[Answered]:
    """Respondents out of a line of `to_line`."""
    return [
        Answered(respondent, tuple(answers), _day(day) if day else None, *more)
        for respondent, answers, day, *more in orjson.loads(line)
    ]
