"""A chat, its lines, and the answers of agents that are about to become lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ChatState:
    """How a chat stands: the place of its last line, how far each side has read, and since when it is ended."""

    last_position: int
    citizen_read: int = 0
    agent_read: int = 0
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as its reader meets it: the code of its case, the client that opened it, and when its last line came."""

    tracking_code: str
    opened_by: str
    last_line_at: datetime
    state: ChatState


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of a chat. `position` is its place, from 1; `author` is `citizen`, `agent` or `system`.

    The house itself (`system`) says what happened to the chat: an `event`, and no `body`.
    """

    position: int
    author: str
    body: str
    sent_at: datetime
    event: str | None = None


@dataclass(frozen=True, slots=True)
class ChatNews:
    """How a chat stands, and what lines there are after a place, in order. `more`: there are further ones."""

    state: ChatState
    lines: Sequence[ChatLine]
    more: bool


@dataclass(frozen=True, slots=True)
class ChatReply:
    """An agent's answer on its way into a chat."""

    id: UUID
    chat_id: UUID
    body: str
    sent_at: datetime
