"""Ends holds. Any number of instances do so at once: each takes what no other has."""

import asyncio

from services.tickets.service import holds
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_LOOK_SECONDS = 1.0


class HoldClock(Worker):
    """Looks every second for cases that were held until now."""

    name = "hold clock"
    essential = False

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def step(self) -> None:
        """Looks, and waits a moment unless more is due."""
        if await self.look() < holds.MOST_AT_ONCE:
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> int:
        """Ends the holds that are due, up to a bound. How many there were."""
        async with self._db.transaction() as session:
            due = await holds.end_due(session, self._clock())
        if due:
            log.info("holds.ended", count=due)
        return due
