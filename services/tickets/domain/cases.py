"""A ticket together with what belongs to it: all that a verb looks at, and may change."""

from dataclasses import dataclass

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, and whose it is."""

    ticket: Ticket
    citizen: Citizen
