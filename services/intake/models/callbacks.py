"""A call-back that a citizen is owed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain.callbacks import CallbackStatus


@dataclass(frozen=True, slots=True)
class Callback:
    """A call-back to a number. `calls` is how often its citizen gave up, `tries` how often he was not reached."""

    id: UUID
    number: str
    status: CallbackStatus
    calls: int
    tries: int
    opened_at: datetime
    abandoned_at: datetime
    due_at: datetime
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
