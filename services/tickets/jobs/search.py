"""The sweep of searching: cases that an older release wrote or changed are made findable."""

import asyncio

from services.tickets.service.search import keep_missed
from shared.db import Database
from shared.leader import leads
from shared.telemetry import log
from shared.worker import Worker

BATCH = 500
_EVERY_SECONDS = 60.0


class SearchSweep(Worker):
    """Makes findable what is not found by what it holds, one instance at a time."""

    name = "sweep of search"
    essential = False

    def __init__(self, *, db: Database) -> None:
        self._db = db
        self._next_at = 0.0

    async def step(self) -> None:
        """Sweeps, or waits a moment until it is time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_at:
            await asyncio.sleep(min(1.0, self._next_at - loop.time()))
        elif await self.sweep() < BATCH:
            self._next_at = loop.time() + _EVERY_SECONDS

    async def sweep(self) -> int:
        """Makes a batch of cases findable, unless another instance does just now. How many."""
        async with self._db.transaction() as session:
            if not await leads(session, f"search sweep {self._db.schema}"):
                return 0
            missed = await keep_missed(session, BATCH)
        if missed:
            log.info("search.missed", cases=missed)
        return missed
