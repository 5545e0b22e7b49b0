"""Counts of cases and of what happened to them, by day."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, FromClause, TableClause, Text, cast, column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.tallies import NO_TOPIC, Counted, Deed, Tally
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Grouping, Span
from services.tickets.repository.clocks import CLOCKS
from services.tickets.repository.tickets import TICKETS
from shared.rows import Table
from shared.visibility import Visibility

COUNTED = Table("tickets.counted", Counted, key=("ticket_id",))
_TALLIES = table("tallies", *(column(field.name) for field in fields(Tally)), column("amount"), schema="tickets")
_DEEDS = table("deeds", *(column(field.name) for field in fields(Deed)), column("amount"), schema="tickets")


async def load_counted(session: AsyncSession, tickets: Sequence[Ticket]) -> list[Counted]:
    """What these cases were counted for; nothing of those that never were."""
    if not tickets:
        return []
    found = await session.execute(
        text(f"SELECT {COUNTED.select('c')} FROM tickets.counted c WHERE ticket_id = ANY(:ids)"),
        {"ids": [ticket.id for ticket in tickets]},
    )
    return [COUNTED.read(row, "c") for row in found]


async def insert(session: AsyncSession, counted: Sequence[Counted]) -> None:
    """Writes down what cases count for that never counted."""
    await COUNTED.insert_many(session, counted)


async def update(session: AsyncSession, counted: Sequence[Counted]) -> None:
    """Writes down what cases count for now."""
    await COUNTED.update_many(session, counted)


async def uncounted(session: AsyncSession, limit: int) -> list[UUID]:
    """Cases that do not count for what they are: an older release wrote them, or changed them."""
    found = await session.scalars(
        text("""
        SELECT t.id FROM tickets.tickets t LEFT JOIN tickets.counted c ON c.ticket_id = t.id
        WHERE c.version IS DISTINCT FROM t.version LIMIT :limit
        """),
        {"limit": limit},
    )
    return list(found)


async def add(session: AsyncSession, tallies: Mapping[Tally, int]) -> None:
    """Adds to the counts of cases, or takes from them. Rows are changed in one order, whoever changes them."""
    await _add(session, "tickets.tallies", ("day", "unit", "topic", "channel", "count"), tallies)


async def add_deeds(session: AsyncSession, deeds: Mapping[Deed, int]) -> None:
    """Adds to the counts of what happened, in one order."""
    await _add(session, "tickets.deeds", ("day", "unit", "topic", "channel", "actor", "kind"), deeds)


async def _add(session: AsyncSession, name: str, key: Sequence[str], amounts: Mapping[Any, int]) -> None:
    if not amounts:
        return
    columns = ", ".join(key)
    arrays = ", ".join(f"CAST(:{part} AS {'date' if part == 'day' else 'text'}[])" for part in key)
    rows = sorted(amounts)
    await session.execute(
        text(f"""
        INSERT INTO {name} AS t ({columns}, amount) SELECT * FROM unnest({arrays}, CAST(:amounts AS bigint[]))
        ON CONFLICT ({columns}) DO UPDATE SET amount = t.amount + excluded.amount
        """),
        {part: [getattr(row, part) for row in rows] for part in key} | {"amounts": [amounts[row] for row in rows]},
    )


async def read(session: AsyncSession, sees: Visibility, span: Span, by: Grouping) -> dict[str, Counter[str]]:
    """What cases counted for that the reader sees, by what they are grouped by."""
    return await _grouped(session, _TALLIES, "count", sees, span, by)


async def read_deeds(session: AsyncSession, sees: Visibility, span: Span, by: Grouping) -> dict[str, Counter[str]]:
    """What happened to cases that the reader sees, by kind, grouped as by `read`; by agents, only what they did."""
    return await _grouped(session, _DEEDS, "kind", sees, span, by)


async def read_overdue(
    session: AsyncSession, sees: Visibility, span: Span, by: Grouping, now: datetime
) -> dict[str, int]:
    """How many cases are past the moment when they were due; `tickets.clocks_running` serves it."""
    ticket, clock = TICKETS.sql, CLOCKS.sql
    day = cast(func.timezone(ticket.c.zone, ticket.c.opened_at), Date).label("day")
    overdue = (
        select(day, ticket.c.unit, func.coalesce(ticket.c.topic, NO_TOPIC).label("topic"), ticket.c.channel)
        .join_from(clock, ticket, ticket.c.id == clock.c.ticket_id)
        .where(
            clock.c.kind == "resolution",
            clock.c.stopped_at.is_(None),
            clock.c.paused_at.is_(None),  # what stands still is not due
            clock.c.due_at < now,
        )
        .subquery()
    )
    query = select(_of(overdue, by).label("of"), func.count().label("amount"))
    found = await session.execute(query.where(*_narrowed(overdue, sees, span, by)).group_by("of"))
    return {row.of: row.amount for row in found}


async def _grouped(
    session: AsyncSession, source: TableClause, counting: str, sees: Visibility, span: Span, by: Grouping
) -> dict[str, Counter[str]]:
    query = select(
        _of(source, by).label("of"), source.c[counting].label("counting"), func.sum(source.c.amount).label("amount")
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in await session.execute(query.where(*_narrowed(source, sees, span, by)).group_by("of", "counting")):
        if row.amount:
            found[row.of][row.counting] = int(row.amount)
    return found


def _of(source: FromClause, by: Grouping) -> ColumnElement[str]:
    """What the groups are called."""
    formats = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
    if by in formats:
        return func.to_char(source.c.day, cast(formats[by], Text))
    return source.c["actor" if by == "agent" else by]


def _narrowed(source: FromClause, sees: Visibility, span: Span, by: Grouping) -> Iterator[ColumnElement[bool]]:
    if sees.units is not None:
        yield source.c.unit.in_(sorted(sees.units))
    if span.since is not None:
        yield source.c.day >= span.since
    if span.until is not None:
        yield source.c.day <= span.until
    for name in ("unit", "topic", "channel"):
        wanted = getattr(span, name)
        if wanted is not None:
            yield source.c[name] == wanted
    if by == "agent":
        yield source.c.actor != ""
