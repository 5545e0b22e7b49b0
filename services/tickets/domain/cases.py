"""A ticket together with what belongs to it."""

from dataclasses import dataclass

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.clocks import Clock
from services.tickets.domain.policies import RESOLUTION, Policy
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.timeline import begin
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit
from shared.events import ContactData, Trace
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: a ticket, what is owed about it and by when, and the unit that handles it. It says nothing of
    whose it is.
    """

    ticket: Ticket
    clocks: tuple[Clock, ...]
    unit: Unit

    @property
    def resolution(self) -> Clock:
        """The clock by which it is to be resolved. Every case has one."""
        return next(clock for clock in self.clocks if clock.kind == RESOLUTION)


@dataclass(frozen=True, slots=True)
class Case(Standing):
    """All that a verb looks at, and may change: a ticket, its clocks, and whose it is."""

    citizen: Citizen


def new_case(
    contact: ContactData, citizen: Citizen, topic: Topic | None, unit: Unit, policy: Policy, trace: Trace
) -> Case:
    """The case that a contact begins, open, in its first version. Its clocks run from when it was said."""
    ticket = Ticket(
        id=new_id(),
        tracking_code=contact.tracking_code,
        contact_id=contact.contact_id,
        chat_id=contact.chat_id,
        channel=contact.channel,
        status="open",
        topic=topic.slug if topic else None,
        unit=unit.slug,
        subject=contact.subject,
        citizen_id=citizen.id,
        zone=policy.zone,
        opened_at=contact.received_at,
        correlation_id=trace.correlation_id,
    )
    return Case(ticket, begin(ticket.id, policy, contact.received_at), unit, citizen)
