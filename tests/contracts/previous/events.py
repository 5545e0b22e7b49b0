"""Every contract between the services: what is said on which stream, by whom, to whom.

Attribute names follow CloudEvents 1.0; `sequence`, `correlationid` and `traceparent` are its registered extensions.
Events are frozen and versioned by `dataschema`; readers ignore what they do not know, so a field may be added but
never renamed. `docs/events.md` and `docs/asyncapi.json` are generated from this module (`make docs`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from shared.ids import new_id

Channel = Literal["form", "chat", "booth"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A Redis stream: who writes it, and which groups must have read an entry before it may be trimmed."""

    name: str
    writer: str
    readers: tuple[str, ...]

    @property
    def key(self) -> str:
        """The Redis key. The braces keep all keys of a partition on one node of a cluster."""
        return f"{{{self.name}:0}}"

    @property
    def generation_key(self) -> str:
        """Holds a value that only this filling of Redis has: when it is gone, Redis was wiped."""
        return f"{self.key}:generation"


STREAMS = {
    stream.name: stream
    for stream in (
        Stream("contacts", writer="intake", readers=("tickets",)),
        Stream("tickets", writer="tickets", readers=("intake", "notify", "survey_index")),
        Stream("notices", writer="notify", readers=("tickets",)),
        Stream("surveys", writer="survey_index", readers=("notify",)),
    )
}


class Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Person(Data):
    """How a citizen can be addressed. `phone` is E.164."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def reachable(self) -> bool:
        """Whether there is a way to tell this person anything."""
        return bool(self.email or self.phone)


class ContactData(Data):
    """One utterance of a citizen, from whatever door, in one form.

    `outcome` is what the door already did: a booth settles or escalates at once, the others leave it open.
    `programme_number` is sealed (`shared.seal`); only its last four digits are readable.
    """

    contact_id: UUID
    tracking_code: str
    channel: Channel
    chat_id: UUID | None = None
    visit_id: UUID | None = None
    citizen: Person = Person()
    programme_number_sealed: str | None = None
    programme_number_last4: str | None = None
    subject: str = ""
    body: str = ""
    received_at: datetime
    outcome: Literal["open", "escalated", "settled"] = "open"


class TicketData(Data):
    """What a reader needs to know of a ticket, whatever happened to it."""

    ticket_id: UUID
    tracking_code: str
    version: int
    status: Literal["open", "escalated", "answered", "resolved"]
    channel: Channel
    chat_id: UUID | None = None
    topic: str | None = None
    unit: str
    subject: str
    opened_at: datetime
    resolution_due_at: datetime
    zone: str
    escalation_level: int
    citizen: Person


class JoinedData(TicketData):
    """`newly_reachable`: only with this contact is there a way to tell the citizen that the case was opened."""

    contact_id: UUID
    newly_reachable: bool = False


class RepliedData(TicketData):
    reply_id: UUID
    body: str


class EscalatedData(TicketData):
    reason: str = ""


class ResolvedData(TicketData):
    resolved_at: datetime
    answer: str = ""


class NoticeFailedData(Data):
    """A notice that could not be handed over (`failed`), or of which nobody knows whether it was (`uncertain`)."""

    notice_id: UUID
    ticket_id: UUID | None = None
    reason: str
    kind: Literal["email", "sms"]
    outcome: Literal["failed", "uncertain"]
    error: str


class InvitedData(Data):
    invitation_id: UUID
    survey: str
    ticket_id: UUID
    tracking_code: str
    link: str
    expires_at: datetime
    zone: str
    citizen: Person


class AnyEvent(BaseModel):
    """The CloudEvents envelope."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    stream: ClassVar[Stream]

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    subject: str
    time: datetime
    sequence: int | None = None
    correlationid: str
    traceparent: str | None = None

    def encode(self) -> str:
        """The JSON that is stored in the outbox and sent over the stream."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def of(
        cls,
        data: BaseModel,
        *,
        subject: UUID,
        now: datetime,
        correlation_id: str,
        sequence: int | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """A new event of this kind about `subject`, said at `now` by the service that owns the stream."""
        return cls.model_construct(  # type: ignore[return-value]
            id=new_id(),
            source=cls.stream.writer,
            subject=str(subject),
            time=now,
            sequence=sequence,
            correlationid=correlation_id,
            traceparent=traceparent,
            data=data,
        )


class ContactReceived(AnyEvent):
    """A door accepted something from a citizen."""

    stream = STREAMS["contacts"]
    type: Literal["contact.received"] = "contact.received"
    dataschema: Literal["urn:satuatap:contact.received:1"] = "urn:satuatap:contact.received:1"
    data: ContactData


class TicketOpened(AnyEvent):
    """A new case exists, with an owner and a clock."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.opened"] = "ticket.opened"
    dataschema: Literal["urn:satuatap:ticket.opened:1"] = "urn:satuatap:ticket.opened:1"
    data: TicketData


class TicketJoined(AnyEvent):
    """The citizen said something more about an open case."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.joined"] = "ticket.joined"
    dataschema: Literal["urn:satuatap:ticket.joined:1"] = "urn:satuatap:ticket.joined:1"
    data: JoinedData


class TicketReopened(AnyEvent):
    """The citizen said something about a case that we thought was resolved."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.reopened"] = "ticket.reopened"
    dataschema: Literal["urn:satuatap:ticket.reopened:1"] = "urn:satuatap:ticket.reopened:1"
    data: JoinedData


class TicketReplied(AnyEvent):
    """An agent answered the citizen."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.replied"] = "ticket.replied"
    dataschema: Literal["urn:satuatap:ticket.replied:1"] = "urn:satuatap:ticket.replied:1"
    data: RepliedData


class TicketEscalated(AnyEvent):
    """The case went one level up; the citizen is owed a notice with the due date."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.escalated"] = "ticket.escalated"
    dataschema: Literal["urn:satuatap:ticket.escalated:1"] = "urn:satuatap:ticket.escalated:1"
    data: EscalatedData


class TicketResolved(AnyEvent):
    """The case is settled; its satisfaction may now be asked for."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.resolved"] = "ticket.resolved"
    dataschema: Literal["urn:satuatap:ticket.resolved:1"] = "urn:satuatap:ticket.resolved:1"
    data: ResolvedData


class NoticeFailed(AnyEvent):
    """A citizen may not have been told something: a person must look."""

    stream = STREAMS["notices"]
    type: Literal["notice.failed"] = "notice.failed"
    dataschema: Literal["urn:satuatap:notice.failed:1"] = "urn:satuatap:notice.failed:1"
    data: NoticeFailedData


class SurveyInvited(AnyEvent):
    """A citizen may be asked how well it went, once, by a link of his own."""

    stream = STREAMS["surveys"]
    type: Literal["survey.invited"] = "survey.invited"
    dataschema: Literal["urn:satuatap:survey.invited:1"] = "urn:satuatap:survey.invited:1"
    data: InvitedData


Event = Annotated[
    ContactReceived
    | TicketOpened
    | TicketJoined
    | TicketReopened
    | TicketReplied
    | TicketEscalated
    | TicketResolved
    | NoticeFailed
    | SurveyInvited,
    Field(discriminator="type"),
]
EVENT_TYPES: tuple[type[AnyEvent], ...] = get_args(get_args(Event)[0])
_adapter: TypeAdapter[AnyEvent] = TypeAdapter(Event)
_known = frozenset(kind.model_fields["type"].default for kind in EVENT_TYPES)


class UnknownEventType(Exception):
    """The entry is an event of a kind that this release does not know; it is passed over."""


class _TypeOnly(BaseModel):
    type: str


def decode(payload: bytes | str) -> AnyEvent:
    """The event in `payload`.

    Raises `UnknownEventType` for a kind that a newer writer may have added, and `pydantic.ValidationError` for
    what is not an event at all, or breaks its contract.
    """
    kind = _TypeOnly.model_validate_json(payload).type
    if kind not in _known:
        raise UnknownEventType(kind)
    return _adapter.validate_json(payload)


def types_on(stream: Stream) -> Iterable[type[AnyEvent]]:
    """The kinds of event that `stream` carries."""
    return (kind for kind in EVENT_TYPES if kind.stream is stream)
