"""A call-back as staff sees it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class CallbackOut(BaseModel):
    """A citizen who gave up waiting. `calls` is how often; nobody calls him before `due_at`."""

    id: UUID
    number: str
    status: Literal["open", "claimed", "reached", "failed", "came_back", "withdrawn"]
    calls: int
    tries: int
    abandoned_at: datetime
    due_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    ended_at: datetime | None


class CallbackPage(BaseModel):
    """Call-backs, those first that are due first."""

    items: list[CallbackOut]
    next_cursor: str | None
