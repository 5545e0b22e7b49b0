"""What is looked at: tickets, their conversations and their audit trails. Each reader finds what he sees."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.audit import Record, record_of
from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.privacy import is_hidden, nameless, shown, shown_standing, struck
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter, Page, Place, Sort, Turn
from services.tickets.repository import cases, citizens, entries, happenings, links, merges, tickets
from shared.errors import NotFound
from shared.visibility import EVERYTHING, Visibility


async def list_tickets(
    session: AsyncSession, sees: Visibility, criteria: Filter, sort: Sort, after: Turn | None, limit: int
) -> tuple[Sequence[Standing], Turn | None]:
    """How tickets stand, in an order, that come `after` a turn in it; and where the next page begins, if any."""
    found = await cases.page(session, sees, criteria, sort, after, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    found = found[:limit]
    hidden = [standing.ticket for standing in found if is_hidden(standing.ticket, sees)]
    whose = await citizens.load(session, hidden)
    shown = [shown_standing(standing, sees, _of(standing.ticket, whose)) for standing in found]
    turn = Turn(last.ticket.id, last.resolution.due_at if sort == "due" else None) if last else None
    return shown, turn


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


async def merged_into(session: AsyncSession, sees: Visibility, ticket: Ticket) -> Sequence[Case]:
    """The cases that are merged into this one, at whatever remove, as this reader may be shown them: hidden with it."""
    family = [id_ for id_ in await merges.family(session, ticket) if id_ != ticket.id]
    hidden = is_hidden(ticket, sees)
    found = await cases.of_ids(session, EVERYTHING, family)
    return [nameless(case) if hidden else shown(case, sees) for case in found]


async def links_of(session: AsyncSession, ticket: Ticket) -> Sequence[UUID]:
    """The tickets that have to do with this one."""
    return await links.of_ticket(session, ticket)


async def _taking_part(session: AsyncSession, ticket: Ticket) -> Sequence[Citizen]:
    """Whose case it is, and whose the tickets were that are merged into it."""
    merged = await tickets.of_ids(session, EVERYTHING, await merges.family(session, ticket))
    return list((await citizens.load(session, merged)).values())


def _of(ticket: Ticket, whose: Mapping[UUID, Citizen]) -> Sequence[Citizen]:
    return [whose[ticket.citizen_id]] if ticket.citizen_id in whose else []
