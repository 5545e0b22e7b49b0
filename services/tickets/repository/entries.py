"""The conversations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Page, Place
from services.tickets.repository.pages import last_of, page, read_last, read_page
from shared.rows import Table
from shared.visibility import Visibility

ENTRIES = Table("tickets.entries", Entry)
_MOST_LINES = 500
_PAGE = page(ENTRIES, number="coalesce(place, 0)", body="r_body")
_LAST_PUBLIC = last_of(
    ENTRIES,
    number="coalesce(place, 0)",
    where="""author IN ('citizen', 'agent') AND NOT is_internal
             AND said_to IS NOT DISTINCT FROM CAST(:said_to AS uuid)""",
)


async def insert(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Adds lines to conversations. A contact that is an entry already is refused by the database."""
    await ENTRIES.insert_many(session, entries)


async def of_ticket(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Entry]:
    """What was said in a case after a place in its conversation, in order."""
    return await read_page(session, _PAGE, ENTRIES, ticket, after, limit)


async def bodies(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, list[str]]:
    """What was said in these cases, as much of each as it is found by: its first lines."""
    found = await session.execute(
        text(f"""
        SELECT t.id, e.body
        FROM unnest(CAST(:ids AS uuid[])) AS t(id),
             LATERAL (SELECT body FROM tickets.entries WHERE ticket_id = t.id
                      ORDER BY coalesce(place, 0), id LIMIT {_MOST_LINES}) e
        """),
        {"ids": [ticket.id for ticket in tickets]},
    )
    said: dict[UUID, list[str]] = {}
    for row in found:
        said.setdefault(row.id, []).append(row.body)
    return said


async def get(session: AsyncSession, ticket: Ticket, ids: Sequence[UUID]) -> list[Entry]:
    """Those of the lines that are in the conversation of a ticket."""
    found = await session.execute(
        text(f"SELECT {ENTRIES.select('r')} FROM tickets.entries r WHERE id = ANY(:ids) AND ticket_id = :ticket_id"),
        {"ids": list(ids), "ticket_id": ticket.id},
    )
    return [ENTRIES.read(row, "r") for row in found]


async def last_of_citizen(session: AsyncSession, ticket: Ticket) -> Entry | None:
    """What a citizen said last in a case."""
    found = await session.execute(
        text(f"""
        SELECT {ENTRIES.select("r")} FROM tickets.entries r WHERE ticket_id = :ticket_id AND author = 'citizen'
        ORDER BY coalesce(place, 0) DESC, id DESC LIMIT 1
        """),
        {"ticket_id": ticket.id},
    )
    row = found.one_or_none()
    return ENTRIES.read(row, "r") if row else None


async def move(session: AsyncSession, ids: Sequence[UUID], *, to: Ticket) -> None:
    """Makes lines of a held ticket those of another."""
    await session.execute(
        text("UPDATE tickets.entries SET ticket_id = :to WHERE id = ANY(:ids)"), {"ids": list(ids), "to": to.id}
    )


async def separate(session: AsyncSession, source: Ticket, line: Entry, code: str | None, *, to: Ticket) -> None:
    """Makes a line of a held ticket, and all that its citizen said there under the same code, those of another."""
    await session.execute(
        text("""
        UPDATE tickets.entries SET ticket_id = :to
        WHERE ticket_id = :source AND said_to IS NULL AND (id = :id OR code = CAST(:code AS text))
        """),
        {"source": source.id, "id": line.id, "code": code, "to": to.id},
    )


async def merge(session: AsyncSession, source: Ticket, *, into: Ticket) -> None:
    """Moves the conversation of a ticket into that of another; each line keeps to which it was said. Both are held."""
    await session.execute(
        text("""
        UPDATE tickets.entries SET ticket_id = :target, said_to = coalesce(said_to, ticket_id) WHERE ticket_id = :source
        """),
        {"source": source.id, "target": into.id},
    )


async def unmerge(session: AsyncSession, source: Ticket, *, out_of: Ticket, said_to: Sequence[UUID]) -> None:
    """Moves back what was said to the source, or to any of the tickets that are merged into it. Both are held."""
    await session.execute(
        text("""
        UPDATE tickets.entries SET ticket_id = :source, said_to = nullif(said_to, :source)
        WHERE ticket_id = :target AND said_to = ANY(:said_to)
        """),
        {"source": source.id, "target": out_of.id, "said_to": list(said_to)},
    )


async def tickets_of(session: AsyncSession, sees: Visibility, contact_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """In the conversation of which ticket each of these contacts is, of those that are there and are seen."""
    found = await session.execute(
        text("""
        SELECT e.contact_id, e.ticket_id FROM tickets.entries e JOIN tickets.tickets t ON t.id = e.ticket_id
        WHERE e.contact_id = ANY(:contact_ids)
          AND (CAST(:units AS text[]) IS NULL OR t.unit = ANY(CAST(:units AS text[])))
        """),
        {"contact_ids": list(contact_ids), "units": None if sees.units is None else sorted(sees.units)},
    )
    return {row.contact_id: row.ticket_id for row in found}


async def last_public(
    session: AsyncSession, ticket: Ticket, said_to: UUID | None, before: Place, limit: int
) -> Sequence[tuple[Entry, Place]]:
    """The last lines before a place of what a citizen said and was told, in order: in his own ticket (None), or to the
    one that was merged into it, `said_to`. A line of any other author, or an internal one, is none of those.
    """
    return await read_last(session, _LAST_PUBLIC, ENTRIES, ticket, before, limit, said_to=said_to)


async def withdraw(session: AsyncSession, contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Removes the words of the entries of these contacts, whose tickets are held. The ticket of each that is there."""
    found = await session.execute(
        text("""
        UPDATE tickets.entries SET body = '', withdrawn_at = coalesce(withdrawn_at, :now)
        WHERE contact_id = ANY(:contact_ids) RETURNING contact_id, ticket_id
        """),
        {"contact_ids": list(contact_ids), "now": now},
    )
    return {row.contact_id: row.ticket_id for row in found}
