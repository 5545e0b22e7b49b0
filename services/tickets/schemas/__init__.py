"""What goes in and out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from services.tickets.domain.status import Category, Status
from services.tickets.domain.ticket import Priority
from services.tickets.domain.topics.words import words_of
from services.tickets.domain.units import Slug
from shared.errors import FieldError
from shared.events import Channel
from shared.http import Model, example
from shared.ratios import Ratio
from shared.roles import Permission
from shared.text import OneLine
from shared.visibility import Privacy

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
UnitName = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
Short = Annotated[str, StringConstraints(max_length=500)]


class Me(BaseModel):
    """A member of staff. `units` are the slugs of those whose cases he sees; null stands for every unit."""

    subject: str
    roles: list[str]
    units: list[str] | None
    may: list[Permission]
    expires_at: datetime | None


class UnitIn(Model):
    """What a unit is called, and what it belongs to. What is left out beside the name stays as it is."""

    model_config = example(name="Prakerja / pencairan", parent="prakerja", auto_assign=False)
    name: UnitName
    parent: Slug | None = Field(
        default=None, description="The slug of the unit that it belongs to, whose head sees its cases; null for none"
    )
    auto_assign: bool = Field(default=False, description="Whether its cases are given to its agents by themselves")


class UnitOut(BaseModel):
    """A unit: `slug` is what programs call it, `name` what people do."""

    slug: str
    name: str
    parent: str | None
    auto_assign: bool


class UnitPage(BaseModel):
    items: list[UnitOut]


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


class TrackingStep(BaseModel):
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
    status_text: str
    asked: str | None
    steps: list[TrackingStep]


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
