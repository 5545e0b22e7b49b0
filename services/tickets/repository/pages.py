"""Reading what belongs to a ticket a page at a time, in the order in which it was written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.ticket import Ticket
from services.tickets.models import Page, Place
from shared.paging import page_of
from shared.rows import Row, Table


def page(table: Table[Any], *, number: str, body: str) -> TextClause:
    """A statement for the rows of one ticket by their place, of which `number` tells the count and `body` the bytes."""
    rows = f"""
        SELECT {table.select("r")}, {number} AS place FROM {table.name} r
        WHERE ticket_id = :ticket_id AND ({number}, id) > (:after_place, CAST(:after_id AS uuid))
    """
    return text(page_of(rows, order="place, r_id", body=body))


def last_of(table: Table[Any], *, number: str, where: str = "true") -> TextClause:
    """A statement for the last rows of one ticket before a place, in order; those are meant that are so."""
    return text(f"""
        SELECT * FROM (
            SELECT {table.select("r")}, {number} AS place FROM {table.name} r
            WHERE ticket_id = :ticket_id AND {where} AND ({number}, id) < (:before_place, CAST(:before_id AS uuid))
            ORDER BY {number} DESC, id DESC LIMIT :limit
        ) AS found ORDER BY place, r_id
    """)


async def read_last(
    session: AsyncSession, statement: TextClause, table: Table[Row], ticket: Ticket, before: Place, limit: int
) -> Sequence[tuple[Row, Place]]:
    """The last rows before that place, in order, each with its own."""
    values = {"ticket_id": ticket.id, "before_place": before.number, "before_id": before.id, "limit": limit}
    found = await session.execute(statement, values)
    return [(table.read(row, "r"), Place(row.place, row.r_id)) for row in found]


async def read_page(
    session: AsyncSession, statement: TextClause, table: Table[Row], ticket: Ticket, after: Place, limit: int
) -> Page[Row]:
    """The first rows after that place, and where the next begin."""
    values = {"ticket_id": ticket.id, "after_place": after.number, "after_id": after.id, "limit": limit}
    rows = (await session.execute(statement, values)).all()
    return Page(
        items=[table.read(row, "r") for row in rows],
        next=Place(rows[-1].place, rows[-1].r_id) if rows and rows[-1].more else None,
    )
