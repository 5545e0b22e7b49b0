"""Rows of this service's schema."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.domain.delivery import Outcome, Verdict
from services.notify.domain.notices import Kind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a citizen is to be told. `kind` and `address` are None when there is no way to tell."""

    id: UUID
    event_id: UUID
    reason: str
    ticket_id: UUID
    tracking_code: str
    kind: Kind | None
    address: str | None
    subject: str
    body: str
    status: str
    next_attempt_at: datetime
    give_up_at: datetime
    correlation_id: str
    created_at: datetime
    attempts: int = 0
    error: str | None = None
    ended_at: datetime | None = None
    traceparent: str | None = None
    text_removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt that has ended."""

    notice: Notice
    outcome: Outcome
    verdict: Verdict
