"""The clocks of the tickets, and the timers that tell when a threshold of one is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import HOLIDAYS_VERSION, Calendar
from services.tickets.domain.clocks import Clock, Pause
from services.tickets.domain.policies import Policy
from services.tickets.domain.ticket import Ticket
from services.tickets.repository import calendars, policies
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A clock as it is kept. `pauses` is None where an older release wrote it, which knew of none."""

    ticket_id: UUID
    kind: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    policy_name: str
    policy_version: int
    calendar_name: str
    calendar_version: str
    calendar_edition: int
    paused_at: datetime | None
    pauses: Mapping[str, Any] | None
    priority: str
    fixed_at: datetime | None
    breached_at: datetime | None
    dropped: bool


CLOCKS = Table("tickets.clocks", Row, key=("ticket_id", "kind"))


async def insert(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Starts clocks. Their tickets may be written after them, in the same transaction."""
    await CLOCKS.insert_many(session, [_row(clock) for clock in clocks])


async def update(session: AsyncSession, clocks: Sequence[Clock]) -> None:
    """Writes down how the clocks of held tickets changed."""
    await CLOCKS.update_many(session, [_row(clock) for clock in clocks])


async def load(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[UUID, tuple[Clock, ...]]:
    """The clocks of these tickets, by the id of each, in the order of their kinds."""
    if not tickets:
        return {}
    found = await session.execute(
        text(f"SELECT {CLOCKS.select('c')} FROM tickets.clocks c WHERE ticket_id = ANY(:ids) ORDER BY kind"),
        {"ids": [ticket.id for ticket in tickets]},
    )
    rows = [CLOCKS.read(row, "c") for row in found]
    editions = await calendars.versions(session, sorted({(row.calendar_name, row.calendar_edition) for row in rows}))
    newest = {name: editions[name, version] for name, version in sorted(editions)}
    under = await policies.versions(session, sorted({(row.policy_name, row.policy_version) for row in rows}), newest)
    clocks: dict[UUID, tuple[Clock, ...]] = {}
    for row in rows:
        clock = _clock(
            row, under[row.policy_name, row.policy_version], editions[row.calendar_name, row.calendar_edition]
        )
        clocks[row.ticket_id] = (*clocks.get(row.ticket_id, ()), clock)
    return clocks


async def stale_tickets(session: AsyncSession, limit: int) -> list[UUID]:
    """Tickets that have a clock which runs by an older version of its calendar, held until the end of the transaction.
    Those that others hold are not waited for.

    The order has PostgreSQL use the index: it cannot know that hardly any clock is behind.
    """
    found = await session.scalars(
        text("""
        SELECT id FROM tickets.tickets WHERE id IN (
            SELECT c.ticket_id FROM tickets.calendars k CROSS JOIN LATERAL (
                SELECT ticket_id FROM tickets.clocks
                WHERE calendar_name = k.name AND calendar_edition < k.version AND stopped_at IS NULL
                ORDER BY calendar_edition LIMIT :limit) AS c
            WHERE k.in_force)
        ORDER BY id FOR UPDATE SKIP LOCKED
        """),
        {"limit": limit},
    )
    return list(found)


def _row(clock: Clock) -> Row:
    return Row(
        ticket_id=clock.ticket_id,
        kind=clock.kind,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        policy_name=clock.policy.name,
        policy_version=clock.policy.version,
        calendar_name=clock.calendar.name,
        calendar_version=HOLIDAYS_VERSION,
        calendar_edition=clock.calendar.version,
        paused_at=clock.paused_at,
        pauses={"of": [(pause.start.isoformat(), pause.end.isoformat()) for pause in clock.pauses]},
        priority=clock.priority,
        fixed_at=clock.fixed_at,
        breached_at=clock.breached_at,
        dropped=clock.dropped,
    )


def _clock(row: Row, policy: Policy, calendar: Calendar) -> Clock:
    pauses = row.pauses["of"] if row.pauses else []
    return Clock(
        ticket_id=row.ticket_id,
        kind=row.kind,
        policy=policy,
        calendar=calendar,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        paused_at=row.paused_at,
        pauses=tuple(Pause(*map(datetime.fromisoformat, pause)) for pause in pauses),
        priority=row.priority,
        fixed_at=row.fixed_at,
        breached_at=row.breached_at,
        dropped=row.dropped,
    )
