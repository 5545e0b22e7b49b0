"""What is looked at: tickets, their conversations and their audit trails. Each reader finds what he sees."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.audit import Record, record_of
from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter, Page, Place
from services.tickets.repository import cases, entries, happenings, tickets
from shared.errors import NotFound
from shared.visibility import Visibility


async def list_tickets(
    session: AsyncSession, sees: Visibility, criteria: Filter, before: UUID | None, limit: int
) -> Sequence[Standing]:
    """How tickets stand, newest first, that come after the one called `before` in that order."""
    return await cases.page(session, sees, criteria, before, limit)


async def get_case(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Case:
    """The ticket with what belongs to it. Raises `NotFound`."""
    case = await cases.get(session, sees, ticket_id)
    if case is None:
        raise NotFound("There is no such ticket.")
    return case


async def get_ticket(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Ticket:
    """The ticket alone. Raises `NotFound`."""
    for ticket in await tickets.get(session, sees, ticket_id):
        return ticket
    raise NotFound("There is no such ticket.")


async def entries_of(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Entry]:
    """What was said in a case after a place in its conversation, in order."""
    return await entries.of_ticket(session, ticket, after, limit)


async def audit_of(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Record]:
    """Who did what to a case after a place in its trail, in order."""
    page = await happenings.of_ticket(session, ticket, after, limit)
    return Page([record_of(happened) for happened in page.items], page.next)
