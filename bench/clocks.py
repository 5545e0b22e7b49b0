"""clocks.late_p50, late_p99, late_max, burst_per_second, sweep_ms_idle.

late: how many seconds after its moment a breach is committed to the trail of its ticket, as somebody sees who looks
      every 50 ms, of 1,000 clocks that run out over twenty seconds while `tickets` run. The rows are made by SQL.
burst_per_second: how many breaches are noticed in a second, of 5,000 that are due in the same one: whatever was filed
      on one day for a number of days is.
sweep_ms_idle: what a look for what is due takes PostgreSQL among all of them when nothing is due.
"""

import asyncio
import json
import statistics
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from services.local.house import Credentials

_FIRING = 1_000
_BURST = 5_000
_SPREAD_SECONDS = 20
_FILL = """
INSERT INTO tickets.citizens (id, created_at, version)
    SELECT CAST(md5('bench citizen ' || n) AS uuid), now(), 1 FROM generate_series(1, $1) n;
INSERT INTO tickets.tickets (id, tracking_code, contact_id, channel, status, unit, subject, citizen_id, zone, opened_at,
                             escalation_level, version, correlation_id, policy_name, policy_version, resolution_due_at)
    SELECT CAST(md5('bench ticket ' || n) AS uuid), 'bench ' || n, gen_random_uuid(), 'form', 'open', 'contact-centre',
           '', CAST(md5('bench citizen ' || n) AS uuid), 'Asia/Jakarta', now() - interval '7 days', 0, 1, 'bench',
           'ptsa', 1, now() + n * interval '10 seconds' + interval '1 day'
    FROM generate_series(1, $1) n;
INSERT INTO tickets.clocks (ticket_id, kind, started_at, due_at, policy_name, policy_version, calendar_name,
                            calendar_version, pauses)
    SELECT id, 'resolution', opened_at, resolution_due_at, 'ptsa', 1, 'indonesia', '', '{}' FROM tickets.tickets
    WHERE correlation_id = 'bench';
INSERT INTO tickets.timers (ticket_id, clock, kind, due_at)
    SELECT ticket_id, kind, 'breach', due_at + interval '1 second' FROM tickets.clocks c
    JOIN tickets.tickets t ON t.id = c.ticket_id AND t.correlation_id = 'bench'
"""
_MOVE = """
WITH moved AS (
    UPDATE tickets.clocks SET due_at = CAST($1 AS timestamptz) + n * CAST($2 AS interval) - interval '1 second'
    FROM generate_series(CAST($3 AS integer), CAST($4 AS integer)) n
    WHERE ticket_id = CAST(md5('bench ticket ' || n) AS uuid) RETURNING ticket_id, clocks.due_at)
UPDATE tickets.timers t SET due_at = moved.due_at + interval '1 second' FROM moved WHERE t.ticket_id = moved.ticket_id
"""
_FIRED = """
SELECT ticket_id, EXTRACT(epoch FROM clock_timestamp() - due_at) AS late FROM tickets.timers
WHERE fired_at IS NOT NULL AND NOT ticket_id = ANY($1)
"""
_LOOK_SECONDS = 0.05
_IDLE = """
EXPLAIN (ANALYZE, FORMAT JSON) SELECT ticket_id FROM tickets.timers
WHERE fired_at IS NULL AND due_at <= now() ORDER BY due_at LIMIT 200
"""


async def measure(credentials: Credentials, *, tickets: int) -> dict[str, float]:
    """Fills the house with tickets whose clocks run, and sees how late those are noticed that run out."""
    database = await asyncpg.connect(credentials.database_owner_url, timeout=10, command_timeout=1_800)
    try:
        await _fill(database, tickets)
        idle = await database.fetchval(_IDLE)
        begin = datetime.now(UTC) + timedelta(seconds=10)
        apart = timedelta(seconds=_SPREAD_SECONDS) / _FIRING
        await database.execute(_MOVE, begin, apart, 1, _FIRING)
        late = await _watch(database, _FIRING, {})
        at_once = datetime.now(UTC) + timedelta(seconds=5)
        await database.execute(_MOVE, at_once, timedelta(0), _FIRING + 1, _FIRING + _BURST)
        burst = await _watch(database, _BURST, late)
    finally:
        await database.close()
    cuts = statistics.quantiles(late.values(), n=100)
    return {
        "tickets": tickets,
        "fired": _FIRING,
        "late_p50": round(cuts[49], 3),
        "late_p99": round(cuts[98], 3),
        "late_max": round(max(late.values()), 3),
        "burst_per_second": round(_BURST / max(burst.values())),
        "sweep_ms_idle": _milliseconds(idle),
    }


async def _watch(database: asyncpg.Connection, amount: int, seen: Mapping[UUID, float]) -> dict[UUID, float]:
    """How late each of so many timers was, in the order in which somebody saw that they had fired."""
    late: dict[UUID, float] = {}
    while len(late) < amount:
        await asyncio.sleep(_LOOK_SECONDS)
        found = await database.fetch(_FIRED, [*seen, *late])
        late |= {row["ticket_id"]: float(row["late"]) for row in found}
    return late


async def _fill(database: asyncpg.Connection, tickets: int) -> None:
    """The rows, without what keys and triggers do for each."""
    await database.execute("SET session_replication_role = replica")
    for statement in _FILL.split(";\n"):
        await database.execute(statement.replace("$1", str(tickets)))
    await database.execute("SET session_replication_role = origin")
    await database.execute("CREATE INDEX bench_fired ON tickets.timers (ticket_id) WHERE fired_at IS NOT NULL")
    for table in ("citizens", "tickets", "clocks", "timers"):
        await database.execute(f"VACUUM ANALYZE tickets.{table}")


def _milliseconds(plan: str) -> float:
    return round(float(json.loads(plan)[0]["Execution Time"]), 3)
