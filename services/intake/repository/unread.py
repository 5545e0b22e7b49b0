"""Answers in chats, read or not: found once, when the chat has been silent for long enough."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.unread import Answers


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


async def tell(session: AsyncSession, chats: Sequence[UUID]) -> list[Answers]:
    """Answers what was read and what not in chats that are held, and notes that it is told.

    It is a statement after the one that holds them: so it sees every answer that was there when they were held.
    """
    found = await session.execute(
        text("""
        WITH answers AS (
            SELECT c.id, c.tracking_code, max(r.position) AS last,
                   coalesce(array_agg(r.id ORDER BY r.position) FILTER (WHERE r.position > c.citizen_read), '{}')
                       AS unread_ids,
                   coalesce(array_agg(r.id ORDER BY r.position) FILTER (WHERE r.position <= c.citizen_read), '{}')
                       AS read_ids
            FROM intake.chats c JOIN intake.chat_replies r ON r.chat_id = c.id
            WHERE c.id = ANY(CAST(:chats AS uuid[])) AND r.event IS NULL AND r.position > c.unread_told
            GROUP BY c.id
        ), noted AS (
            UPDATE intake.chats c SET unread_since = NULL, unread_told = greatest(c.unread_told, a.last)
            FROM intake.chats held LEFT JOIN answers a ON a.id = held.id
            WHERE c.id = held.id AND held.id = ANY(CAST(:chats AS uuid[]))
        )
        SELECT id AS chat_id, tracking_code, unread_ids, read_ids FROM answers ORDER BY id
        """),
        {"chats": list(chats)},
    )
    return [Answers(**row._mapping) for row in found]
