"""Tickets that have to do with each other."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Act
from services.tickets.domain.ticket import Ticket


async def add(session: AsyncSession, one: Ticket, other: Ticket, act: Act) -> bool:
    """Links two held tickets, both ways. Whether they were not linked before."""
    first, second = sorted((one.id, other.id))
    added = await session.execute(
        text("""
        INSERT INTO tickets.links (ticket_id, other_id, linked_at, linked_by) VALUES (:first, :second, :at, :by)
        ON CONFLICT DO NOTHING
        """),
        {"first": first, "second": second, "at": act.now, "by": act.actor},
    )
    return bool(added.rowcount)  # type: ignore[attr-defined]


async def of_ticket(session: AsyncSession, ticket: Ticket) -> list[UUID]:
    """The tickets that have to do with this one."""
    found = await session.scalars(
        text("""
        SELECT other_id FROM tickets.links WHERE ticket_id = :id
        UNION ALL SELECT ticket_id FROM tickets.links WHERE other_id = :id ORDER BY 1
        """),
        {"id": ticket.id},
    )
    return list(found)
