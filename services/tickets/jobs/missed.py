"""Cases that an older release wrote or changed while releases roll are counted and made findable, as this one does at
once with its own.
"""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.service.search import keep_missed
from services.tickets.service.tallies import count_missed
from shared.db import Database
from shared.leader import leads
from shared.telemetry import log
from shared.worker import Periodic

BATCH = 500


class MissedCases(Periodic):
    """Looks over all tickets, one instance at a time, at the start and four times an hour: it costs what there are."""

    name = "missed cases"
    essential = False
    every_seconds = 900.0

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def look(self) -> bool:
        """Makes up for a batch of cases."""
        counted, findable = await self._make_up(count_missed), await self._make_up(keep_missed)
        if counted or findable:
            log.info("cases.missed", counted=counted, findable=findable)
        return max(counted, findable) >= BATCH

    async def _make_up(self, for_missed: Callable[[AsyncSession, int], Awaitable[int]]) -> int:
        async with self._db.transaction() as session:
            return await for_missed(session, BATCH) if await leads(session, f"missed cases {self._db.schema}") else 0
