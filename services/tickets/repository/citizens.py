"""The citizens and their handles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.citizens import Citizen, Handle
from services.tickets.domain.ticket import Ticket
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A citizen without his handles, which have rows of their own."""

    id: UUID
    name: str | None
    created_at: datetime
    version: int


CITIZENS = Table("tickets.citizens", Row)
HANDLES = Table("tickets.handles", Handle)


async def insert(session: AsyncSession, citizens: Sequence[Citizen]) -> None:
    """Writes new citizens, with their handles."""
    await CITIZENS.insert_many(session, [_row(citizen) for citizen in citizens])
    await add_handles(session, [handle for citizen in citizens for handle in citizen.handles])


async def update(session: AsyncSession, citizens: Sequence[Citizen]) -> None:
    """Writes down how citizens changed, whose tickets are held. Their new handles are added beside."""
    await CITIZENS.update_many(session, [_row(citizen) for citizen in citizens])


async def add_handles(session: AsyncSession, handles: Sequence[Handle]) -> None:
    """Adds handles to citizens who are there."""
    await HANDLES.insert_many(session, handles)


async def load(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, Citizen]:
    """Whose these tickets are: citizens, whole, each by his own id."""
    if not tickets:
        return {}
    found = await session.execute(
        text(f"""
        SELECT {CITIZENS.select("c")}, {HANDLES.select("h")}
        FROM tickets.citizens c LEFT JOIN tickets.handles h ON h.citizen_id = c.id
        WHERE c.id = ANY(:ids) ORDER BY h.first_seen_at, h.id
        """),
        {"ids": [ticket.citizen_id for ticket in tickets]},
    )
    rows: dict[UUID, Row] = {}
    handles: dict[UUID, list[Handle]] = {}
    for each in found:
        rows[each.c_id] = CITIZENS.read(each, "c")
        handles.setdefault(each.c_id, []).extend([HANDLES.read(each, "h")] if each.h_id else [])
    return {
        id_: Citizen(row.id, row.name, tuple(handles[id_]), row.created_at, row.version) for id_, row in rows.items()
    }


def _row(citizen: Citizen) -> Row:
    return Row(citizen.id, citizen.name, citizen.created_at, citizen.version)
