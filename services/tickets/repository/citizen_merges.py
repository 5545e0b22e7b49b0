"""Which citizens a person merged, and what moved."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Act
from services.tickets.domain.citizen_merges import CitizenMerge
from shared.visibility import Visibility


async def insert(session: AsyncSession, merge: CitizenMerge) -> None:
    """Writes down a merge of two who are held: from now on one of them is the other."""
    await session.execute(
        text("""
        INSERT INTO tickets.citizen_merges
            (id, citizen_id, into_id, ticket_ids, handle_ids, reason, merged_at, merged_by)
        VALUES (:id, :citizen_id, :into_id, :ticket_ids, :handle_ids, :reason, :merged_at, :merged_by)
        """),
        {name: getattr(merge, name) for name in CitizenMerge.__slots__},
    )
    await _lead(session, merge.citizen_id, merge.into_id)


async def find(session: AsyncSession, _sees: Visibility, citizen_id: UUID) -> CitizenMerge | None:
    """The merge by which this citizen is another, or None. What it moved is for whoever sees every unit."""
    found = await session.execute(
        text("""
        SELECT id, citizen_id, into_id, ticket_ids, handle_ids, reason, merged_at, merged_by
        FROM tickets.citizen_merges WHERE citizen_id = :id AND unmerged_at IS NULL
        """),
        {"id": citizen_id},
    )
    row = found.one_or_none()
    return CitizenMerge(**row._mapping) if row else None


async def undo(session: AsyncSession, merge: CitizenMerge, act: Act) -> None:
    """Writes down that a merge is undone, of two who are held."""
    await session.execute(
        text("UPDATE tickets.citizen_merges SET unmerged_at = :at, unmerged_by = :by WHERE id = :id"),
        {"id": merge.id, "at": act.now, "by": act.actor},
    )
    await _lead(session, merge.citizen_id, None)


async def _lead(session: AsyncSession, citizen_id: UUID, into_id: UUID | None) -> None:
    await session.execute(
        text("UPDATE tickets.citizens SET merged_into = :into_id, version = version + 1 WHERE id = :id"),
        {"id": citizen_id, "into_id": into_id},
    )
