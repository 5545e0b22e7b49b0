"""The files that came with contacts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.attachments import KeptFile
from shared.rows import Table

_ATTACHMENTS = Table("intake.attachments", KeptFile, key=("id",))


async def add(session: AsyncSession, files: Sequence[KeptFile]) -> None:
    """Writes down which files came with new contacts."""
    if files:
        await _ATTACHMENTS.insert_many(session, files)


async def forget(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Forgets up to `limit` files from before a moment. Which, for their bytes to be removed."""
    found = await session.scalars(
        text("""
        DELETE FROM intake.attachments WHERE id IN (
            SELECT id FROM intake.attachments WHERE received_at < :before
            ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING id
        """),
        {"before": before, "limit": limit},
    )
    return list(found)
