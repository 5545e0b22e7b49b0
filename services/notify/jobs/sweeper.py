"""The sweeper: it finds the notices that a courier had in its hands when it died."""

import asyncio

from services.notify.service.ledger import Ledger
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_SWEEP_SECONDS = 5.0


class Sweeper(Worker):
    """Finds notices whose courier died in the middle; at its start, at once those of its predecessor of that name."""

    name = "sweeper"

    def __init__(self, *, db: Database, ledger: Ledger, instance: str, clock: Clock) -> None:
        self._db = db
        self._ledger = ledger
        self._predecessor: str | None = instance
        self.looked = asyncio.Event()
        self._clock = clock

    async def step(self) -> None:
        async with self._db.transaction() as session:
            count = await self._ledger.give_up_abandoned(session, own=self._predecessor, now=self._clock())
        self._predecessor = None
        self.looked.set()
        if count:
            log.warning("notices.uncertain", count=count)
        await asyncio.sleep(_SWEEP_SECONDS)
