"""What `tickets` says: something happened to a ticket."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.people import Person
from shared.events.streams import STREAMS
from shared.events.words import TicketPrivacy, TicketStatus, Words


class TicketData(Data):
    """What a reader needs to know of a ticket, whatever happened to it. `channel` is what its contact said.

    `unit` is the slug of who handles it, and `unit_name` what people call it; an older writer gave the name alone.
    `citizen` is for whoever brings him word, and for nobody's eyes where `privacy` is not `none`.
    """

    ticket_id: UUID
    tracking_code: str
    version: int
    status: Annotated[str, Words(TicketStatus)]
    channel: str
    chat_id: UUID | None = None
    topic: str | None = None
    unit: str
    unit_name: str = ""
    subject: str
    opened_at: datetime
    resolution_due_at: datetime
    zone: str
    escalation_level: int
    citizen: Person
    privacy: Annotated[str, Words(TicketPrivacy)] = "none"

    @property
    def handled_by(self) -> str:
        """What people call the unit."""
        return self.unit_name or self.unit


class OpenedData(TicketData):
    """`is_automatic`: a machine wrote what began it, and must not be answered by one. `body_digest` is the same for
    mails that say the same; empty where it came by another channel. `contact_id` is the contact that began it; an older
    writer did not say which.
    """

    is_automatic: bool = False
    body_digest: str = ""
    contact_id: UUID | None = None


class JoinedData(TicketData):
    """`newly_reachable`: only with this contact is there a way to tell the citizen that the case was opened. `because`
    and `score` tell why it is taken to belong to this case, where nothing proves it.
    """

    contact_id: UUID
    newly_reachable: bool = False
    because: tuple[str, ...] = ()
    score: float | None = None


class RepliedData(TicketData):
    reply_id: UUID
    body: str


class InfoRequestedData(TicketData):
    """`body` is the question in words, `reply_id` its line in the conversation; `fields` are what it asks for, by the
    names by which topics require them: others may come.
    """

    reply_id: UUID
    fields: tuple[str, ...]
    body: str


class EscalatedData(TicketData):
    reason: str = ""


class ResolvedData(TicketData):
    resolved_at: datetime
    answer: str = ""


class EndedData(TicketData):
    """`reason` is told to the citizen."""

    reason: str


class ForwardedData(TicketData):
    """`to` is the authority that decides about it now; `body` is what else the citizen is told."""

    to: str
    body: str = ""


class ClockData(TicketData):
    """`clock` says what is owed (`first_response`, `resolution`, or a word of a policy), `due_at` by when."""

    clock: str
    due_at: datetime


class AlertedData(Data):
    """Whom of the staff to tell that a clock runs out, or ran out: nothing in it says whose case it is.

    `step` is the place in the chain of the clock's policy, from 1 on; `is_late` whether it was too late already.
    """

    ticket_id: UUID
    tracking_code: str
    version: int
    topic: str | None = None
    unit: str
    unit_name: str
    zone: str
    escalation_level: int
    clock: str
    due_at: datetime
    is_late: bool
    step: int
    role: str
    email: str


class TicketOpened(Event[OpenedData]):
    """A new case exists, with an owner and a clock."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.opened"] = "ticket.opened"
    dataschema: Literal["urn:satuatap:ticket.opened:1"] = "urn:satuatap:ticket.opened:1"


class TicketJoined(Event[JoinedData]):
    """The citizen said something more about an open case."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.joined"] = "ticket.joined"
    dataschema: Literal["urn:satuatap:ticket.joined:1"] = "urn:satuatap:ticket.joined:1"


class TicketReopened(Event[JoinedData]):
    """The citizen said something about a case that we thought was resolved."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.reopened"] = "ticket.reopened"
    dataschema: Literal["urn:satuatap:ticket.reopened:1"] = "urn:satuatap:ticket.reopened:1"


class TicketReplied(Event[RepliedData]):
    """An agent answered the citizen."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.replied"] = "ticket.replied"
    dataschema: Literal["urn:satuatap:ticket.replied:1"] = "urn:satuatap:ticket.replied:1"


class TicketInfoRequested(Event[InfoRequestedData]):
    """The citizen was asked for what his case lacks; he has the next word."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.info_requested"] = "ticket.info_requested"
    dataschema: Literal["urn:satuatap:ticket.info_requested:1"] = "urn:satuatap:ticket.info_requested:1"


class TicketEscalated(Event[EscalatedData]):
    """The case went one level up; the citizen is owed a notice with the due date."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.escalated"] = "ticket.escalated"
    dataschema: Literal["urn:satuatap:ticket.escalated:1"] = "urn:satuatap:ticket.escalated:1"


class TicketResolved(Event[ResolvedData]):
    """The case is settled; its satisfaction may now be asked for."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.resolved"] = "ticket.resolved"
    dataschema: Literal["urn:satuatap:ticket.resolved:1"] = "urn:satuatap:ticket.resolved:1"


class TicketClosed(Event[EndedData]):
    """The case came to its end without being resolved, or after it was."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.closed"] = "ticket.closed"
    dataschema: Literal["urn:satuatap:ticket.closed:1"] = "urn:satuatap:ticket.closed:1"


class TicketRejected(Event[EndedData]):
    """The case is none that can be taken up."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.rejected"] = "ticket.rejected"
    dataschema: Literal["urn:satuatap:ticket.rejected:1"] = "urn:satuatap:ticket.rejected:1"


class TicketForwarded(Event[ForwardedData]):
    """The case was sent to another authority, which decides about it."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.forwarded"] = "ticket.forwarded"
    dataschema: Literal["urn:satuatap:ticket.forwarded:1"] = "urn:satuatap:ticket.forwarded:1"


class TicketSlaWarned(Event[ClockData]):
    """Something is owed about the case before long."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.sla_warned"] = "ticket.sla_warned"
    dataschema: Literal["urn:satuatap:ticket.sla_warned:1"] = "urn:satuatap:ticket.sla_warned:1"


class TicketSlaBreached(Event[ClockData]):
    """Something that was owed about the case was not done in time."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.sla_breached"] = "ticket.sla_breached"
    dataschema: Literal["urn:satuatap:ticket.sla_breached:1"] = "urn:satuatap:ticket.sla_breached:1"


class TicketAlerted(Event[AlertedData]):
    """Somebody of the staff is to be told of a clock."""

    stream = STREAMS["tickets"]
    type: Literal["ticket.alerted"] = "ticket.alerted"
    dataschema: Literal["urn:satuatap:ticket.alerted:1"] = "urn:satuatap:ticket.alerted:1"
