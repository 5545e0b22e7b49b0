"""Files in the store without a row of attachments: on their way to one, or left behind by one.

They are removed when they are due, by the clock of the database, unless a row is there then.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ON_THE_WAY = timedelta(hours=1)
"""Nobody takes so long between the bytes of a file and the commit of its row."""
_FETCHED_BY = timedelta(minutes=10)
"""By then nobody writes the bytes of a file any more whose row was removed while he fetched it."""


async def announce(session: AsyncSession, file_ids: Sequence[UUID]) -> None:
    """Says that the bytes of these files are about to be put into the store: so they are found if nothing follows."""
    await _note(session, file_ids, _ON_THE_WAY)


async def leave(session: AsyncSession, file_ids: Sequence[UUID], *, may_come: bool = False) -> None:
    """Says that the rows of these files are gone, and their bytes are to go, too; a while later where they `may_come`
    only now, for somebody was fetching them.
    """
    await _note(session, file_ids, _FETCHED_BY if may_come else timedelta())


async def take_in(session: AsyncSession, file_ids: Sequence[UUID]) -> bool:
    """Says that these files have rows from now on. Whether their bytes are all there still."""
    taken = await session.scalars(
        text("DELETE FROM intake.loose_files WHERE file_id = ANY(CAST(:ids AS uuid[])) RETURNING file_id"),
        {"ids": list(file_ids)},
    )
    return set(taken) == set(file_ids)


async def hold_due(session: AsyncSession, limit: int) -> list[UUID]:
    """Holds up to `limit` files that are due, and that have no row. Those that somebody else holds are left to him."""
    found = await session.scalars(
        text("""
        WITH due AS (
            SELECT file_id FROM intake.loose_files WHERE due_at <= now()
            ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
        ), needed AS (
            DELETE FROM intake.loose_files l USING due d
            WHERE l.file_id = d.file_id AND EXISTS (SELECT FROM intake.attachments a WHERE a.id = d.file_id)
            RETURNING l.file_id
        )
        SELECT file_id FROM due WHERE file_id NOT IN (SELECT file_id FROM needed)
        """),
        {"limit": limit},
    )
    return list(found)


async def forget(session: AsyncSession, file_ids: Sequence[UUID]) -> None:
    """Forgets files whose bytes are removed."""
    await session.execute(
        text("DELETE FROM intake.loose_files WHERE file_id = ANY(CAST(:ids AS uuid[]))"), {"ids": list(file_ids)}
    )


async def _note(session: AsyncSession, file_ids: Sequence[UUID], due_in: timedelta) -> None:
    if file_ids:
        await session.execute(
            text("""
            INSERT INTO intake.loose_files (file_id, due_at)
            SELECT file_id, now() + CAST(:due_in AS interval)
            FROM unnest(CAST(:ids AS uuid[])) AS t(file_id) ORDER BY file_id
            ON CONFLICT (file_id) DO UPDATE SET due_at = EXCLUDED.due_at
            """),
            {"ids": list(file_ids), "due_in": due_in},
        )
