"""Blanks who wrote what, when it was kept long enough. That somebody wrote, and when, stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import attachments

OF_WHOM = (
    "name = NULL, email = NULL, phone = NULL, programme_number_sealed = NULL, programme_number_last4 = NULL, "
    "nik_sealed = NULL, nik_last4 = NULL"
)
"""What a table says of whom something is."""


async def blank_contacts(session: AsyncSession, before: datetime, limit: int) -> int:
    """Blanks who made up to `limit` contacts from before a moment, and their texts, and removes their files. How many.
    That they came stays.
    """
    blanked = await _blank(session, "contacts", f"{OF_WHOM}, subject = '', body = ''", "received_at", before, limit)
    await attachments.remove_of(session, blanked)
    return len(blanked)


async def blank_replies(session: AsyncSession, before: datetime, limit: int) -> int:
    """Blanks up to `limit` answers in chats from before a moment. How many."""
    return len(await _blank(session, "chat_replies", "body = ''", "sent_at", before, limit))


async def blank_visits(session: AsyncSession, before: datetime, limit: int) -> int:
    """Blanks who came to a booth and for what, in up to `limit` visits from before a moment. How many."""
    indices = "nik_index = NULL, programme_number_index = NULL"
    change = f"{OF_WHOM}, {indices}, subject = '', body = '', priority = NULL"
    return len(await _blank(session, "visits", change, "taken_at", before, limit))


async def _blank(
    session: AsyncSession, table: str, change: str, column: str, before: datetime, limit: int
) -> list[UUID]:
    """Changes up to `limit` rows from before a moment. Which."""
    blanked = await session.scalars(
        text(f"""
        UPDATE intake.{table} SET {change}, text_removed_at = now() WHERE id IN (
            SELECT id FROM intake.{table} WHERE text_removed_at IS NULL AND {column} < :before
            ORDER BY {column} LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id
        """),
        {"before": before, "limit": limit},
    )
    return list(blanked)
