"""The booths' clock: it warns before a first call is due, and ends the days that are over."""

import asyncio

from prometheus_client import Counter

from services.intake.service.queues import Queues
from shared.clock import Clock
from shared.db import Database
from shared.leader import leads
from shared.telemetry import REGISTRY, log
from shared.worker import Worker

_LOOK_SECONDS = 5.0

WARNED = Counter(
    "satuatap_booth_visits_warned_total", "Visitors whose first call was nearly due, and not made", registry=REGISTRY
)
SENT_AWAY = Counter(
    "satuatap_booth_visits_sent_away_total",
    "Visitors whom the end of a day sent away, by what became of them",
    ["outcome"],
    registry=REGISTRY,
)


class BoothClock(Worker):
    """Looks every few seconds. Of all instances one does so at a time, and twice does no more than once."""

    name = "booth clock"
    essential = False

    def __init__(self, *, db: Database, queues: Queues, clock: Clock) -> None:
        self._db = db
        self._queues = queues
        self._clock = clock

    async def step(self) -> None:
        """Looks, and waits a moment."""
        await self.look()
        await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Marks who must soon be called, and sends away whose day is over."""
        async with self._db.transaction() as session:
            if not await leads(session, f"booth clock {self._db.schema}"):
                return
            now = self._clock()
            warned = await self._queues.warn(session, now)
            sent_away = await self._queues.end_days(session, now)
        WARNED.inc(warned)
        for outcome, visits in sent_away.items():
            SENT_AWAY.labels(outcome).inc(visits)
        if warned or sent_away:
            log.info("booths.looked_after", warned=warned, **sent_away)
