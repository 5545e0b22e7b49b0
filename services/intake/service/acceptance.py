"""The acceptance edge: concurrent requests share one commit, and nobody is answered before it.

While one batch commits, the next gathers; there is no timer. A queue that is full, in contacts or in bytes, refuses at
once. A batch that the database refuses is halved until the bad row stands alone, so that one sender's mistake is one
sender's answer.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

from services.intake import repository
from services.intake.domain.chats import Allowance, Taken
from services.intake.models import Acceptance
from shared import idempotency
from shared.bell import Bell, heard
from shared.consumer.failures import Fault, fault_of
from shared.db import Database
from shared.errors import IdempotencyKeyReused, Refusal, Unavailable
from shared.telemetry import ACCEPT_SECONDS, ACCEPTED, log
from shared.worker import Worker

_IDLE_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 8.0
_AWAY = "The database is away. Send it again with the same Idempotency-Key: it will not be doubled."


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait for a commit, and how much goes into one: contacts, and bytes of their events.

    The bytes of a batch bound how long making its statement keeps the loop from everybody else.
    """

    queue: int
    queue_bytes: int
    batch: int
    batch_bytes: int


@dataclass(slots=True)
class _Waiting:
    item: Acceptance
    since: float
    answer: "asyncio.Future[str]"


class Acceptor(Worker):
    """Keeps contacts. `accept` may be called from any number of requests; `step` is run by one worker."""

    name = "acceptor"

    def __init__(self, *, db: Database, limits: Limits, allowance: Allowance) -> None:
        self._db = db
        self._limits = limits
        self._allowance = allowance
        self._queue: deque[_Waiting] = deque()
        self._queued_bytes = 0
        self._bell = Bell()

    async def accept(self, item: Acceptance) -> str:
        """The JSON to answer, once the contact is committed; for a repeated key, what was answered the first time.

        Raises `IdempotencyKeyReused` for a key that named another body, `ChatFull` and `ChatTooFast` for a line for
        which its chat has no room, and `Unavailable` when the queue is full, or the database is away or does not
        answer: then nothing was promised, and the same request may be sent again.
        """
        too_much = self._queued_bytes + item.size > self._limits.queue_bytes and self._queue
        if too_much or len(self._queue) >= self._limits.queue:
            raise Unavailable("More is arriving than can be kept right now.")
        waiting = _Waiting(item, perf_counter(), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._queued_bytes += item.size
        self._bell.ring()
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                return await waiting.answer
        except TimeoutError:
            raise Unavailable(_AWAY) from None

    async def step(self) -> None:
        """Commits what has gathered, or waits a moment for something."""
        if self._queue or await heard(self._bell.next, _IDLE_SECONDS):
            batch = self._next_batch()
            if batch:
                await self._commit(batch)

    def _next_batch(self) -> list[_Waiting]:
        """What is committed next: as much as the limits allow, and at least one where somebody still waits."""
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < self._limits.batch:
            size += self._queue[0].item.size
            if batch and size > self._limits.batch_bytes:
                break
            waiting = self._queue.popleft()
            self._queued_bytes -= waiting.item.size
            if not waiting.answer.done():  # who was told to send it again, or went away: it would be kept twice
                batch.append(waiting)
        return batch

    async def close(self) -> None:
        """Tells those who still wait that nothing was promised."""
        for waiting in self._queue:
            _settle(waiting, Unavailable("The service is shutting down."))

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            async with self._db.autocommit() as session:
                outcome = await repository.accept(session, [waiting.item for waiting in batch], self._allowance)
        except Exception as error:
            await self._refuse(batch, error)
            return
        self._db.outbox_bell.ring()
        now = perf_counter()
        kept, others = [], []
        for waiting in batch:
            if waiting.item.event.data.contact_id not in outcome.kept:
                others.append(waiting)
                continue
            _settle(waiting, waiting.item.answer)
            ACCEPT_SECONDS.observe(now - waiting.since)
            ACCEPTED.labels(waiting.item.event.data.channel).inc()
            kept.append(waiting.item.event.correlationid)
        if others:
            await self._answer_others(others, outcome.taken)
        log.info("contacts.accepted", count=len(kept), not_kept=len(others), correlation_ids=kept)

    async def _answer_others(self, others: Sequence[_Waiting], taken: Mapping[UUID, Taken]) -> None:
        """Gives those whose key came before the first answer, unless their key named something else; the rest are
        lines that found no room in their chats. Where such a repeated line seemed to take the room, they go once more:
        without those that are answered now, the first of each chat is kept, or its chat is full.
        """
        keys = [_key(waiting.item) for waiting in others if waiting.item.idempotency_key]
        try:
            async with self._db.autocommit() as session:
                first = await idempotency.first_answers(session, "intake", keys) if keys else {}
        except Exception as error:
            await self._refuse(others, error)
            return
        once_more = []
        for waiting in others:
            contact = waiting.item.event.data
            known, had = first.get(_key(waiting.item)), taken.get(contact.chat_id) if contact.chat_id else None
            if known is not None:
                same = known.fingerprint == waiting.item.fingerprint
                _settle(waiting, known.answer if same else IdempotencyKeyReused())
            elif had is None:
                _settle(waiting, Unavailable("What was answered to this key cannot be found just now."))
            elif refusal := self._allowance.refusal(had, contact.received_at):
                _settle(waiting, refusal)
            else:
                once_more.append(waiting)
        if once_more:
            await self._commit(once_more)

    async def _refuse(self, batch: Sequence[_Waiting], error: Exception) -> None:
        if fault_of(error) is not Fault.ITS_OWN:  # none of these contacts is to blame
            for waiting in batch:
                _settle(waiting, Unavailable(_AWAY))
            log.warning("contacts.refused", count=len(batch), exc_info=error)
        elif len(batch) == 1:
            _settle(batch[0], error)
        else:
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])


def _key(item: Acceptance) -> tuple[str, str]:
    return item.client, item.idempotency_key or ""


def _settle(waiting: _Waiting, outcome: str | Refusal | Exception) -> None:
    if waiting.answer.done():  # the client went away meanwhile; what is committed stays committed
        return
    if isinstance(outcome, str):
        waiting.answer.set_result(outcome)
    else:
        waiting.answer.set_exception(outcome)
