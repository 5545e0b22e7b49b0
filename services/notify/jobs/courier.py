"""The courier: it hands notices over, one message after another, and is never in doubt about more than one of them."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from services.notify import repository
from services.notify.domain.breaker import Breaker
from services.notify.domain.delivery import Accepted, NotHanded, Outcome
from services.notify.models import Notice
from services.notify.providers import Provider
from services.notify.service.ledger import Ended, Ledger
from services.notify.service.letters import Letters
from shared.bell import Bell, heard
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, DriverConnection, is_outage
from shared.telemetry import PROVIDER_AWAY, log
from shared.worker import Worker

LEASE = timedelta(seconds=60)
_MARGIN = timedelta(seconds=10)
"""So long before others may take a notice, the courier itself hands it over no longer."""
_POLL_SECONDS = 0.25
_HOLD_SECONDS = 5
"""So long a courier holds what it claimed and has not begun with, while other connections have nothing to do."""
_RECORD_AGAIN_SECONDS = 0.5


class Courier(Worker):
    """Hands notices of one kind over, on one connection.

    Before each message it writes down that it begins with it, and how the one before ended: a courier that dies leaves
    one message in doubt, and its successor hands over the others.
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
            await heard(ring, _POLL_SECONDS)  # what a predecessor of our name left is looked through first
        elif not self._breaker.may_try(_now()):
            await asyncio.sleep(_POLL_SECONDS)
        else:
            with self._breaker.trying():
                notices = await self._claim()
                if notices:
                    await self._deliver(notices)
            if not notices:
                await heard(ring, _POLL_SECONDS)

    async def _claim(self) -> list[Notice]:
        notices: list[Notice] = []
        claimed_at = _now()
        try:
            async with self._db.transaction() as session:
                notices = await repository.claim(
                    session,
                    kind=self._provider.kind,
                    worker=self._instance,
                    lease=LEASE,
                    limit=1 if self._breaker.is_open else self._batch,
                    now=self._clock(),
                )
        except Exception as error:
            if notices and is_outage(error):  # nobody knows whether that was committed, but none was handed over
                await self._close([Ended(notice, NotHanded("the database did not answer")) for notice in notices])
            raise
        self._claimed_until = claimed_at + (LEASE - _MARGIN).total_seconds()
        return notices

    async def _deliver(self, notices: Sequence[Notice]) -> None:
        """Hands over what was claimed, as far as it gets. In the end each notice is written down, or waits again."""
        left, last = _messages(notices), None
        stop_at = _now() + _HOLD_SECONDS
        prolonging = asyncio.create_task(self._prolong([notice.id for notice in notices]))
        try:
            async with self._db.notes() as notes:
                while left and _now() < stop_at:
                    may_go, last = await self._begin(notes, left[0], last)
                    message = left.pop(0)
                    crash_point("notify.courier.attempted")
                    began = _now()
                    outcome = (
                        await self._provider.send(self._letters.together(message), self._claimed_until)
                        if may_go
                        else NotHanded("somebody else has it")
                    )
                    crash_point("notify.courier.handed")
                    ended = [Ended(notice, outcome) for notice in message]
                    if isinstance(outcome, Accepted) and len(ended) == 1:
                        [last] = ended
                    else:
                        await self._close(ended)
                    if may_go and not self._learn(outcome, began):
                        break
                if last:
                    _, last = await self._begin(notes, [], last)
        finally:
            prolonging.cancel()
            waits = [Ended(notice, NotHanded("it waits for its turn")) for message in left for notice in message]
            await self._close([*([last] if last else []), *waits])
        log.info(
            "notices.handed",
            kind=self._provider.kind,
            count=len(notices) - len(waits),
            correlation_ids=[notice.correlation_id for notice in notices],
        )

    async def _begin(
        self, notes: DriverConnection, message: Sequence[Notice], last: Ended | None
    ) -> tuple[bool, Ended | None]:
        """Writes down that a message is about to be handed over, and that the last one was accepted.

        Answers whether it is still this courier's, and the last one if that is still to be written down.
        """
        may_go, written = await self._ledger.begin(notes, message, last, worker=self._instance, now=self._clock())
        return may_go, None if written else last

    def _learn(self, outcome: Outcome, began: float) -> bool:
        """Whether the provider takes more, after it said this."""
        self._breaker.learn(outcome, began=began, now=_now())
        PROVIDER_AWAY.labels(self._provider.kind).set(self._breaker.is_open)
        if self._breaker.is_open:
            log.warning("provider.left_alone", kind=self._provider.kind, why=self._breaker.trouble)
        self.trouble = self._breaker.trouble
        return not self._breaker.is_open

    async def _prolong(self, ids: Sequence[UUID]) -> None:
        """Keeps the claim while a message is being handed over: a server may look through it for minutes."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(Exception):  # an outage: the next time is soon enough, as a rule
                began = _now()
                async with self._db.transaction() as session:
                    until = self._clock() + LEASE
                    await repository.prolong(session, ids, worker=self._instance, until=until)
                self._claimed_until = began + (LEASE - _MARGIN).total_seconds()

    async def _close(self, ended: Sequence[Ended]) -> None:
        """What is known must be written down, however long PostgreSQL is away: it cannot be found out again."""
        while ended:
            try:
                async with self._db.transaction() as session:
                    await self._ledger.close(session, ended, self._clock())
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(_RECORD_AGAIN_SECONDS)

    async def close(self) -> None:
        await self._provider.close()


def _messages(notices: Iterable[Notice]) -> list[list[Notice]]:
    """One message for each notice, but one for all that were held for an address."""
    messages: dict[object, list[Notice]] = {}
    for notice in notices:
        messages.setdefault(notice.address if notice.held else notice.id, []).append(notice)
    return list(messages.values())


def _now() -> float:
    return asyncio.get_running_loop().time()
