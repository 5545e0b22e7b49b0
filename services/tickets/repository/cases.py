"""The tickets with what belongs to them.

Where tickets are held, the rest is read by statements of its own after the lock was got: a statement that waits for the
lock of a ticket sees what belongs to it as it was before the wait.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter, Sort, Turn
from services.tickets.repository import citizens, clocks, tickets, units
from shared.visibility import Visibility


async def lock(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> list[Case]:
    """Those of the cases that are there, held until the end of the transaction."""
    return await _whole(session, await tickets.lock(session, sees, ids))


async def lock_held(session: AsyncSession, sees: Visibility, now: datetime, limit: int) -> list[Case]:
    """The cases that were held until now and that nobody works on, held until the end of the transaction."""
    return await _whole(session, await tickets.lock_held(session, sees, now, limit))


async def get(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Case | None:
    """The case, or None."""
    return next(iter(await _whole(session, await tickets.get(session, sees, ticket_id))), None)


async def of_ids(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> list[Case]:
    """Those of the cases that are there. They are not held."""
    return await _whole(session, await tickets.of_ids(session, sees, ids))


async def page(
    session: AsyncSession, sees: Visibility, criteria: Filter, sort: Sort, after: Turn | None, limit: int
) -> list[Standing]:
    """How cases stand, in an order, that come `after` a turn in it."""
    return await _standing(session, await tickets.page(session, sees, criteria, sort, after, limit))


async def of_citizen(session: AsyncSession, sees: Visibility, citizen_id: UUID, limit: int) -> list[Standing]:
    """How the newest cases of a citizen stand."""
    return await _standing(session, await tickets.of_citizen(session, sees, citizen_id, limit))


async def _standing(session: AsyncSession, rows: Sequence[Ticket]) -> list[Standing]:
    if not rows:
        return []
    due, handling = await clocks.load(session, rows), await units.load(session, [ticket.unit for ticket in rows])
    return [Standing(ticket, due[ticket.id], handling[ticket.unit]) for ticket in rows]


async def _whole(session: AsyncSession, rows: Sequence[Ticket]) -> list[Case]:
    whose = await citizens.load(session, rows)
    return [
        Case(standing.ticket, standing.clocks, standing.unit, whose[standing.ticket.citizen_id])
        for standing in await _standing(session, rows)
    ]
