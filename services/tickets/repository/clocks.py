"""The clocks of the tickets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.clocks import Clock
from shared.rows import Table

CLOCKS = Table("tickets.clocks", Clock, key=("ticket_id", "kind"))


async def insert(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Starts clocks. Their tickets may be written after them, in the same transaction."""
    await CLOCKS.insert_many(session, clocks)


async def update(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Writes down how the clocks of held tickets changed."""
    await CLOCKS.update_many(session, clocks)


async def load(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, Clock]:
    """By when these tickets are to be resolved."""
    if not ticket_ids:
        return {}
    found = await session.execute(
        text(f"""
        SELECT {CLOCKS.select("c")} FROM tickets.clocks c WHERE ticket_id = ANY(:ids) AND kind = 'resolution'
        """),
        {"ids": list(ticket_ids)},
    )
    return {row.c_ticket_id: CLOCKS.read(row, "c") for row in found}
