"""The tickets with what belongs to them.

Where tickets are held, the rest is read by statements of its own after the lock was got: a statement that waits for the
lock of a ticket sees what belongs to it as it was before the wait.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.ticket import Ticket
from services.tickets.repository import citizens, tickets


async def lock(session: AsyncSession, ids: Sequence[UUID]) -> list[Case]:
    """Those of the cases that are there, held until the end of the transaction."""
    return await _whole(session, await tickets.lock(session, ids))


async def lock_chats(session: AsyncSession, chat_ids: Sequence[UUID]) -> list[Case]:
    """The cases of these chats, and the right to open one for each that has none."""
    return await _whole(session, await tickets.lock_chats(session, chat_ids))


async def get(session: AsyncSession, ticket_id: UUID) -> Case | None:
    """The case, or None."""
    return next(iter(await _whole(session, await tickets.get(session, ticket_id))), None)


async def _whole(session: AsyncSession, found: Sequence[Ticket]) -> list[Case]:
    whose = await citizens.load(session, [ticket.citizen_id for ticket in found])
    return [Case(ticket, whose[ticket.citizen_id]) for ticket in found]
