"""What works in the background: couriers that hand notices over, and a sweeper for those whose courier died."""

import asyncio
from datetime import timedelta

from services.notify import repository
from services.notify.domain.delivery import NotHanded, Outcome
from services.notify.models import Notice
from services.notify.providers import Provider
from services.notify.service.ledger import Ledger
from shared.bell import Bell, heard
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, is_outage
from shared.telemetry import log
from shared.worker import Worker

LEASE = timedelta(seconds=60)
_POLL_SECONDS = 0.25
_SWEEP_SECONDS = 5.0
_RECORD_AGAIN_SECONDS = 0.5


class ProviderAway(OSError):
    """Nobody answers at the provider: the notices went back to the queue, and it is tried again after a while."""


class Courier(Worker):
    """Hands notices of one kind over, on one connection."""

    def __init__(
        self,
        *,
        db: Database,
        ledger: Ledger,
        provider: Provider,
        bell: Bell,
        instance: str,
        batch: int,
        clock: Clock,
        after: asyncio.Event | None = None,
    ) -> None:
        self.name = f"courier of {provider.kind}"
        self._db = db
        self._ledger = ledger
        self._provider = provider
        self._bell = bell
        self._instance = instance
        self._batch = batch
        self._clock = clock
        self._after = after

    async def step(self) -> None:
        """Claims a batch, commits that it is being attempted, hands it over, and writes down what became of it."""
        ring = self._bell.next
        if self._after is not None and not self._after.is_set():
            await heard(ring, _POLL_SECONDS)  # what a predecessor of our name left is looked through first
            return
        notices = await self._claim()
        if not notices:
            await heard(ring, _POLL_SECONDS)
            return
        crash_point("notify.courier.attempted")
        outcomes = await self._provider.send(notices)
        crash_point("notify.courier.handed")
        await self._record(notices, outcomes)
        log.info(
            "notices.handed",
            kind=self._provider.kind,
            count=len(notices),
            correlation_ids=[notice.correlation_id for notice in notices],
        )
        if any(isinstance(outcome, NotHanded) for outcome in outcomes):
            raise ProviderAway(self._provider.kind)

    async def _claim(self) -> list[Notice]:
        notices: list[Notice] = []
        try:
            async with self._db.transaction() as session:
                notices = await repository.claim(
                    session,
                    kind=self._provider.kind,
                    worker=self._instance,
                    lease=LEASE,
                    limit=self._batch,
                    now=self._clock(),
                )
        except Exception as error:
            if notices and is_outage(error):  # nobody knows whether that was committed, but none was handed over
                await self._record(notices, [NotHanded("the database did not answer")] * len(notices))
            raise
        return notices

    async def _record(self, notices: list[Notice], outcomes: list[Outcome]) -> None:
        """What is known must be written down, however long PostgreSQL is away: it cannot be found out again."""
        while True:
            try:
                async with self._db.transaction() as session:
                    await self._ledger.close(session, notices, outcomes, self._clock())
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(_RECORD_AGAIN_SECONDS)

    async def close(self) -> None:
        await self._provider.close()


class Sweeper(Worker):
    """Finds notices whose sender died in the middle; at its start, at once those of its predecessor of that name."""

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
