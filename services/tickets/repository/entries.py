"""The conversations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Page, Place
from services.tickets.repository.pages import page, read_page
from shared.rows import Table

ENTRIES = Table("tickets.entries", Entry)
_MOST_LINES = 500
_PAGE = page(ENTRIES, number="coalesce(place, 0)", body="r_body")


async def insert(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Adds lines to conversations. A contact that is an entry already is refused by the database."""
    await ENTRIES.insert_many(session, entries)


async def of_ticket(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Entry]:
    """What was said in a case after a place in its conversation, in order."""
    return await read_page(session, _PAGE, ENTRIES, ticket, after, limit)


async def get(session: AsyncSession, ticket: Ticket, entry_id: UUID) -> Entry | None:
    """What was said in a case under this id, or None."""
    found = await session.execute(
        text(f"SELECT {ENTRIES.select('e')} FROM tickets.entries e WHERE ticket_id = :ticket_id AND id = :id"),
        {"ticket_id": ticket.id, "id": entry_id},
    )
    row = found.one_or_none()
    return ENTRIES.read(row, "e") if row else None


async def move(session: AsyncSession, ticket: Ticket, entry_id: UUID, code: str | None, to: UUID) -> None:
    """Takes an entry, and all that its citizen said in this ticket under the same code, to another ticket."""
    await session.execute(
        text("""
        UPDATE tickets.entries SET ticket_id = :to
        WHERE ticket_id = :ticket_id AND (id = :id OR code = CAST(:code AS text))
        """),
        {"ticket_id": ticket.id, "id": entry_id, "code": code, "to": to},
    )


async def bodies(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What was said in these cases, as much of each as it is found by: its first lines."""
    found = await session.execute(
        text(f"""
        SELECT t.id, e.body
        FROM unnest(CAST(:ids AS uuid[])) AS t(id),
             LATERAL (SELECT body FROM tickets.entries WHERE ticket_id = t.id
                      ORDER BY coalesce(place, 0), id LIMIT {_MOST_LINES}) e
        """),
        {"ids": list(ticket_ids)},
    )
    said: dict[UUID, list[str]] = {}
    for row in found:
        said.setdefault(row.id, []).append(row.body)
    return said


async def withdraw(session: AsyncSession, contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Removes the words of the entries of these contacts. The ticket of each contact that is there."""
    found = await session.execute(
        text("""
        UPDATE tickets.entries SET body = '', withdrawn_at = coalesce(withdrawn_at, :now)
        WHERE contact_id = ANY(:contact_ids) RETURNING contact_id, ticket_id
        """),
        {"contact_ids": list(contact_ids), "now": now},
    )
    return {row.contact_id: row.ticket_id for row in found}
