"""Rows of this service's schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

RESPONDENTS = "*"
"""The question that stands for "a respondent": its count is n."""


@dataclass(frozen=True, slots=True)
class Survey:
    """An instrument at work: its edition and missing-answer policy stay with it."""

    code: str
    title: str
    instrument: str
    edition: str
    missing: str
    zone: str


@dataclass(frozen=True, slots=True)
class Invitation:
    id: UUID
    survey: str
    ticket_id: UUID
    tracking_code: str
    unit: str
    channel: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One respondent's answers: question → value, without those left empty. It knows no name."""

    id: UUID
    survey: str
    unit: str
    service: str
    channel: str
    day: date
    answered_at: datetime
    complete: bool
    answers: Mapping[str, int]
    comment: str | None = None
    respondent: str | None = None
    import_id: UUID | None = None
    invitation_id: UUID | None = None
