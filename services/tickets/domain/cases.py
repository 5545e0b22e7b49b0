"""A ticket together with what belongs to it."""

from dataclasses import dataclass

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.clocks import Clock
from services.tickets.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: a ticket, and the clock by which it is to be resolved. It says nothing of whose it is."""

    ticket: Ticket
    clock: Clock


@dataclass(frozen=True, slots=True)
class Case(Standing):
    """All that a verb looks at, and may change: a ticket, its clock, and whose it is."""

    citizen: Citizen
