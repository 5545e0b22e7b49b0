"""A chat, its lines, and the answers of agents that are about to become lines."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as its reader meets it: the code of its case, the client that opened it, and when its last line came."""

    tracking_code: str
    opened_by: str
    last_line_at: datetime


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of a chat. `position` is its place, from 1; `author` is `citizen` or `agent`."""

    position: int
    author: str
    body: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ChatReply:
    """An agent's answer on its way into a chat."""

    id: UUID
    chat_id: UUID
    body: str
    sent_at: datetime
