"""Reading what belongs to a ticket a page at a time, in the order in which it was written."""

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
