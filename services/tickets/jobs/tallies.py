"""The sweep of figures: cases that an older release wrote are counted, and what was counted is shown in the metrics."""

import asyncio

from prometheus_client import Gauge

from services.tickets.models import Span
from services.tickets.repository import tallies
from services.tickets.service.tallies import count_missed
from shared.clock import Clock
from shared.db import Database
from shared.leader import leads
from shared.telemetry import REGISTRY, log
from shared.visibility import EVERYTHING
from shared.worker import Worker

BATCH = 500
_EVERY_SECONDS = 60.0
_ALL_DAYS = Span()

BY_UNIT = Gauge(
    "satuatap_cases_by_unit", "Cases, by unit and what they count for", ["unit", "count"], registry=REGISTRY
)
BY_CHANNEL = Gauge("satuatap_cases_by_channel", "The same, by channel", ["channel", "count"], registry=REGISTRY)
OVERDUE = Gauge("satuatap_cases_overdue", "Cases that are due and not resolved, by unit", ["unit"], registry=REGISTRY)


class TallySweep(Worker):
    """Counts what was not counted, one instance at a time, and shows the counts in the metrics of each."""

    name = "sweep of tallies"
    essential = False

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._next_at = 0.0

    async def step(self) -> None:
        """Sweeps and shows, or waits a moment until it is time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_at:
            await asyncio.sleep(min(1.0, self._next_at - loop.time()))
            return
        if await self.sweep() < BATCH:
            await self.show()
            self._next_at = loop.time() + _EVERY_SECONDS

    async def sweep(self) -> int:
        """Counts a batch of cases, unless another instance does just now. How many."""
        async with self._db.transaction() as session:
            if not await leads(session, f"tally sweep {self._db.schema}"):
                return 0
            missed = await count_missed(session, BATCH)
        if missed:
            log.info("tallies.missed", cases=missed)
        return missed

    async def show(self) -> None:
        """Sets the metrics to what all cases count for."""
        async with self._db.autocommit() as session:
            by_unit = await tallies.read(session, EVERYTHING, _ALL_DAYS, "unit")
            by_channel = await tallies.read(session, EVERYTHING, _ALL_DAYS, "channel")
            overdue = await tallies.read_overdue(session, EVERYTHING, _ALL_DAYS, "unit", self._clock())
        for gauge, found in ((BY_UNIT, by_unit), (BY_CHANNEL, by_channel)):
            gauge.clear()  # of units and channels that are no more
            for name, counts in found.items():
                for count, amount in counts.items():
                    gauge.labels(name, count).set(amount)
        OVERDUE.clear()
        for unit, amount in overdue.items():
            OVERDUE.labels(unit).set(amount)
