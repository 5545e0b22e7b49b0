"""What an agent does to a ticket: answer, escalate, resolve. Each holds the ticket, and writes what came of it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import agent_entry
from services.tickets.repository import cases
from services.tickets.service import units
from services.tickets.service.write import write
from shared.errors import NotFound


async def reply(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Case:
    """Answers the citizen. Raises `NotFound`, `VersionConflict`, `AlreadyResolved`."""
    case = await _hold(session, ticket_id, act, version)
    return await _done(session, verbs.reply(case, agent_entry(ticket_id, body, act.now), act))


async def escalate(
    session: AsyncSession, ticket_id: UUID, act: Act, *, unit: str | None, reason: str, version: int | None
) -> Case:
    """Takes the case one level up, to the unit of that slug or name if one is given.

    Raises `NotFound`, `VersionConflict`, `AlreadyResolved`, `HighestLevel`, and `Invalid` for no unit of ours.
    """
    case = await _hold(session, ticket_id, act, version)
    above = await units.called(session, unit) if unit else None
    return await _done(session, verbs.escalate(case, above, reason, act))


async def resolve(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Case:
    """Resolves the case, with or without a last word. Raises `NotFound`, `VersionConflict`, `AlreadyResolved`."""
    case = await _hold(session, ticket_id, act, version)
    return await _done(session, verbs.resolve(case, agent_entry(ticket_id, body, act.now) if body else None, act))


async def _hold(session: AsyncSession, ticket_id: UUID, act: Act, version: int | None) -> Case:
    for case in await cases.lock(session, act.sees, [ticket_id]):
        case.ticket.check_version(version)
        return case
    raise NotFound("There is no such ticket.")


async def _done(session: AsyncSession, change: Change) -> Case:
    await write(session, [change])
    return change.after
