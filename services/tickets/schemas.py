"""What goes in and out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.tickets.domain.ticket import Category, Status
from shared.http import Model, example
from shared.ratios import Ratio
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

    name: str | None
    email: str | None
    phone: str | None
    nik: str | None
    programme_number: str | None


class HandleOut(BaseModel):
    """By what a citizen is known, masked. `said`: he says so; `verified`: the channel by which he wrote vouches."""

    kind: str
    sureness: Literal["said", "verified"]
    value: str
    first_seen_at: datetime


class CitizenDetail(BaseModel):
    """A citizen, and his newest cases. One who is `merged_into` another has none any more."""

    id: UUID
    name: str | None
    merged_into: UUID | None
    handles: list[HandleOut]
    tickets: list[TicketOut]


class CitizenMergeIn(Model):
    """Who it is, and why it is thought that they are one."""

    model_config = example(into="0198c0de-0000-7000-8000-000000000002", reason="Sama menurut KTP")
    into: UUID = Field(description="The citizen who is left")
    reason: Short = ""


class SuggestionOut(BaseModel):
    """Two citizens or two tickets that may be one: `other` is the other one. `because` says why, `state` what a person
    said of it.
    """

    id: UUID
    kind: Literal["citizens", "tickets"]
    other: UUID
    score: float
    because: str
    state: Literal["open", "accepted", "dismissed"]
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class SuggestionPage(BaseModel):
    items: list[SuggestionOut]


Points = Annotated[float, Field(ge=-1, le=1)]
Score = Annotated[float, Field(gt=0, le=1)]


class MatchingRulesIn(Model):
    """From which score on a contact joins a case or is suggested for it, and what adds to the score."""

    model_config = example(
        join=0.77,
        suggest=0.46,
        same_text=1.0,
        same_topic=0.06,
        other_topic=-0.25,
        other_numbers=-0.25,
        recent=0.03,
        little_said_words=3,
        burst_minutes=10,
        recent_days=3,
        open_days=60,
        resolved_days=14,
    )
    join: Score = Field(description="From here on a contact joins an open case of its citizen")
    suggest: Score = Field(description="From here on an agent is asked; at most `join`")
    same_text: Annotated[float, Field(ge=0, le=1)] = Field(description="For texts that say the same")
    same_topic: Points
    other_topic: Points
    other_numbers: Points
    recent: Points
    little_said_words: Annotated[int, Field(ge=0, le=20)]
    burst_minutes: Annotated[int, Field(ge=0, le=1_440)]
    recent_days: Annotated[int, Field(ge=0, le=365)]
    open_days: Annotated[int, Field(ge=1, le=3_650)]
    resolved_days: Annotated[int, Field(ge=0, le=365)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest > self.join:
            raise PydanticCustomError("order", "`suggest` is above `join`", {"expected": "at most `join`"})
        return self


class MatchingRulesOut(MatchingRulesIn):
    version: int


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


class Tracking(BaseModel):
    """What the citizen sees who knows the tracking code: how the case stands, and no personal data."""

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


class FiguresRow(BaseModel):
    """The figures of a group: `of` is what it is called; empty for cases of no topic."""

    of: str
    figures: dict[str, int | Ratio | None]


class FiguresOut(BaseModel):
    """Figures of cases from one day to another, all together and by `by`. A fraction is null where nothing was counted
    that it could be a part of.
    """

    name: str
    since: date | None
    until: date | None
    by: str
    definitions: dict[str, str]
    total: dict[str, int | Ratio | None]
    items: list[FiguresRow]


class FeedItemOut(BaseModel):
    """Something that happened to a ticket. `place` is where it stands among all that happened; unit, topic and channel
    are those that the ticket has now. What was said is read at the ticket itself.
    """

    id: UUID
    place: str
    ticket_id: UUID
    version: int
    kind: str
    actor: str
    at: datetime
    unit: str
    topic: str | None
    channel: str


class FeedPage(BaseModel):
    """What happened, in order. `next_after` is where to read on, also when there was nothing yet."""

    items: list[FeedItemOut]
    next_after: str | None
