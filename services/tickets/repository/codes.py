"""What leads to a ticket: its own code and chat, and those of contacts that joined it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.threading import Code
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Anchor
from shared import locks
from shared.rows import Table
from shared.visibility import Visibility

CODES = Table("tickets.codes", Code, key=("code",))
_ANCHORS = text("""
    SELECT a.name_id, a.code, t.id, t.citizen_id FROM (
        SELECT chat_id AS name_id, NULL AS code, id AS ticket_id FROM tickets.tickets WHERE chat_id = ANY(:chats)
        UNION ALL SELECT chat_id, NULL, ticket_id FROM tickets.codes WHERE chat_id = ANY(:chats)
        UNION ALL SELECT id, NULL, id FROM tickets.tickets WHERE id = ANY(:tickets)
        UNION ALL SELECT NULL, tracking_code, id FROM tickets.tickets WHERE tracking_code = ANY(:codes)
        UNION ALL SELECT NULL, code, ticket_id FROM tickets.codes WHERE code = ANY(:codes)
    ) AS a JOIN tickets.tickets t ON t.id = a.ticket_id
    WHERE CAST(:units AS text[]) IS NULL OR t.unit = ANY(:units)
""")


async def hold_chats(session: AsyncSession, chats: Sequence[UUID]) -> None:
    """Holds these chats until the end of the transaction: nobody else opens a ticket for one of them meanwhile."""
    await locks.hold_each(session, "tickets chat", chats)


async def anchors(
    session: AsyncSession,
    sees: Visibility,
    *,
    chats: Sequence[UUID] = (),
    tickets: Sequence[UUID] = (),
    codes: Sequence[str] = (),
) -> dict[UUID | str | None, Anchor]:
    """The tickets that these chats, ids and codes lead to, by each of them. They are not held."""
    if not chats and not tickets and not codes:
        return {}
    values = {"chats": list(chats), "tickets": list(tickets), "codes": list(codes)}
    units = None if sees.units is None else sorted(sees.units)
    found = await session.execute(_ANCHORS, {**values, "units": units})
    return {row.name_id or row.code: Anchor(row.id, row.citizen_id) for row in found}


async def add(session: AsyncSession, codes: Sequence[Code]) -> None:
    """Lets codes lead to tickets, with their chats. One that leads somewhere already stays."""
    await CODES.keep_many(session, codes, "DO NOTHING")


async def of_ticket(session: AsyncSession, ticket: Ticket) -> list[Code]:
    """The codes of what joined a ticket, the earliest first."""
    found = await session.execute(
        text(f"SELECT {CODES.select('c')} FROM tickets.codes c WHERE ticket_id = :id ORDER BY at, code"),
        {"id": ticket.id},
    )
    return [CODES.read(row, "c") for row in found]


async def remove(session: AsyncSession, codes: Sequence[str]) -> None:
    """Lets these codes lead nowhere: they are those of tickets of their own."""
    await session.execute(text("DELETE FROM tickets.codes WHERE code = ANY(:codes)"), {"codes": list(codes)})
