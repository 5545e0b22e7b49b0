"""What an agent does to a ticket: answer, escalate, resolve. Each holds the ticket, and writes what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.repository import tickets
from services.tickets.service.write import write
from shared.errors import NotFound
from shared.ids import new_id


async def reply(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Ticket:
    """Answers the citizen. Raises `NotFound`, `VersionConflict`, `AlreadyResolved`."""
    ticket = await _hold(session, ticket_id, version)
    return await _done(session, verbs.reply(ticket, _entry(ticket, body, act.now), act))


async def escalate(
    session: AsyncSession, ticket_id: UUID, act: Act, *, unit: str | None, reason: str, version: int | None
) -> Ticket:
    """Takes the case one level up. Raises `NotFound`, `VersionConflict`, `AlreadyResolved`, `HighestLevel`."""
    ticket = await _hold(session, ticket_id, version)
    return await _done(session, verbs.escalate(ticket, unit, reason, act))


async def resolve(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Ticket:
    """Settles the case, with or without a last word. Raises `NotFound`, `VersionConflict`, `AlreadyResolved`."""
    ticket = await _hold(session, ticket_id, version)
    return await _done(session, verbs.resolve(ticket, _entry(ticket, body, act.now) if body else None, act))


async def _hold(session: AsyncSession, ticket_id: UUID, version: int | None) -> Ticket:
    ticket = (await tickets.lock(session, [ticket_id])).get(ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    ticket.check_version(version)
    return ticket


async def _done(session: AsyncSession, change: Change) -> Ticket:
    await write(session, [change])
    return change.ticket


def _entry(ticket: Ticket, body: str, now: datetime) -> Entry:
    return Entry(id=new_id(), ticket_id=ticket.id, author="agent", contact_id=None, body=body, at=now)
