"""Lists of tickets as files for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession
from xlsxwriter import Workbook

from services.tickets.domain.cases import Standing
from services.tickets.models import Filter, Sort
from services.tickets.service.tickets import list_tickets
from shared.errors import FieldError, Invalid
from shared.visibility import Visibility

Format = Literal["csv", "xlsx"]
MOST = 50_000
"""Tickets in one file: so many are read at once, and no person reads more."""
_PAGE = 1_000
_WIDTHS = {
    "tracking_code": 16,
    "status": 11,
    "channel": 10,
    "topic": 16,
    "unit": 22,
    "unit_name": 26,
    "subject": 40,
    "priority": 9,
    "assignee": 16,
    "escalation_level": 8,
    "opened_at": 18,
    "first_replied_at": 18,
    "resolution_due_at": 18,
    "resolved_at": 18,
}
"""The columns, and how wide they are in a workbook."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate: a citizen chose the subject of his mail."""

Cell = str | int | datetime | None


async def collect(session: AsyncSession, sees: Visibility, criteria: Filter, sort: Sort) -> list[Standing]:
    """All tickets of a list, in its order. Raises `Invalid` for more than `MOST`."""
    found, turn = await list_tickets(session, sees, criteria, sort, None, _PAGE)
    collected = list(found)
    while turn is not None:
        if len(collected) >= MOST:
            fault = FieldError("opened_from", "leaves more tickets than one file holds", f"at most {MOST:,} tickets")
            raise Invalid(f"The list has more than {MOST:,} tickets: narrow it.", errors=[fault])
        found, turn = await list_tickets(session, sees, criteria, sort, turn, _PAGE)
        collected += found
    return collected


def written(standings: Sequence[Standing], form: Format) -> bytes:
    """The file. It may take seconds, so it is for a thread."""
    rows = list(_rows(standings))
    return _csv(rows) if form == "csv" else _xlsx(rows)


def _rows(standings: Sequence[Standing]) -> Iterator[Sequence[Cell]]:
    for standing in standings:
        ticket = standing.ticket.in_zone()
        due_at = standing.resolution.due_at.astimezone(ticket.opened_at.tzinfo)
        told: dict[str, Cell] = {"unit_name": standing.unit.name, "resolution_due_at": due_at}
        yield [told[name] if name in told else getattr(ticket, name) for name in _WIDTHS]


def _csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A table in UTF-8 that spreadsheets recognise as such, its moments in ISO 8601 with their zone."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_WIDTHS)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> str | int | None:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _xlsx(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet. Its moments are those of the unit's zone: a spreadsheet knows no zones."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Tickets")
        moment, head = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"bold": True})
        for place, (name, width) in enumerate(_WIDTHS.items()):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, name, head)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(_WIDTHS) - 1)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                match cell:
                    case datetime():
                        sheet.write_datetime(number, place, cell.replace(tzinfo=None), moment)
                    case int():
                        sheet.write_number(number, place, cell)
                    case str():
                        sheet.write_string(number, place, cell)  # never as a formula, whatever it begins with
    return out.getvalue()
