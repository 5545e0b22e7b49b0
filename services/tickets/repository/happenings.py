"""What happened. Rows are added and none is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import happenings
from services.tickets.domain.happenings import Happened
from services.tickets.domain.ticket import Ticket
from services.tickets.models import END, Page, Place
from services.tickets.repository.pages import last_of, page, read_last, read_page
from shared.ids import new_id
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A happening as it is kept."""

    id: UUID
    ticket_id: UUID
    version: int
    kind: str
    data: Mapping[str, Any]
    actor: str
    at: datetime


HAPPENINGS = Table("tickets.happenings", Row)
_PAGE = page(HAPPENINGS, number="number", body="CAST(r_data AS text)")
_LAST = last_of(HAPPENINGS, number="number")


async def insert(session: AsyncSession, happened: Sequence[Happened]) -> None:
    """Adds what happened to the trails of its tickets, which are held meanwhile: a place is never taken late."""
    await HAPPENINGS.insert_many(session, [_row(each) for each in happened])


async def of_ticket(session: AsyncSession, ticket: Ticket, after: Place, limit: int) -> Page[Happened]:
    """What happened to a ticket after a place in its trail, in order."""
    found = await read_page(session, _PAGE, HAPPENINGS, ticket, after, limit)
    return Page([_happened(row) for row in found.items], found.next)


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
    )


def _happened(row: Row) -> Happened:
    return Happened(row.ticket_id, row.version, happenings.read(row.kind, row.data), row.actor, row.at)
