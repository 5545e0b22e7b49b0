"""What happened, for who follows it: dashboards and other systems."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from services.tickets.models import FeedItem, FeedPlace
from services.tickets.repository import feed
from shared.bell import rings_within
from shared.db import Database
from shared.errors import Unavailable
from shared.visibility import Visibility
from shared.worker import Worker

_PORTION = 500
_LOOK_AGAIN_SECONDS = 1.0


class TooManyFollowers(Unavailable):
    """As many follow what happens as one process has room for; it can be polled meanwhile."""

    code, title = "too_many_followers", "Nobody further can follow just now"


class Feed(Worker):
    """Reads what happened, and says it on to who follows it. As a worker it has nothing to do but to let them go."""

    name, essential = "feed", False

    def __init__(self, *, db: Database, most: int) -> None:
        self._db = db
        self._most = most
        self._following = 0
        self._ending = asyncio.Event()

    async def read(self, sees: Visibility, after: FeedPlace, limit: int) -> Sequence[FeedItem]:
        """What happened after a place, in order."""
        async with self._db.autocommit() as session:
            return await feed.read(session, sees, after, limit)

    def check_room(self) -> None:
        """Raises `TooManyFollowers`."""
        if self._following >= self._most:
            raise TooManyFollowers("Poll, without `Accept: text/event-stream`, until there is room.", 5)

    async def follow(
        self, sees: Visibility, after: FeedPlace, silence_seconds: float
    ) -> AsyncGenerator[Sequence[FeedItem], None]:
        """What happens after a place, as soon as it does; nothing at all now and then, when it was silent for long."""
        self._following += 1
        silent_since = asyncio.get_running_loop().time()
        try:
            while not self._ending.is_set():
                ring = self._db.outbox_bell.next
                items = await self.read(sees, after, _PORTION)
                now = asyncio.get_running_loop().time()
                if items or now - silent_since >= silence_seconds:
                    after, silent_since = items[-1].place if items else after, now
                    yield items
                if len(items) < _PORTION:
                    await rings_within(ring, min(_LOOK_AGAIN_SECONDS, silence_seconds))
        finally:
            self._following -= 1

    def let_go(self) -> None:
        self._ending.set()
        self._db.outbox_bell.ring()

    async def step(self) -> None:
        """Waits a moment."""
        await rings_within(self._ending, _LOOK_AGAIN_SECONDS)
