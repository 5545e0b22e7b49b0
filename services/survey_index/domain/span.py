"""What is said of the days of answers by whoever brings them: a day, or two, and how his file writes its days."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from services.survey_index.domain.limits import EARLIEST, LATEST

EXPECTED_SPAN = "a day such as 2026-03-31, or the first and the last day, 2026-01-01..2026-03-31"
DayOrder = Literal["day_first", "month_first", "year_first"]
"""Which of the numbers of 01/10/2026 is the day; and whether 26/10/01, whose year has two digits, begins with it."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; a day when the two are one."""

    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> Self:
        """`2026-03-31` or `2026-01-01..2026-03-31`. Raises `ValueError`, with what is wrong."""
        first, dots, last = (part.strip() for part in text.partition(".."))
        span = cls(_day(first), _day(last if dots else first))
        if span.first > span.last:
            raise ValueError("ends before it begins")
        return span

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


class DaysTaken(BaseModel):
    """From which days the answers of a file are, and who says so: its column of days, or whoever brought the file."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    column: str = ""
    """The name of the column that days were read from, if any."""
    by_column: int = 0
    """How many rows tell their day."""
    by_answered_on: int = 0
    """How many are of the days that were said of the file."""
    day_order: DayOrder | None = None
    """In which order day and month were read, where it decides."""


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise ValueError("is not a day, nor two days")
    return day
