"""A batch of contacts on their way to their tickets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.citizens import Citizen, introduced
from services.tickets.domain.completeness import InfoRequest
from services.tickets.domain.identity import NOBODY_KNOWN, Recognition
from services.tickets.domain.matching import Match
from services.tickets.domain.suggestions import Suggestion
from services.tickets.domain.topics import Choice, Topic
from shared.events import ContactData, ContactReceived


@dataclass
class Arrival:
    """A contact, and what the steps have found out: its thread and whether that has a case, who it is, what it is
    about, and the case that it belongs to or may belong to though nothing proves that.

    `introduced` is the citizen as he says it of himself, `citizen` whom he was recognised as. `thread` is a case, by
    the id of its ticket, or one that is still to begin, by the id of its chat or contact. `mention` is the tracking
    code in the subject of a mail which proves nothing by itself. `said_to` is the ticket that it answers where that was
    merged into the one of its thread. `answers` are the questions of ours that it answers, and `filled` the fields that
    it has of what was asked.
    """

    event: ContactReceived
    introduced: Citizen
    citizen: Citizen
    thread: UUID
    goes_on: bool = False
    mention: str | None = None
    said_to: UUID | None = None
    recognition: Recognition = NOBODY_KNOWN
    choice: Choice = field(default_factory=lambda: Choice(None, 0.0, ()))
    match: Match | None = None
    answers: Sequence[InfoRequest] = ()
    filled: Sequence[str] = ()

    @property
    def topic(self) -> Topic | None:
        return self.choice.topic

    @property
    def contact(self) -> ContactData:
        return self.event.data


@dataclass
class Batch:
    """The contacts in their order, and what was found for all of them: whose each thread is; the citizens who were
    known before and of whom something was learnt; what a person is to be asked; and the cases that are held, by thread,
    which change as contacts join them; and what was ever asked about these.
    """

    arrivals: Sequence[Arrival]
    owner_of: dict[UUID, UUID] = field(default_factory=dict)
    recognised: Sequence[Citizen] = ()
    suggestions: list[Suggestion] = field(default_factory=list)
    by_thread: dict[UUID, Case] = field(default_factory=dict)
    requests: Sequence[InfoRequest] = ()


def batch_of(events: Sequence[ContactReceived]) -> Batch:
    """The batch of these contacts, of which nothing is found out yet."""
    return Batch([_arrival(event) for event in events])


def _arrival(event: ContactReceived) -> Arrival:
    citizen = introduced(event.data)
    return Arrival(event, citizen, citizen, event.data.chat_id or event.data.contact_id)
