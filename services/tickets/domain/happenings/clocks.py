"""What the time did to a ticket."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """The moment came until which the case was held."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A clock of the case ran so far that somebody was to be warned; it is due at that moment."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Breached:
    """A clock of the case ran out: what was due at that moment was not done."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Alerted:
    """Somebody of a unit was told that a clock ran out, or will: by which step of its chain, and in which role."""

    clock: str
    step: int
    due_at: datetime
    unit: str
    role: str
    email: str


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A calendar was edited: what a clock owes is due at another moment by this version of it."""

    clock: str
    calendar: str
    edition: int
    before: datetime
    after: datetime
