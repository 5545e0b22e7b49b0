"""Answers that were not read: found once, when they have been silent for long enough."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.unread import Unread


async def hold_silent(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Holds up to `limit` chats in which the last answer came before a moment, and it is not settled that it was read.
    Chats that somebody else holds are left to him.
    """
    found = await session.scalars(
        text("""
        SELECT id FROM intake.chats WHERE unread_since <= :before
        ORDER BY unread_since LIMIT :limit FOR UPDATE SKIP LOCKED
        """),
        {"before": before, "limit": limit},
    )
    return list(found)


async def settle(session: AsyncSession, chats: Sequence[UUID]) -> list[Unread]:
    """Answers what was not read in chats that are held, and notes that it is told.

    It is a statement after the one that holds them: so it sees every answer that was there when they were held.
    """
    found = await session.execute(
        text("""
        WITH unread AS (
            SELECT c.id, c.tracking_code, array_agg(r.id ORDER BY r.position) AS reply_ids, max(r.position) AS last
            FROM intake.chats c JOIN intake.chat_replies r ON r.chat_id = c.id
            WHERE c.id = ANY(CAST(:chats AS uuid[])) AND r.event IS NULL
              AND r.position > greatest(c.citizen_read, c.unread_told)
            GROUP BY c.id
        ), settled AS (
            UPDATE intake.chats c SET unread_since = NULL, unread_told = greatest(c.unread_told, u.last)
            FROM intake.chats held LEFT JOIN unread u ON u.id = held.id
            WHERE c.id = held.id AND held.id = ANY(CAST(:chats AS uuid[]))
        )
        SELECT id, tracking_code, reply_ids FROM unread ORDER BY id
        """),
        {"chats": list(chats)},
    )
    return [Unread(row.id, row.tracking_code, row.reply_ids) for row in found]
