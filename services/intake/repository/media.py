"""Files that are to be fetched: who fetches which, and when again, by the clock of the database."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.media import Medium
from shared.rows import Table

_MEDIA = Table("intake.media", Medium, key=("attachment_id",))


async def add(session: AsyncSession, media: Sequence[Medium]) -> None:
    """Writes down what is to be fetched."""
    await _MEDIA.insert_many(session, media)


async def take(session: AsyncSession, channel: str, *, limit: int, lease: timedelta) -> list[Medium]:
    """Takes up to `limit` files of a channel that are due. Each is counted as tried, and nobody else's for `lease`."""
    found = await session.execute(
        text(f"""
        UPDATE intake.media m SET tries = m.tries + 1, next_try_at = now() + CAST(:lease AS interval)
        FROM (SELECT attachment_id FROM intake.media WHERE channel = :channel AND next_try_at <= now()
              ORDER BY next_try_at LIMIT :limit FOR UPDATE SKIP LOCKED) due
        WHERE m.attachment_id = due.attachment_id
        RETURNING {_MEDIA.select("m")}
        """),
        {"channel": channel, "limit": limit, "lease": lease},
    )
    return [_MEDIA.read(row, "m") for row in found]


async def put_off(session: AsyncSession, attachment_id: UUID, pause: timedelta, *, was_tried: bool) -> None:
    """Lets a file wait so long. Where nobody can be blamed for that, it does not count as tried."""
    await session.execute(
        text("""
        UPDATE intake.media SET next_try_at = now() + CAST(:pause AS interval),
            tries = CASE WHEN :was_tried THEN tries ELSE tries - 1 END
        WHERE attachment_id = :id
        """),
        {"id": attachment_id, "pause": pause, "was_tried": was_tried},
    )


async def channels_of(session: AsyncSession, attachment_ids: Sequence[UUID]) -> dict[UUID, str]:
    """From which channel each of these is to be fetched; those that are not to be are left out."""
    found = await session.execute(
        text("SELECT attachment_id, channel FROM intake.media WHERE attachment_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(attachment_ids)},
    )
    return {row.attachment_id: row.channel for row in found}


async def forget(session: AsyncSession, attachment_id: UUID) -> None:
    """Forgets what need not be fetched any more."""
    await session.execute(text("DELETE FROM intake.media WHERE attachment_id = :id"), {"id": attachment_id})
