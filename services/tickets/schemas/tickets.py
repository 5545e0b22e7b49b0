"""Tickets over HTTP, as staff see them."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, WithJsonSchema

from services.tickets.domain.status import Category, Status
from services.tickets.domain.ticket import Priority
from shared.visibility import Privacy

KnownStatus = Annotated[
    str, WithJsonSchema({"type": "string", "title": "Status", "x-extensible-enum": list(get_args(Status))})
]
"""How a case stands; in a word that only a newer release knows, too, while releases roll."""


class TicketOut(BaseModel):
    """A case. `unit` is the slug of who handles it, and `assignee` whose it is there; `resolution_due_at` is the last
    second in time. One that is merged goes on as `merged_into`.

    `…_met_at` is when it was done in time, `…_breached_at` when it was known to be too late. A case is owed a first
    response if its policy has a clock for it.
    """

    id: UUID
    tracking_code: str
    contact_id: UUID
    status: KnownStatus
    status_category: Category
    channel: str
    unit: str
    unit_name: str
    topic: str | None
    subject: str
    opened_at: datetime
    resolution_due_at: datetime
    resolution_met_at: datetime | None
    resolution_breached_at: datetime | None
    first_response_due_at: datetime | None
    first_response_met_at: datetime | None
    first_response_breached_at: datetime | None
    first_replied_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int
    version: int
    assignee: str | None
    priority: Priority
    privacy: Privacy
    held_until: datetime | None
    merged_into: UUID | None


class CitizenOut(BaseModel):
    """Who it is, for agents. A programme number is masked to its last four digits."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    nik: str | None
    programme_number: str | None


class EntryOut(BaseModel):
    """A line. One that is internal is between members of staff. `said_to` is the ticket that was answered, where that
    was merged into this one since.
    """

    id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime
    withdrawn_at: datetime | None
    is_internal: bool
    said_to: UUID | None


class AuditOut(BaseModel):
    version: int
    actor: str
    verb: str
    detail: str
    at: datetime
    origin: str


class EntryPage(BaseModel):
    items: list[EntryOut]
    next_cursor: str | None


class AuditPage(BaseModel):
    items: list[AuditOut]
    next_cursor: str | None


class ParticipantOut(BaseModel):
    """Who takes part in a case by a ticket of his own that was merged into it; lines of his name that ticket."""

    ticket_id: UUID
    tracking_code: str
    citizen: CitizenOut


class TicketDetail(TicketOut):
    """A case with what is still missing from it, and the first page of its conversation and of its audit trail.

    `entries_next_cursor` and `audit_next_cursor` lead to the rest, by `…/entries` and `…/audit`; most cases have none.
    """

    citizen: CitizenOut
    participants: list[ParticipantOut]
    links: list[UUID]
    missing: list[str]
    entries: list[EntryOut]
    entries_next_cursor: str | None
    audit: list[AuditOut]
    audit_next_cursor: str | None


class TicketPage(BaseModel):
    items: list[TicketOut]
    next_cursor: str | None
