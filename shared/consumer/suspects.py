"""Who meets an outage all alone, again and again, while the engine answers: an event that looks like an outage."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from shared.db import Database

_OUTAGES_ALONE = 3
"""So often an event may meet an outage all alone, until it is itself the fault."""
_ANSWER_SECONDS = 2


class Suspects:
    """Counts outages of single events against them, as far as the engine answers all the same."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._outages: Counter[bytes] = Counter()

    async def engine_answers(self) -> bool:
        """Whether the engine is there, whatever it said to somebody else."""
        with suppress(Exception):
            await asyncio.wait_for(self._db.ping(), _ANSWER_SECONDS)
            return True
        return False

    async def is_to_blame(self, name: bytes) -> bool:
        """Whether what is called `name`, and has just met an outage all alone, has done so too often for that."""
        if await self.engine_answers():
            self._outages[name] += 1
        return self._outages[name] >= _OUTAGES_ALONE

    def acquit(self, names: Iterable[bytes]) -> None:
        """These are finished, one way or the other."""
        for name in names:
            self._outages.pop(name, None)
