"""Looks for answers in chats that nobody has read, when it has been silent there for a while."""

import asyncio
from datetime import timedelta

from services.intake.service.unread import tell_unread
from shared.clock import Clock
from shared.db import Database
from shared.worker import Worker

_BATCH = 100
_LOOK_EVERY_SECONDS = 1.0


class UnreadAnswers(Worker):
    """Any number of processes may look: each chat is told of by one of them."""

    name, essential = "unread answers", False

    def __init__(self, *, db: Database, quiet: timedelta, clock: Clock) -> None:
        self._db = db
        self._quiet = quiet
        self._clock = clock

    async def step(self) -> None:
        """Tells of a batch of chats, or waits a moment for one."""
        now = self._clock()
        async with self._db.transaction() as session:
            taken = await tell_unread(session, now - self._quiet, now, _BATCH)
        if taken < _BATCH:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
