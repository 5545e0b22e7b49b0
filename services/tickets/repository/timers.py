"""The timers: a row for each threshold of a clock. What is due is found by an index on those that are still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.clocks import Clock
from services.tickets.domain.thresholds import Timer, timers
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A timer as it is kept; `fired_at` is when it was looked after."""

    ticket_id: UUID
    clock: str
    kind: str
    due_at: datetime | None
    fired_at: datetime | None


TIMERS = Table("tickets.timers", Row, key=("ticket_id", "clock", "kind"))
_KEEP = text("""
    INSERT INTO tickets.timers AS t (ticket_id, clock, kind, due_at)
    SELECT * FROM unnest(CAST(:ticket_ids AS uuid[]), CAST(:clocks AS text[]), CAST(:kinds AS text[]),
                         CAST(:due_at AS timestamptz[]))
    ON CONFLICT (ticket_id, clock, kind) DO UPDATE
    SET due_at = excluded.due_at, fired_at = NULL
    WHERE t.due_at IS DISTINCT FROM excluded.due_at AND (t.fired_at IS NULL OR excluded.due_at > t.fired_at)
""")
_OPEN = "SELECT ticket_id, clock, kind, due_at FROM tickets.timers WHERE fired_at IS NULL AND due_at <= :now"
_FIRED = text("""
    UPDATE tickets.timers t SET fired_at = :now
    FROM unnest(CAST(:ticket_ids AS uuid[]), CAST(:clocks AS text[]), CAST(:kinds AS text[])) AS u(id, clock, kind)
    WHERE t.ticket_id = u.id AND t.clock = u.clock AND t.kind = u.kind
""")


async def keep(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Sets the timers of clocks that began or moved. One that fired fires again only for a later moment."""
    wanted = [timer for clock in clocks for timer in timers(clock)]
    if wanted:
        await session.execute(_KEEP, {**_keys(wanted), "due_at": [timer.due_at for timer in wanted]})


async def due_tickets(session: AsyncSession, now: datetime, limit: int) -> list[UUID]:
    """The tickets of the timers that are due, the longest first, held until the end of the transaction. Those that
    others hold are not waited for. As everywhere, a ticket is held before anything that belongs to it.
    """
    found = await session.scalars(
        text(f"""
        SELECT id FROM tickets.tickets WHERE id IN (SELECT ticket_id FROM ({_OPEN} ORDER BY due_at LIMIT :limit) AS due)
        ORDER BY id FOR UPDATE SKIP LOCKED
        """),
        {"now": now, "limit": limit},
    )
    return list(found)


async def due_of(session: AsyncSession, ticket_ids: Sequence[UUID], now: datetime) -> list[Timer]:
    """The timers of these tickets, which are held, that are due: the longest first."""
    query = text(f"{_OPEN} AND ticket_id = ANY(:ids) ORDER BY due_at, clock, kind")
    found = await session.execute(query, {"ids": list(ticket_ids), "now": now})
    return [Timer(row.ticket_id, row.clock, row.kind, row.due_at) for row in found]


async def fired(session: AsyncSession, timers: Sequence[Timer], now: datetime) -> None:
    """Notes that held timers were looked after."""
    await session.execute(_FIRED, {**_keys(timers), "now": now})


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next timer is due that is open; None if there is none."""
    query = text("SELECT min(due_at) FROM tickets.timers WHERE fired_at IS NULL AND due_at IS NOT NULL")
    found: datetime | None = await session.scalar(query)
    return found


def _keys(timers: Sequence[Timer]) -> dict[str, list[object]]:
    return {
        "ticket_ids": [timer.ticket_id for timer in timers],
        "clocks": [timer.clock for timer in timers],
        "kinds": [timer.kind for timer in timers],
    }
