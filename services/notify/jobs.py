"""What works in the background: couriers that hand notices over, and a sweeper for those whose courier died."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from services.notify import repository
from services.notify.domain.delivery import Accepted, NotHanded, Outcome, Refused, Uncertain, pause_after
from services.notify.models import Notice
from services.notify.providers import Provider
from services.notify.service.ledger import Ledger
from shared.bell import Bell, heard
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, is_outage
from shared.telemetry import PROVIDER_AWAY, log
from shared.worker import Worker

LEASE = timedelta(seconds=60)
_POLL_SECONDS = 0.25
_SWEEP_SECONDS = 5.0
_RECORD_AGAIN_SECONDS = 0.5
_MOST_UNCLEAR = 2
"""After so many answers in a row that tell of no notice what became of it, the provider is left alone for a while."""


class ProviderAway(OSError):
    """Nothing can be handed to the provider, or nobody understands its answers: it is tried again after a while."""


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
        self.essential = False  # the other ways go on, and what this one has waits
        self._pauses = 0
        self._unclear = 0
        self._not_before = 0.0
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
        left_alone = self._not_before - asyncio.get_running_loop().time()
        if left_alone > 0:
            await asyncio.sleep(min(left_alone, _POLL_SECONDS))
            return
        ring = self._bell.next
        if self._after is not None and not self._after.is_set():
            await heard(ring, _POLL_SECONDS)  # what a predecessor of our name left is looked through first
            return
        notices = await self._claim()
        if not notices:
            await heard(ring, _POLL_SECONDS)
            return
        crash_point("notify.courier.attempted")
        outcomes = await self._hand_over(notices)
        crash_point("notify.courier.handed")
        await self._record(notices, outcomes)
        log.info(
            "notices.handed",
            kind=self._provider.kind,
            count=len(notices),
            correlation_ids=[notice.correlation_id for notice in notices],
        )
        self._judge_provider(outcomes)

    async def _hand_over(self, notices: Sequence[Notice]) -> list[Outcome]:
        """Hands notices over, and keeps them claimed as long as that takes: a server may scan a mail for minutes."""
        prolonging = asyncio.create_task(self._prolong([notice.id for notice in notices]))
        try:
            return await self._provider.send(notices)
        finally:
            prolonging.cancel()

    async def _prolong(self, ids: Sequence[UUID]) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(Exception):  # an outage: the next time is soon enough, as a rule
                async with self._db.transaction() as session:
                    until = self._clock() + LEASE
                    await repository.prolong(session, ids, worker=self._instance, until=until)

    def _judge_provider(self, outcomes: Sequence[Outcome]) -> None:
        """Leaves a provider alone that is away, or cannot be understood, for growing times. Raises `ProviderAway`.

        What is queued stays queued meanwhile: the first notice may become uncertain, the hundredth not.
        """
        kind = self._provider.kind
        away = next((outcome for outcome in outcomes if isinstance(outcome, NotHanded)), None)
        self._unclear = self._unclear + 1 if all(isinstance(outcome, Uncertain) for outcome in outcomes) else 0
        if away is None and self._unclear < _MOST_UNCLEAR:
            self._pauses, self.trouble = 0, None
            PROVIDER_AWAY.labels(kind).set(0)
            return
        if any(isinstance(outcome, Accepted | Refused) for outcome in outcomes):
            self._pauses = 0  # it is slow, or went away just now
        pause = pause_after(self._pauses)
        self._pauses += 1
        self._not_before = asyncio.get_running_loop().time() + pause.total_seconds()
        why = away.error if away else "its answers cannot be understood"
        self.trouble = f"nothing can be handed over by {kind}: {why}; tried again every {pause.total_seconds():.0f} s"
        PROVIDER_AWAY.labels(kind).set(1)
        raise ProviderAway(why)

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
