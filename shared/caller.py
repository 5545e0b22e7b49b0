"""Who calls: an integration with its key, a member of staff with his token, or a chat with its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from shared.key_uses import KeyInUse
from shared.visibility import EVERYTHING, Visibility

Role = Literal["agent", "officer", "unit_head", "supervisor", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
Scope = Literal["contacts:write", "chats:read", "booths:write", "calls:write", "answers:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
KeyChannel = Literal["form", "chat", "email", "call", "booth"]
CHANNELS: tuple[KeyChannel, ...] = get_args(KeyChannel)
"""What a key may be bound to: channels whose routes take keys."""
WIDGET = "chats:open"
"""The one scope of a widget's key, and of no other."""


@dataclass(frozen=True, slots=True)
class Widget:
    """What binds a key that everybody can read: the origins of its pages, and how many chats it opens in a minute."""

    origins: frozenset[str]
    per_minute: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `subject` is a stable name without personal data, such as `key:3f…` or `staff:budi`."""

    subject: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    chat_id: UUID | None = None
    widget: Widget | None = None
    channels: frozenset[str] | None = None
    """To which channels his key is bound; None for all."""
    key: KeyInUse | None = None
    issued_at: datetime | None = None
    """When his token was signed, of staff."""
    expires_at: datetime | None = None
    """Until when his token works, of staff."""
    sees: Visibility = EVERYTHING
    """Which cases he sees: of staff, those of the units that his token names, and for some those of the units below."""
