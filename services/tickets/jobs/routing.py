"""Gives what waits to agents. Any number of instances do so at once: each takes what no other has."""

import asyncio

from services.tickets.service import assignments
from shared.bell import rings_within
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_LOOK_SECONDS = 5.0
_AT_MOST_EVERY_SECONDS = 0.1


class Routing(Worker):
    """Looks when something was committed that may have changed who can take what, and every five seconds: leases and
    shifts begin and end by themselves, and other instances commit, too.
    """

    name = "routing"
    essential = False

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def step(self) -> None:
        """Gives what can be given, and waits until there may be more."""
        ring = self._db.outbox_bell.next
        if await self.look() < assignments.MOST_AT_ONCE:
            await rings_within(ring, _LOOK_SECONDS)
        await asyncio.sleep(_AT_MOST_EVERY_SECONDS)  # many commits in a moment are one reason to look

    async def look(self) -> int:
        """Gives what can be given now. How many cases found somebody."""
        async with self._db.transaction() as session:
            count = await assignments.give(session, self._clock())
        if count:
            log.info("tickets.given", count=count)
        return count
