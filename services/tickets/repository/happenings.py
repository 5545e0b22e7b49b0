"""What happened. Rows are added, each sealed after the one before it in its trail, and none is changed."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import happenings, seals
from services.tickets.domain.happenings import Happened
from services.tickets.domain.ticket import Ticket
from services.tickets.models import END, Page, Place
from services.tickets.repository.pages import last_of, page, read_last, read_page
from shared.ids import new_id
from shared.rows import Table
from shared.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Row:
    """A happening as it is kept. What an older release wrote has no origin, no salt and no seal."""

    id: UUID
    ticket_id: UUID
    version: int
    kind: str
    data: Mapping[str, Any]
    actor: str
    at: datetime
    origin: str | None
    salt: str | None
    seal: str | None = None

    @property
    def told(self) -> Mapping[str, Any]:
        """The row by the names of its columns, as it is sealed."""
        return {column.name: getattr(self, column.name) for column in HAPPENINGS.columns}


HAPPENINGS = Table("tickets.happenings", Row)
_PAGE = page(HAPPENINGS, number="number", body="CAST(r_data AS text)")
_LAST = last_of(HAPPENINGS, number="number")


def sealed(happened: Sequence[Happened], last_seals: Mapping[UUID, str | None]) -> list[Row]:
    """What happened, in its order, as it is to be kept: sealed after the last seal of each trail."""
    last, rows = dict(last_seals), []
    for each in happened:
        row = _row(each)
        last[row.ticket_id] = seals.seal(last.get(row.ticket_id), row.told)
        rows.append(replace(row, seal=last[row.ticket_id]))
    return rows


async def insert(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Adds what happened to the trails of its tickets, which are held meanwhile: a place is never taken late."""
    await HAPPENINGS.insert_many(session, rows)


async def of_ticket(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Happened]:
    """What happened to a ticket after a place in its trail, in order."""
    found = await read_page(session, _PAGE, HAPPENINGS, ticket, after, limit)
    return Page([_happened(row) for row in found.items], found.next)


async def trails(
    session: AsyncSession, sees: Visibility, ticket_id: UUID | None = None
) -> AsyncIterator[tuple[UUID, str | None, list[Row]]]:
    """Every trail, or that of one ticket, whole and in its order, with the last seal that its ticket keeps. They are
    read from a cursor: memory is taken for one trail at a time.
    """
    found = await session.stream(
        text(f"""
        SELECT t.id AS trail, t.last_seal, {HAPPENINGS.select("h")}
        FROM tickets.tickets t LEFT JOIN tickets.happenings h ON h.ticket_id = t.id
        WHERE (CAST(:id AS uuid) IS NULL OR t.id = :id)
          AND (CAST(:units AS text[]) IS NULL OR t.unit = ANY(CAST(:units AS text[])))
        ORDER BY t.id, h.number, h.id
        """),
        {"id": ticket_id, "units": None if sees.units is None else sorted(sees.units)},
    )
    trail: tuple[UUID, str | None, list[Row]] | None = None
    async for each in found:
        if trail is None or each.trail != trail[0]:
            if trail is not None:
                yield trail
            trail = each.trail, each.last_seal, []
        if each.h_id is not None:
            trail[2].append(HAPPENINGS.read(each, "h"))
    if trail is not None:
        yield trail


async def last_of_ticket(session: AsyncSession, ticket: Ticket, limit: int) -> Sequence[Happened]:
    """What happened to a ticket the last so many times, in order."""
    return [_happened(row) for row, _ in await read_last(session, _LAST, HAPPENINGS, ticket, END, limit)]


def _row(happened: Happened) -> Row:
    return Row(
        id=new_id(),
        ticket_id=happened.ticket_id,
        version=happened.version,
        kind=happenings.kind_of(happened.happening),
        data=happenings.data_of(happened.happening),
        actor=happened.actor,
        at=happened.at,
        origin=happened.origin,
        salt=secrets.token_hex(8),
    )


def _happened(row: Row) -> Happened:
    happening = happenings.read(row.kind, row.data)
    return Happened(row.ticket_id, row.version, happening, row.actor, row.at, row.origin or "")
