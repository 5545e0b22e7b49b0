"""What citizens were asked for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.completeness import InfoRequest
from services.tickets.domain.ticket import Ticket
from shared.rows import Table

INFO_REQUESTS = Table("tickets.info_requests", InfoRequest)


async def insert(session: AsyncSession, requests: Sequence[InfoRequest]) -> None:
    """Writes down what was asked. Their tickets are held."""
    await INFO_REQUESTS.insert_many(session, requests)


async def of_tickets(session: AsyncSession, tickets: Sequence[Ticket]) -> list[InfoRequest]:
    """What was ever asked about these tickets, in the order in which it was."""
    if not tickets:
        return []
    query = f"SELECT {INFO_REQUESTS.select('r')} FROM tickets.info_requests r WHERE ticket_id = ANY(:ids) ORDER BY id"
    found = await session.execute(text(query), {"ids": [ticket.id for ticket in tickets]})
    return [INFO_REQUESTS.read(row, "r") for row in found]


async def update_answered(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    """Notes that these requests were answered."""
    if ids:
        await session.execute(
            text("UPDATE tickets.info_requests SET answered_at = :now WHERE id = ANY(:ids) AND answered_at IS NULL"),
            {"ids": list(ids), "now": now},
        )
