"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, StringConstraints, WithJsonSchema

from services.tickets.domain.status import Category, Status
from services.tickets.domain.ticket import Priority
from shared.errors import FieldError
from shared.http import Model, example
from shared.text import OneLine
from shared.visibility import Privacy

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
UnitName = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
Short = Annotated[str, StringConstraints(max_length=500)]


class UnitIn(Model):
    """What a unit is called."""

    model_config = example(name="Prakerja / pencairan")
    name: UnitName


class UnitOut(BaseModel):
    """A unit: `slug` is what programs call it, `name` what people do."""

    slug: str
    name: str


class UnitPage(BaseModel):
    items: list[UnitOut]


KnownStatus = Annotated[
    str, WithJsonSchema({"type": "string", "title": "Status", "x-extensible-enum": list(get_args(Status))})
]
"""How a case stands; in a word that only a newer release knows, too, while releases roll."""


class TicketOut(BaseModel):
    """A case. `unit` is the slug of who handles it, and `assignee` whose it is there; `resolution_due_at` is the last
    second in time. One that is merged goes on as `merged_into`.
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


class BulkResult(BaseModel):
    """What became of one ticket: the version that it is in now, or why it was refused."""

    id: UUID
    version: int | None = None
    code: str | None = None
    detail: str | None = None
    errors: list[FieldError] = []


class BulkOut(BaseModel):
    """What became of each ticket, in the order in which they were named, each once."""

    results: list[BulkResult]

    @property
    def about(self) -> list[UUID]:
        """What the access trail has a row of each of (`shared.trail`)."""
        return [result.id for result in self.results if result.version is not None]


class Tracking(BaseModel):
    """What the citizen sees who knows the tracking code: how the case stands, and no personal data."""

    tracking_code: str
    status: KnownStatus
    status_category: Category
    channel: str
    topic: str | None
    unit: str
    unit_name: str
    opened_at: datetime
    resolution_due_at: datetime
    first_replied_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int
