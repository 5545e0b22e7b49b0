"""Shows in the metrics what was lost within the last 24 hours: nothing, if all is well."""

import asyncio
from datetime import timedelta

from prometheus_client import Gauge

from services.intake.service.gaps import Gaps
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import REGISTRY, log
from shared.worker import Worker

EVERY = timedelta(minutes=5)
_PAUSE_SECONDS = 1.0

MISSING = Gauge(
    "satuatap_intake_missing",
    "What came within the last 24 hours and is no contact, or has no ticket",
    ["channel"],
    registry=REGISTRY,
)


class GapsWatch(Worker):
    """Looks every five minutes, in each process: whichever is asked for its metrics knows."""

    name = "watch of gaps"
    essential = False

    def __init__(self, *, db: Database, gaps: Gaps, clock: Clock) -> None:
        self._db = db
        self._gaps = gaps
        self._clock = clock
        self._next_at = 0.0

    async def step(self) -> None:
        """Looks, or waits a moment until it is time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_at:
            await asyncio.sleep(min(_PAUSE_SECONDS, self._next_at - loop.time()))
            return
        await self.look()
        self._next_at = loop.time() + EVERY.total_seconds()

    async def look(self) -> None:
        """Sets the metric to what is missing now."""
        async with self._db.autocommit() as session:
            accounts = await self._gaps.last_day(session, self._clock())
        for channel, account in accounts.items():
            missing = sum(gap.count for gap in account.missing)
            MISSING.labels(channel).set(missing)
            if missing:
                log.warning("gaps.found", channel=channel, missing=missing)
