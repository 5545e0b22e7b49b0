"""A conversation that goes on over a channel, and where what somebody said came from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation: the chat that it is kept in, the tracking code of its case, and when its last line came."""

    chat_id: UUID
    tracking_code: str
    last_line_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Where a contact came from: which raw bytes it is in, and what the other side calls it and whoever said it."""

    contact_id: UUID
    raw_id: UUID
    channel: str
    account: str
    external_id: str
    sender: str
    received_at: datetime
