"""Which answers in chats were read there, as far as intake has told."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import locks


async def hold(session: AsyncSession, replies: Collection[UUID]) -> None:
    """Holds these answers until the commit: that one was given and that it was read is told by two streams."""
    await locks.hold_each(session, "notify chat answer", replies)


async def find(session: AsyncSession, replies: Collection[UUID]) -> dict[UUID, bool]:
    """Of which of these answers it is known whether they were read, and whether they were."""
    found = await session.execute(
        text("SELECT reply_id, is_read FROM notify.chat_readings WHERE reply_id = ANY(:replies)"),
        {"replies": list(replies)},
    )
    return {row.reply_id: row.is_read for row in found}


async def add(session: AsyncSession, is_read: Mapping[UUID, bool], now: datetime) -> None:
    """Writes down whether answers were read. What is known of one stays."""
    await session.execute(
        text("""
        INSERT INTO notify.chat_readings (reply_id, is_read, heard_at)
        SELECT reply_id, is_read, :now FROM unnest(CAST(:replies AS uuid[]), CAST(:read AS boolean[]))
            AS t(reply_id, is_read)
        ON CONFLICT (reply_id) DO NOTHING
        """),
        {"replies": list(is_read), "read": list(is_read.values()), "now": now},
    )


async def forget_readings(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` readings that were heard of before a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM notify.chat_readings WHERE reply_id IN (
            SELECT reply_id FROM notify.chat_readings WHERE heard_at < :before ORDER BY heard_at LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
