"""A batch of contacts on their way to their tickets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.completeness import InfoRequest
from services.tickets.domain.topics import Choice, Topic
from shared.events import ContactData, ContactReceived


@dataclass
class Arrival:
    """A contact, and what the steps have found out: who it is, its thread and whether that has a case, and what it is
    about.

    `mention` is the tracking code in the subject of a mail which proves nothing by itself. `said_to` is the ticket that
    it answers where that was merged into the one of its thread. `answers` are the questions of ours that it answers,
    and `filled` the fields that it has of what was asked.
    """

    event: ContactReceived
    citizen: Citizen
    thread: UUID | None = None
    goes_on: bool = False
    mention: str | None = None
    said_to: UUID | None = None
    answers: Sequence[InfoRequest] = ()
    filled: Sequence[str] = ()
    choice: Choice = field(default_factory=lambda: Choice(None, 0.0, ()))

    @property
    def topic(self) -> Topic | None:
        return self.choice.topic

    @property
    def contact(self) -> ContactData:
        return self.event.data


@dataclass
class Batch:
    """The contacts in their order, and the cases of their threads that are held, which change as contacts join them."""

    arrivals: Sequence[Arrival]
    by_thread: dict[UUID, Case] = field(default_factory=dict)
