"""The sweeper: it finds the notices that a courier had in its hands when it died, and those that were held too long."""

import asyncio

from services.notify.service.holds import Holds
from services.notify.service.ledger import Ledger
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_SWEEP_SECONDS = 5.0


class Sweeper(Worker):
    """Finds notices whose courier died in the middle; at its start, at once those of its predecessor of that name."""

    name = "sweeper"

    def __init__(self, *, db: Database, ledger: Ledger, holds: Holds, instance: str, clock: Clock) -> None:
        self._db = db
        self._ledger = ledger
        self._holds = holds
        self._predecessor: str | None = instance
        self.looked = asyncio.Event()
        self._clock = clock

    async def step(self) -> None:
        await self.sweep()
        await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Looks for what was left behind, and for what was held too long, and lets it go on."""
        async with self._db.transaction() as session:
            uncertain = await self._ledger.give_up_abandoned(session, own=self._predecessor, now=self._clock())
        self._predecessor = None
        self.looked.set()
        if uncertain:
            log.warning("notices.uncertain", count=uncertain)
        async with self._db.transaction() as session:
            overdue = await self._holds.release_overdue(session, self._clock())
        if overdue:
            log.warning("notices.released", count=overdue)
