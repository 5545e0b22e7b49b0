"""What a citizen withdrew that he had said: his words go, that he had said something stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.change import Act
from services.tickets.domain.happenings import Withdrawn
from services.tickets.repository import cases, entries
from services.tickets.service.steps.route import INTAKE
from services.tickets.service.write import write
from shared.events import AnyEvent, ContactWithdrawn
from shared.visibility import EVERYTHING


class ContactNotYetHere(Exception):
    """A contact was withdrawn that has not become an entry yet: it is on its way, and the event is tried again."""


class MovedMeanwhile(Exception):
    """Between a look and the lock its ticket was merged into another: the event is tried again."""


async def withdraw(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
    """Removes the words of entries, and adds to the trails of their tickets that they were withdrawn."""
    of_contacts = {event.data.contact_id: event for event in events if isinstance(event, ContactWithdrawn)}
    tickets = await entries.tickets_of(session, EVERYTHING, list(of_contacts))
    held = {case.ticket.id: case for case in await cases.lock(session, EVERYTHING, list(tickets.values()))}
    withdrawn = await entries.withdraw(session, list(of_contacts), now)
    if withdrawn.keys() != of_contacts.keys():
        raise ContactNotYetHere(f"{len(of_contacts) - len(withdrawn)} of {len(of_contacts)}")
    if withdrawn != tickets:
        raise MovedMeanwhile
    await write(
        session,
        [verbs.note(held[tickets[id_]], Withdrawn(id_), _act(event, now)) for id_, event in of_contacts.items()],
    )


def _act(event: ContactWithdrawn, now: datetime) -> Act:
    return Act(INTAKE, event.trace, now, EVERYTHING, f"{INTAKE} {event.id}")
