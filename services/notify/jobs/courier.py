"""The courier: it hands notices over, one message after another, and is never in doubt about more than one of them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from services.notify.domain.breaker import Breaker
from services.notify.domain.delivery import NoHandover, Outcome
from services.notify.jobs.hand import Hand
from services.notify.models import Ending, Notice
from services.notify.providers import Provider
from services.notify.repository import claims
from services.notify.service.ledger import Ledger
from services.notify.service.letters import Letters
from shared.bell import Bell, rings_within
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, DriverConnection, is_outage
from shared.ids import new_id
from shared.telemetry import PROVIDER_AWAY, log
from shared.worker import Worker

LEASE = timedelta(seconds=60)
_MARGIN = timedelta(seconds=10)
"""So long before others may take a notice, the courier itself hands it over no longer."""
_POLL_SECONDS = 0.25
_HOLD_SECONDS = 5
"""So long a courier holds what it claimed and has not begun with, while other connections have nothing to do."""
_RECORD_AGAIN_SECONDS = 0.5
_MOST_NOTED = 20
"""So many that were accepted are noted in the claim at most, then they are recorded: a note stays small."""


class Courier(Worker):
    """Hands notices of one kind over, on one connection.

    Before each message it notes in its claim that it begins with it, and that the one before was accepted: a courier
    that dies leaves one message in doubt, and its successor hands over the others.
    """

    def __init__(
        self,
        *,
        db: Database,
        ledger: Ledger,
        letters: Letters,
        provider: Provider,
        breaker: Breaker,
        bell: Bell,
        instance: str,
        batch: int,
        clock: Clock,
        after: asyncio.Event | None = None,
    ) -> None:
        self.name = f"courier of {provider.kind}"
        self.essential = False  # the other ways go on, and what this one has waits
        self._db = db
        self._ledger = ledger
        self._letters = letters
        self._provider = provider
        self._breaker = breaker
        self._bell = bell
        self._instance = instance
        self._batch = batch
        self._clock = clock
        self._after = after
        self._claimed_until = 0.0

    async def step(self) -> None:
        """Claims a batch, and hands one message of it over after another."""
        ring = self._bell.next
        self.trouble = self._breaker.trouble
        if self._after is not None and not self._after.is_set():
            await rings_within(ring, _POLL_SECONDS)  # what a predecessor of our name left is looked through first
        elif not self._breaker.may_try(_now()):
            await asyncio.sleep(_POLL_SECONDS)
        else:
            with self._breaker.trying():
                claim, notices = await self._claim()
                if notices:
                    await self._deliver(claim, notices)
            if not notices:
                await rings_within(ring, _POLL_SECONDS)

    async def _claim(self) -> tuple[UUID, Sequence[Notice]]:
        """Notices, in a new claim."""
        claim, claimed_at = new_id(), _now()
        notices: Sequence[Notice] = ()
        try:
            async with self._db.transaction() as session:
                notices = await claims.claim(
                    session,
                    claim,
                    kind=self._provider.kind,
                    worker=self._instance,
                    lease=LEASE,
                    limit=1 if self._breaker.is_open else self._batch,
                    now=self._clock(),
                )
        except Exception as error:
            if notices and is_outage(error):  # nobody knows whether that was committed, but none was handed over
                unclaimed = NoHandover("the database did not answer")
                await self._record([Ending(notice, unclaimed, self._clock()) for notice in notices], over=[claim])
            raise
        self._claimed_until = claimed_at + (LEASE - _MARGIN).total_seconds()
        return claim, notices

    async def _deliver(self, claim: UUID, notices: Sequence[Notice]) -> None:
        """Hands over what was claimed, as far as it gets. In the end it is recorded what became of each notice."""
        hand = Hand(claim, notices, self._instance)
        not_written: Sequence[Ending] | None = None
        stop_at = _now() + _HOLD_SECONDS
        prolonging = asyncio.create_task(self._prolong(hand.claim))
        try:
            async with self._db.notes() as notes:
                while hand.waiting and _now() < stop_at and await self._begin(notes, hand):
                    if not await self._hand_over(hand):
                        break
                rest = hand.unrecorded(self._clock())
                not_written = await self._ledger.record_briefly(notes, hand.claim, rest, is_over=True)
        finally:
            prolonging.cancel()
            if not_written is None:
                await self._record(hand.unrecorded(self._clock()), over=[hand.claim])
            else:
                await self._record(not_written)
        log.info(
            "notices.handed",
            kind=self._provider.kind,
            count=len(notices) - sum(map(len, hand.waiting)),
            correlation_ids=[notice.correlation_id for notice in notices],
        )

    async def _begin(self, notes: DriverConnection, hand: Hand) -> bool:
        """Writes down that the next message is about to be handed over. Whether it may be: the claim may be lost."""
        if len(hand.accepted) >= _MOST_NOTED:
            hand.drop_accepted(await self._ledger.record_briefly(notes, hand.claim, hand.accepted, is_over=False))
            await self._record_owed(hand)
        now = self._clock()
        names = [notice.id for notice in hand.waiting[0]]
        if not await claims.note(notes, hand.claim, names, hand.not_noted, now):
            return False
        hand.begin(now)
        crash_point("notify.courier.attempted")
        return True

    async def _hand_over(self, hand: Hand) -> bool:
        """Hands the message over that has begun. Whether the provider takes more."""
        began = _now()
        outcome = await self._provider.send(self._letters.together(hand.under_way), self._claimed_until)
        crash_point("notify.courier.handed")
        hand.end(outcome, self._clock())
        await self._record_owed(hand)
        return self._learn(outcome, began)

    async def _record_owed(self, hand: Hand) -> None:
        await self._record(hand.owed)
        hand.owed.clear()

    def _learn(self, outcome: Outcome, began: float) -> bool:
        """Whether the provider takes more, after it said this."""
        self._breaker.learn(outcome, began=began, now=_now())
        PROVIDER_AWAY.labels(self._provider.kind).set(self._breaker.is_open)
        if self._breaker.is_open:
            log.warning("provider.left_alone", kind=self._provider.kind, why=self._breaker.trouble)
        self.trouble = self._breaker.trouble
        return not self._breaker.is_open

    async def _prolong(self, claim: UUID) -> None:
        """Keeps the claim while a message is being handed over: a server may look through it for minutes."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(Exception):  # an outage: the next time is soon enough, as a rule
                began = _now()
                async with self._db.transaction() as session:
                    is_ours = await claims.prolong(session, claim, until=self._clock() + LEASE)
                if is_ours:
                    self._claimed_until = began + (LEASE - _MARGIN).total_seconds()

    async def _record(self, ended: Sequence[Ending], *, over: Sequence[UUID] = ()) -> None:
        """What is known must be written down, however long PostgreSQL is away: it cannot be found out again."""
        while ended or over:
            try:
                async with self._db.transaction() as session:
                    await self._ledger.record(session, ended, self._clock(), over=over)
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(_RECORD_AGAIN_SECONDS)

    async def close(self) -> None:
        await self._provider.close()


def _now() -> float:
    return asyncio.get_running_loop().time()
