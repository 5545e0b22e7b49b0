"""Which tickets go on as which."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.merging import Merge
from services.tickets.domain.ticket import Ticket
from shared.rows import Table
from shared.visibility import Visibility

MERGES = Table("tickets.merges", Merge)


@dataclass(frozen=True, slots=True)
class Lead:
    """A ticket, its root: the ticket that goes on with it, or itself, and whose that is."""

    ticket_id: UUID
    root_id: UUID
    citizen_id: UUID


async def leads(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> list[Lead]:
    """Where these tickets lead to, in the order of their ids. None is held."""
    if not ids:
        return []
    found = await session.execute(
        text("""
        WITH RECURSIVE up AS (
            SELECT id, id AS root_id, citizen_id, merged_into FROM tickets.tickets
            WHERE id = ANY(:ids) AND (CAST(:units AS text[]) IS NULL OR unit = ANY(CAST(:units AS text[])))
            UNION ALL
            SELECT up.id, t.id, t.citizen_id, t.merged_into FROM up JOIN tickets.tickets t ON t.id = up.merged_into
        )
        SELECT id AS ticket_id, root_id, citizen_id FROM up WHERE merged_into IS NULL ORDER BY id
        """),
        {"ids": list(ids), "units": None if sees.units is None else sorted(sees.units)},
    )
    return [Lead(**row._mapping) for row in found]


async def insert(session: AsyncSession, merge: Merge) -> None:
    """Keeps a merge. Its tickets are held."""
    await MERGES.insert_many(session, [merge])


async def update(session: AsyncSession, merge: Merge) -> None:
    """Notes that a merge was undone."""
    await MERGES.update_many(session, [merge])


async def into(session: AsyncSession, target: Ticket) -> list[Merge]:
    """What is merged into a ticket, the first merge first."""
    found = await session.execute(
        text(f"""
        SELECT {MERGES.select("m")} FROM tickets.merges m WHERE target_id = :id AND unmerged_at IS NULL
        ORDER BY merged_at, id
        """),
        {"id": target.id},
    )
    return [MERGES.read(row, "m") for row in found]


async def was_merged(session: AsyncSession, source: Ticket) -> bool:
    """Whether a ticket has ever been merged."""
    found = text("SELECT EXISTS (SELECT FROM tickets.merges WHERE source_id = :id)")
    return bool(await session.scalar(found, {"id": source.id}))


async def family(session: AsyncSession, root: Ticket) -> list[UUID]:
    """A ticket and all that are merged into it, at whatever remove."""
    found = await session.scalars(
        text("""
        WITH RECURSIVE down AS (
            SELECT CAST(:id AS uuid) AS id
            UNION ALL SELECT t.id FROM down JOIN tickets.tickets t ON t.merged_into = down.id
        )
        SELECT id FROM down
        """),
        {"id": root.id},
    )
    return list(found)
