"""What is looked at: tickets, their conversations and their audit trails. Each reader finds what he sees."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.audit import Record, record_of
from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.privacy import is_hidden, shown_standing, struck
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter, Page, Place
from services.tickets.repository import cases, citizens, codes, entries, happenings, merges, tickets
from shared.errors import NotFound
from shared.visibility import EVERYTHING, Visibility


async def list_tickets(
    session: AsyncSession, sees: Visibility, criteria: Filter, before: UUID | None, limit: int
) -> Sequence[Standing]:
    """How tickets stand, newest first, that come after the one called `before` in that order."""
    found = await cases.page(session, sees, criteria, before, limit)
    hidden = [standing.ticket for standing in found if is_hidden(standing.ticket, sees)]
    whose = await citizens.load(session, hidden)
    return [shown_standing(standing, sees, _of(standing.ticket, whose)) for standing in found]


async def get_case(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Case:
    """The ticket with what belongs to it. Raises `NotFound`."""
    case = await cases.get(session, sees, ticket_id)
    if case is None:
        raise NotFound("There is no such ticket.")
    return case


async def track(session: AsyncSession, tracking_code: str) -> Standing | None:
    """How the ticket stands whose citizen was given this code, or that what was given it joined, which is his right to
    see it; where it was merged, how the one stands that goes on with it.
    """
    found = await codes.anchors(session, EVERYTHING, codes=[tracking_code])
    for lead in await merges.leads(session, EVERYTHING, [anchor.ticket_id for anchor in found.values()]):
        case = await cases.get(session, EVERYTHING, lead.root_id)
        return replace(case, ticket=replace(case.ticket, tracking_code=tracking_code)) if case else None
    return None


async def get_ticket(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Ticket:
    """The ticket alone. Raises `NotFound`."""
    for ticket in await tickets.get(session, sees, ticket_id):
        return ticket
    raise NotFound("There is no such ticket.")


async def entries_of(session: AsyncSession, sees: Visibility, ticket: Ticket, after: Place, limit: int) -> Page[Entry]:
    """What was said in a case after a place in its conversation, in order."""
    page = await entries.of_ticket(session, ticket, after, limit)
    if not is_hidden(ticket, sees):
        return page
    whose = await _taking_part(session, ticket)
    return Page([replace(entry, body=struck(entry.body, whose)) for entry in page.items], page.next)


async def audit_of(session: AsyncSession, sees: Visibility, ticket: Ticket, after: Place, limit: int) -> Page[Record]:
    """Who did what to a case after a place in its trail, in order."""
    page = await happenings.of_ticket(session, ticket, after, limit)
    records = [record_of(happened) for happened in page.items]
    if is_hidden(ticket, sees):
        whose = await _taking_part(session, ticket)
        records = [replace(record, detail=struck(record.detail, whose)) for record in records]
    return Page(records, page.next)


async def _taking_part(session: AsyncSession, ticket: Ticket) -> Sequence[Citizen]:
    """Whose case it is, and whose the tickets were that are merged into it."""
    merged = await tickets.of_ids(session, EVERYTHING, await merges.family(session, ticket))
    return list((await citizens.load(session, merged)).values())


def _of(ticket: Ticket, whose: Mapping[UUID, Citizen]) -> Sequence[Citizen]:
    return [whose[ticket.citizen_id]] if ticket.citizen_id in whose else []
