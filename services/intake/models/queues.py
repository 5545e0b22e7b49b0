"""The queue of a booth as its rows tell it: who waits, who was called, and when. None says who it is."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, without a word of who it is."""

    id: UUID
    service: str
    series: str
    number: int
    priority: str | None
    place_at: datetime
    callable_at: datetime | None
    called_at: datetime | None
    call_due_at: datetime

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """His place in the queue among those of his kind."""
        return self.place_at, self.number, self.id


@dataclass(frozen=True, slots=True)
class Beside:
    """How many wait at a service, how many of them are priority visitors, and how many have a place before somebody."""

    waiting: int
    priority: int
    before: int


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was called and has not gone, without a word of who it is."""

    service: str
    series: str
    number: int
    counter: str | None
    last_called_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A first call: when, for which service, and whether it was a priority visitor."""

    at: datetime
    service: str
    is_priority: bool


@dataclass(frozen=True, slots=True)
class BoothDay:
    """A day of a booth on which somebody still waits, or was called."""

    booth: str
    day: date
