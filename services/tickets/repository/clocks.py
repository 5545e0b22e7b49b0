"""The clocks of the tickets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.clocks import Clock
from services.tickets.domain.ticket import Ticket
from shared.rows import Table

CLOCKS = Table("tickets.clocks", Clock, key=("ticket_id", "kind"))


async def insert(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Starts clocks. Their tickets may be written after them, in the same transaction."""
    await CLOCKS.insert_many(session, clocks)


async def update(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Writes down how the clocks of held tickets changed."""
    await CLOCKS.update_many(session, clocks)


async def load(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, tuple[Clock, ...]]:
    """The clocks of these tickets, by the id of each, in the order of their kinds."""
    if not tickets:
        return {}
    found = await session.execute(
        text(f"SELECT {CLOCKS.select('c')} FROM tickets.clocks c WHERE ticket_id = ANY(:ids) ORDER BY kind"),
        {"ids": [ticket.id for ticket in tickets]},
    )
    clocks: dict[UUID, tuple[Clock, ...]] = {}
    for row in found:
        clocks[row.c_ticket_id] = (*clocks.get(row.c_ticket_id, ()), CLOCKS.read(row, "c"))
    return clocks
