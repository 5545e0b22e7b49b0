"""The citizens, whole: each with his handles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.citizens import Citizen, Handle
from services.tickets.domain.ticket import Ticket
from services.tickets.repository.handles import HANDLES, keep_handles
from shared.rows import Table
from shared.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Row:
    """A citizen without his handles, which have rows of their own."""

    id: UUID
    name: str | None
    created_at: datetime
    version: int
    merged_into: UUID | None


CITIZENS = Table("tickets.citizens", Row)
_LATER = """
    (id) DO UPDATE SET name = excluded.name, version = excluded.version WHERE citizens.version < excluded.version
"""
_HOLD = text("SELECT id FROM tickets.citizens WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_WHOLE = f"""
    SELECT {CITIZENS.select("c")}, {HANDLES.select("h")}
    FROM tickets.citizens c LEFT JOIN tickets.handles h ON h.citizen_id = c.id
    WHERE c.id = ANY(:ids)
"""
_IN_ORDER = "ORDER BY h.first_seen_at, h.id"
_SEEN = """AND EXISTS (
    SELECT FROM tickets.tickets t WHERE t.citizen_id = coalesce(c.merged_into, c.id) AND t.unit = ANY(:units))
"""
_SHOWN = """AND EXISTS (
    WITH RECURSIVE up AS (
        SELECT c.id, c.merged_into
        UNION ALL SELECT n.id, n.merged_into FROM up JOIN tickets.citizens n ON n.id = up.merged_into
    )
    SELECT FROM up JOIN tickets.tickets t ON t.citizen_id = up.id
    WHERE t.privacy = ANY(:shown)
      AND (CAST(:units AS text[]) IS NULL OR t.unit = ANY(:units)))
"""


async def keep(session: AsyncSession, citizens: Sequence[Citizen]) -> None:
    """Writes new citizens, what was learnt of those who are there, and their handles. Of one who is there twice, the
    later version counts, and every handle.
    """
    latest: dict[UUID, Citizen] = {}
    for citizen in citizens:
        if citizen.id not in latest or latest[citizen.id].version < citizen.version:
            latest[citizen.id] = citizen
    await CITIZENS.keep_many(session, [_row(latest[id_]) for id_ in sorted(latest)], _LATER)
    await keep_handles(session, [handle for citizen in citizens for handle in citizen.handles])


async def load(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, Citizen]:
    """Whose these tickets are: citizens, whole, each by his own id."""
    return await _whole(session, _WHOLE, [ticket.citizen_id for ticket in tickets]) if tickets else {}


async def hold(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> dict[UUID, Citizen]:
    """Those of the citizens who are there and are seen, held until the end of the transaction. They are read after the
    lock was got: whoever had it before may have changed them.
    """
    if not ids:
        return {}
    await session.execute(_HOLD, {"ids": list(ids)})
    return await get(session, sees, ids)


async def get(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> dict[UUID, Citizen]:
    """Those of the citizens who are there and are seen: whoever sees one of their cases sees whose it is."""
    if sees.units is None:
        return await _whole(session, _WHOLE, ids)
    return await _whole(session, f"{_WHOLE} {_SEEN}", ids, units=sorted(sees.units))


async def shown(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> dict[UUID, Citizen]:
    """Those of the citizens of whom this reader may know: of one of their cases it is not hidden whose it is."""
    units = None if sees.units is None else sorted(sees.units)
    return await _whole(session, f"{_WHOLE} {_SHOWN}", ids, units=units, shown=list(sees.shown_privacies))


async def _whole(session: AsyncSession, query: str, ids: Sequence[UUID], **values: object) -> dict[UUID, Citizen]:
    rows: dict[UUID, Row] = {}
    handles: dict[UUID, list[Handle]] = {}
    for each in await session.execute(text(f"{query} {_IN_ORDER}"), {"ids": list(ids), **values}):
        rows[each.c_id] = CITIZENS.read(each, "c")
        handles.setdefault(each.c_id, []).extend([HANDLES.read(each, "h")] if each.h_id else [])
    return {
        id_: Citizen(row.id, row.name, tuple(handles[id_]), row.created_at, row.version, row.merged_into)
        for id_, row in rows.items()
    }


def _row(citizen: Citizen) -> Row:
    return Row(citizen.id, citizen.name, citizen.created_at, citizen.version, citizen.merged_into)
