"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.tickets.domain.ticket import Category, Status
from shared.http import Model, example
from shared.text import OneLine

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


class ReplyIn(Model):
    """What an agent answers."""

    model_config = example(body="Insentif Anda kami proses; mohon tunggu sampai Jumat.")
    body: Text = Field(description="What the citizen is told")


class EscalateIn(Model):
    """To whom a case goes, and why."""

    model_config = example(unit="prakerja-pencairan", reason="Rekening perlu diperiksa bank")
    unit: UnitName | None = Field(default=None, description="The slug or the name of the unit that takes over")
    reason: Short = Field(default="", description="For agents; the citizen is told the due date, not the reason")


class ResolveIn(Model):
    """How a case ended."""

    model_config = example(body="Insentif sudah ditransfer pada 12 Maret.")
    body: Annotated[str, StringConstraints(max_length=20_000)] = Field(
        default="", description="What the citizen is told of the outcome"
    )


class TicketOut(BaseModel):
    """A case. `unit` is the slug of who handles it; `resolution_due_at` is the last second in time."""

    id: UUID
    tracking_code: str
    contact_id: UUID
    status: Status
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


class CitizenOut(BaseModel):
    """Who it is, for agents. A programme number is masked to its last four digits."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    nik: str | None
    programme_number: str | None


class EntryOut(BaseModel):
    id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime
    withdrawn_at: datetime | None


class AuditOut(BaseModel):
    version: int
    actor: str
    verb: str
    detail: str
    at: datetime


class EntryPage(BaseModel):
    items: list[EntryOut]
    next_cursor: str | None


class AuditPage(BaseModel):
    items: list[AuditOut]
    next_cursor: str | None


class TicketDetail(TicketOut):
    """A case with what is still missing from it, and the first page of its conversation and of its audit trail.

    `entries_next_cursor` and `audit_next_cursor` lead to the rest, by `…/entries` and `…/audit`; most cases have none.
    """

    citizen: CitizenOut
    missing: list[str]
    entries: list[EntryOut]
    entries_next_cursor: str | None
    audit: list[AuditOut]
    audit_next_cursor: str | None


class TicketPage(BaseModel):
    items: list[TicketOut]
    next_cursor: str | None


class StepOut(BaseModel):
    """Something that happened to a case; `text` says it to the citizen. So many `times` in a row, the last one `at`."""

    step: str
    text: str
    at: datetime
    times: int


class Tracking(BaseModel):
    """What the citizen sees who knows the tracking code: how the case stands, what happened and what is `asked` of him,
    in words; and no personal data.
    """

    tracking_code: str
    status: Status
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
    status_text: str
    asked: str | None
    steps: list[StepOut]


class EraseIn(Model):
    """Why a citizen is erased."""

    model_config = example(reason="Permohonan tertulis 12 Maret 2026, nomor 44")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="It is kept: a number of the request, and nothing that tells who asked"
    )


class ErasureOut(BaseModel):
    """That a citizen was erased, with so many tickets."""

    citizen_id: UUID
    erased_at: datetime
    tickets: int
