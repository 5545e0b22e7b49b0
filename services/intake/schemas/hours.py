"""Service hours, and what is said to whom nobody answers just now."""

from datetime import datetime, time

from pydantic import BaseModel


class Closing(BaseModel):
    """Nobody is there just now: it is kept, and answered by e-mail or SMS, or here from the `next_opening` on.

    `wants_address`: no address is known in this chat; `POST /v1/chats/{chat_id}/contact` takes one.
    """

    next_opening: datetime | None
    wants_address: bool


class IntervalOut(BaseModel):
    """Of one day of the week, in the zone; one that ends before it begins goes on past midnight."""

    weekday: str
    opens: time
    closes: time


class ServiceHoursOut(BaseModel):
    """`closes_at` is null while it is closed, or if it never closes; `next_opening` is null if it never opens again."""

    open: bool
    closes_at: datetime | None
    next_opening: datetime | None
    zone: str
    week: list[IntervalOut]
