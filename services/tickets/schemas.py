"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.tickets.domain.ticket import Category, Status
from services.tickets.domain.topics.words import words_of
from shared.events import Channel
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


Required = Literal["name", "email", "phone", "nik", "programme_number", "body"]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]


class TopicIn(Model):
    """What a topic is: its name, who handles it, how people write it, and what a complete complaint about it has."""

    model_config = example(
        name="insentif belum diterima",
        unit="prakerja-pencairan",
        phrases=["insentif belum cair", "intensif belum masuk"],
        required=["name", "email", "phone", "programme_number", "body"],
    )
    name: UnitName
    unit: UnitName = Field(description="The slug or the name of a unit")
    phrases: list[Phrase] = Field(
        max_length=500, description="Each as people write it; misspellings need not be listed"
    )
    required: tuple[Required, ...] = Field(default=("body",), max_length=6)
    required_by_channel: dict[Channel, tuple[Required, ...]] = Field(
        default_factory=dict, description="What is required instead of what comes by one of these channels"
    )

    @field_validator("phrases")
    @classmethod
    def _of_words(cls, phrases: list[str]) -> list[str]:
        if not all(words_of(phrase) for phrase in phrases):
            raise PydanticCustomError("phrase", "has no word", {"expected": "at least one word or number"})
        return phrases


class TopicOut(BaseModel):
    """A topic in a version: `edited_by` made it so at `edited_at`. A retired one is given to no case any more."""

    slug: str
    name: str
    unit: str
    unit_name: str
    phrases: list[str]
    required: list[str]
    required_by_channel: dict[str, list[str]]
    version: int
    is_retired: bool
    edited_by: str
    edited_at: datetime


class TopicPage(BaseModel):
    items: list[TopicOut]


class TopicVersionPage(BaseModel):
    items: list[TopicOut]
    next_cursor: str | None


class ClassifyIn(Model):
    """What is to be looked at: each text apart."""

    model_config = example(texts=["Intensif saya blm cair kak, padahal udah kasih rating"])
    texts: list[Text] = Field(min_length=1, max_length=50)


class ChoiceOut(BaseModel):
    """What a text is about, and because of what. Without a topic it is for a person to decide, and `unit` is who does
    meanwhile.
    """

    topic: str | None
    topic_name: str | None
    unit: str
    unit_name: str
    confidence: float = Field(description="0 to 1; docs/topics.md says what it is worth")
    because: list[str]
    is_triage: bool


class Choices(BaseModel):
    items: list[ChoiceOut]


class TopicModelIn(Model):
    """Which model is asked beside the phrases; none where `version` is null."""

    model_config = example(version=2)
    version: Annotated[int, Field(ge=1, le=2_147_483_647)] | None


class TopicModelOut(BaseModel):
    """A model: of which topics, trained by whom and when, and what the report of its training says."""

    version: int
    labels: list[str]
    trained_at: datetime
    trained_by: str
    is_active: bool
    activated_at: datetime | None
    activated_by: str | None
    report: dict[str, Any]


class TopicModelPage(BaseModel):
    items: list[TopicModelOut]


class RequestInfoIn(Model):
    """What the citizen is asked for."""

    model_config = example(fields=["programme_number"])
    fields: tuple[Required, ...] | None = Field(
        default=None, min_length=1, max_length=6, description="All that its topic requires and is missing, if left out"
    )
