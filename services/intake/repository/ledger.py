"""The ledger: which contacts have their ticket. Nothing is written into it while a contact is accepted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.gaps import Ticketed


async def note_tickets(session: AsyncSession, ticketed: Sequence[Ticketed], now: datetime) -> None:
    """Notes in which tickets contacts are, many at once. What is noted already stays."""
    await session.execute(
        text("""
        INSERT INTO intake.contact_tickets (contact_id, ticket_id, channel, ticketed_at)
        SELECT DISTINCT t.contact_id, t.ticket_id, coalesce(c.channel, ''), CAST(:now AS timestamptz)
        FROM unnest(CAST(:contacts AS uuid[]), CAST(:tickets AS uuid[])) AS t(contact_id, ticket_id)
        LEFT JOIN intake.contacts c ON c.id = t.contact_id
        ON CONFLICT DO NOTHING
        """),
        {
            "contacts": [each.contact_id for each in ticketed if each.contact_id],
            "tickets": [each.ticket_id for each in ticketed if each.contact_id],
            "now": now,
        },
    )
    unnamed = [each for each in ticketed if each.contact_id is None]
    if unnamed:
        await _note_first(session, unnamed, now)


async def _note_first(session: AsyncSession, ticketed: Sequence[Ticketed], now: datetime) -> None:
    """The same for the first contacts of cases: so an older release of tickets tells of them."""
    await session.execute(
        text("""
        WITH told AS (
            SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:tickets AS uuid[])) AS t(tracking_code, ticket_id)
        ), first AS (
            SELECT c.id, c.channel, t.ticket_id FROM told t
            JOIN intake.contacts c ON c.tracking_code = t.tracking_code AND c.chat_id IS NULL
            UNION ALL
            SELECT c.id, c.channel, t.ticket_id FROM told t
            JOIN intake.chats ch ON ch.tracking_code = t.tracking_code
            JOIN intake.contacts c ON c.chat_id = ch.id AND c.position = 1
        )
        INSERT INTO intake.contact_tickets (contact_id, ticket_id, channel, ticketed_at)
        SELECT DISTINCT id, ticket_id, channel, CAST(:now AS timestamptz) FROM first ON CONFLICT DO NOTHING
        """),
        {
            "codes": [each.tracking_code for each in ticketed],
            "tickets": [each.ticket_id for each in ticketed],
            "now": now,
        },
    )


async def began_at(session: AsyncSession) -> datetime:
    """Since when the ledger is kept."""
    found: datetime = await session.scalar(text("SELECT began_at FROM intake.ledger_state"))
    return found


async def forget_tickets(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` contacts that had their ticket before a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.contact_tickets WHERE (contact_id, ticket_id) IN (
            SELECT contact_id, ticket_id FROM intake.contact_tickets WHERE ticketed_at < :before
            ORDER BY ticketed_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
