"""What channels brought, as far as nobody could understand it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class FaultOut(BaseModel):
    """A part that could not be understood: where it stands (all of it, if that is empty), and what was expected."""

    place: str
    reason: str


class RawOut(BaseModel):
    """Something that a channel brought. `parsed`: all but its faults became contacts; `unreadable`: nothing of it."""

    id: UUID
    channel: str
    account: str
    received_at: datetime
    status: Literal["waiting", "parsed", "unreadable"]
    tries: int
    size: int
    faults: list[FaultOut]


class RawPage(BaseModel):
    items: list[RawOut]
    next_cursor: str | None
