"""The files that came with contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.attachments import StoredFile
from services.intake.repository import loose_files
from shared.rows import Table

_ATTACHMENTS = Table("intake.attachments", StoredFile, key=("id",))


async def add(session: AsyncSession, files: Sequence[StoredFile]) -> None:
    """Writes down which files came with new contacts."""
    await _ATTACHMENTS.insert_many(session, files)


async def of_contact(session: AsyncSession, contact_id: UUID) -> list[StoredFile] | None:
    """The files of a contact in their order; None if there is no such contact."""
    found = await session.execute(
        text(f"""
        SELECT a.id IS NOT NULL AS has_file, {_ATTACHMENTS.select("a")}
        FROM intake.contacts c LEFT JOIN intake.attachments a ON a.contact_id = c.id
        WHERE c.id = :contact_id ORDER BY a.place
        """),
        {"contact_id": contact_id},
    )
    rows = list(found)
    return [_ATTACHMENTS.read(row, "a") for row in rows if row.has_file] if rows else None


async def find(session: AsyncSession, attachment_id: UUID) -> StoredFile | None:
    """The file of this id, if there is one."""
    found = await session.execute(
        text(f"SELECT {_ATTACHMENTS.select('a')} FROM intake.attachments a WHERE a.id = :id"), {"id": attachment_id}
    )
    row = found.one_or_none()
    return _ATTACHMENTS.read(row, "a") if row else None


async def mark_kept(session: AsyncSession, attachment_id: UUID, media_type: str, size: int) -> None:
    """Notes that the bytes of a file are in the store. One that was removed meanwhile stays removed."""
    await session.execute(
        text("""
        UPDATE intake.attachments SET state = 'kept', reason = '', media_type = :media_type, size = :size
        WHERE id = :id
        """),
        {"id": attachment_id, "media_type": media_type, "size": size},
    )


async def mark_failed(session: AsyncSession, attachment_id: UUID, reason: str) -> None:
    """Notes that a file will never be in the store."""
    await session.execute(
        text("UPDATE intake.attachments SET state = 'failed', reason = :reason WHERE id = :id"),
        {"id": attachment_id, "reason": reason},
    )


async def mark_waiting(session: AsyncSession, attachment_id: UUID, reason: str) -> None:
    """Notes why a file is not in the store yet."""
    await session.execute(
        text("UPDATE intake.attachments SET reason = :reason WHERE id = :id"), {"id": attachment_id, "reason": reason}
    )


async def remove_of(session: AsyncSession, contact_ids: Sequence[UUID]) -> None:
    """Removes the files of these contacts. Their bytes go after the commit."""
    await _remove(session, "contact_id = ANY(CAST(:ids AS uuid[]))", {"ids": list(contact_ids)})


async def forget_attachments(session: AsyncSession, before: datetime, limit: int) -> int:
    """Removes up to `limit` files from before a moment. How many. Their bytes go after the commit."""
    old = """
        id IN (SELECT id FROM intake.attachments WHERE received_at < :before
               ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """
    return await _remove(session, old, {"before": before, "limit": limit})


async def _remove(session: AsyncSession, which: str, values: Mapping[str, object]) -> int:
    """Removes rows, and leaves their bytes to be removed when nobody can refer to them any more. How many."""
    found = await session.execute(
        text(f"DELETE FROM intake.attachments WHERE {which} RETURNING id, state = 'waiting' AS may_come"), values
    )
    rows = list(found)
    for may_come in (False, True):
        await loose_files.leave(session, [row.id for row in rows if row.may_come is may_come], may_come=may_come)
    return len(rows)
