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


async def load(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, Clock]:
    """By when these tickets are to be resolved, each by the id of its ticket."""
    if not tickets:
        return {}
    found = await session.execute(
        text(f"""
        SELECT {CLOCKS.select("c")} FROM tickets.clocks c WHERE ticket_id = ANY(:ids) AND kind = 'resolution'
        """),
        {"ids": [ticket.id for ticket in tickets]},
    )
    return {row.c_ticket_id: CLOCKS.read(row, "c") for row in found}
