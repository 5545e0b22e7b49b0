"""What a dispenser printed while it was offline: no paper is numbered anew (docs/domain.md, "Booths")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.intake.domain.queues import Priority

SyncOutcome = Literal["taken", "repeated", "collided", "contradicted", "refused"]
"""Of a paper: new in the queue; known already; new, with a number that another paper has; known under its sequence as
another paper, and left as it was; or not understood.
"""

_OLDEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a dispenser printed by itself: its own sequence and clock, and the number on it."""

    sequence: int
    number: int
    service: str | None
    at: datetime
    priority: Priority | None


def corrected(at: datetime, sent_at: datetime, now: datetime) -> datetime:
    """When a paper was printed by our clock, which a dispenser reads as `sent_at` at `now`: never in the future."""
    return min(at + (now - sent_at), now)


def is_too_old(taken_at: datetime, now: datetime) -> bool:
    """Whether nobody can wait any more who has that paper."""
    return now - taken_at > _OLDEST
