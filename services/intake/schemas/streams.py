"""What opens a stream, and what it says beside lines."""

from datetime import datetime

from pydantic import BaseModel

from services.intake.domain.chats import Side
from services.intake.domain.streams import Ending


class StreamTicket(BaseModel):
    """`ticket` opens one stream of this chat, once, within `expires_in` seconds: `…/events?ticket=…&after=…`."""

    ticket: str
    expires_in: int


class ReadMarks(BaseModel):
    """How far each side has read: the `id` of a line."""

    citizen: int
    agent: int


class Status(BaseModel):
    """How the chat stands: the frame `status`."""

    ended_at: datetime | None
    read: ReadMarks


class Typing(BaseModel):
    """Somebody types: the frame `typing`."""

    author: Side


class Closed(BaseModel):
    """Why the stream ends: the frame `closed`. After `replaced` another tab has the stream: do not come back."""

    reason: Ending
