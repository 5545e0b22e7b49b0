"""The keeper of the clocks: it warns and says when it is too late, and has clocks follow their calendars."""

import asyncio
from datetime import timedelta

from prometheus_client import Counter, Histogram

from services.tickets.service import clocks
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import REGISTRY, log
from shared.worker import Worker

_AT_ONCE = 200
_LONGEST_SLEEP = timedelta(milliseconds=500)
"""A timer that is set meanwhile, and due at once, is late by this at most."""
_SHORTEST_SLEEP = timedelta(milliseconds=20)
"""What is due is somebody else's just now, or a millisecond away."""

FIRED = Counter(
    "satuatap_ticket_timers_fired_total", "Warnings, breaches and steps that were due", ["kind"], registry=REGISTRY
)
LATE = Histogram(
    "satuatap_ticket_timers_late_seconds",
    "How late a timer was looked after",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 30, 300),
    registry=REGISTRY,
)


class ClockKeeper(Worker):
    """Any number may work at once: each holds the tickets that it looks after, and passes by what another holds."""

    name = "clock keeper"
    essential = False

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def step(self) -> None:
        """Fires what is due; else follows the calendars; else sleeps until something is due."""
        if not await self.sweep() and not await self.follow():
            await asyncio.sleep(await self._pause())

    async def sweep(self) -> int:
        """Fires a batch of timers that are due. How many."""
        async with self._db.transaction() as session:
            now = self._clock()
            fired = await clocks.fire_due(session, now, _AT_ONCE)
        for timer in fired:
            FIRED.labels(timer.kind).inc()
            if timer.due_at is not None:
                LATE.observe((now - timer.due_at).total_seconds())
        if fired:
            log.info("timers.fired", count=len(fired))
        return len(fired)

    async def follow(self) -> int:
        """Has a batch of tickets follow calendars that were edited. How many."""
        async with self._db.transaction() as session:
            followed = await clocks.follow_calendars(session, self._clock(), _AT_ONCE)
        if followed:
            log.info("clocks.computed_anew", tickets=followed)
        return followed

    async def _pause(self) -> float:
        async with self._db.autocommit() as session:
            due_at = await clocks.next_due(session)
        left = due_at - self._clock() if due_at else _LONGEST_SLEEP
        return min(max(left, _SHORTEST_SLEEP), _LONGEST_SLEEP).total_seconds()
