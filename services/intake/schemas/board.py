"""What a screen at a booth shows: numbers, and nothing about a person."""

from datetime import date, datetime

from pydantic import BaseModel


class NowServing(BaseModel):
    """A number that is called or served, and where."""

    label: str
    service: str
    counter: str | None
    called_at: datetime


class WaitRange(BaseModel):
    """How long who comes now is going to wait, about."""

    from_seconds: int
    to_seconds: int


class ServiceBoard(BaseModel):
    """A service: the numbers that wait in the order in which they are called, and how long who comes now waits.

    `due_soon` of them are to be called at once, or the five minutes are over; for `overdue` they are. There is no
    estimate before a few were called today.
    """

    service: str
    is_open: bool
    waiting: int
    next: list[str]
    due_soon: int
    overdue: int
    estimate: WaitRange | None


class BoardOut(BaseModel):
    """What a screen shows. It is of one day of the booth, and empties itself at `empties_at`, its midnight."""

    booth: str
    day: date
    at: datetime
    empties_at: datetime
    now_serving: list[NowServing]
    services: list[ServiceBoard]
