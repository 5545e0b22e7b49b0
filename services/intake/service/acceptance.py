"""Accepts contacts: concurrent requests share one commit, and nobody is answered before it.

While one batch commits, the next gathers; there is no timer. A queue that is full, in contacts or in bytes, refuses at
once. A batch that the database refuses is halved until the bad row stands alone, so that only its sender is refused.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

from services.intake.domain.chats import Allowance, ChatUsage
from services.intake.models.contacts import NewContact
from services.intake.repository import contacts
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
class QueueLimits:
    """How much may wait for a commit, and how much goes into one: contacts, and bytes of their events.

    The bytes of a batch bound how long making its statement keeps the loop from everybody else.
    """

    queue: int
    queue_bytes: int
    batch: int
    batch_bytes: int


@dataclass(slots=True)
class _Pending:
    """A contact that waits for its commit since a moment of `perf_counter`, and the answer that its request awaits."""

    contact: NewContact
    since: float
    answer: "asyncio.Future[str]"


class Acceptor(Worker):
    """Accepts contacts. `accept` may be called from any number of requests; `step` is run by one worker."""

    name = "acceptor"

    def __init__(self, *, db: Database, limits: QueueLimits, allowance: Allowance) -> None:
        self._db = db
        self._limits = limits
        self._allowance = allowance
        self._queue: deque[_Pending] = deque()
        self._queued_bytes = 0
        self._bell = Bell()

    async def accept(self, contact: NewContact) -> str:
        """Returns the JSON to answer after the contact is committed; for a repeated key, the first answer.

        Raises `IdempotencyKeyReused` for a key that named another body, `ChatFull` and `ChatTooFast` for a line for
        which its chat has no room, and `Unavailable` when the queue is full, or the database is away or does not
        answer: then nothing was promised, and the same request may be sent again.
        """
        too_much = self._queued_bytes + contact.size > self._limits.queue_bytes and self._queue
        if too_much or len(self._queue) >= self._limits.queue:
            raise Unavailable("More is arriving than can be kept right now.")
        pending = _Pending(contact, perf_counter(), asyncio.get_running_loop().create_future())
        self._queue.append(pending)
        self._queued_bytes += contact.size
        self._bell.ring()
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                return await pending.answer
        except TimeoutError:
            raise Unavailable(_AWAY) from None

    async def step(self) -> None:
        """Commits what has gathered, or waits a moment for something."""
        if self._queue or await heard(self._bell.next, _IDLE_SECONDS):
            batch = self._next_batch()
            if batch:
                await self._commit(batch)

    def _next_batch(self) -> list[_Pending]:
        """Takes the next batch from the queue: as much as the limits allow, and at least one that still waits."""
        batch: list[_Pending] = []
        size = 0
        while self._queue and len(batch) < self._limits.batch:
            size += self._queue[0].contact.size
            if batch and size > self._limits.batch_bytes:
                break
            pending = self._queue.popleft()
            self._queued_bytes -= pending.contact.size
            if not pending.answer.done():  # else it was answered 503, or has gone: sent again, it would be kept twice
                batch.append(pending)
        return batch

    async def close(self) -> None:
        """Answers 503 to the requests that still wait: nothing was promised."""
        for pending in self._queue:
            _answer(pending, Unavailable("The service is shutting down."))

    async def _commit(self, batch: Sequence[_Pending]) -> None:
        """Accepts a batch in one commit, and answers each of its requests."""
        try:
            async with self._db.autocommit() as session:
                accepted = await contacts.accept(session, [pending.contact for pending in batch], self._allowance)
        except Exception as error:
            await self._refuse(batch, error)
            return
        self._db.outbox_bell.ring()
        now = perf_counter()
        correlation_ids, others = [], []
        for pending in batch:
            if pending.contact.event.data.contact_id not in accepted.contact_ids:
                others.append(pending)
                continue
            _answer(pending, pending.contact.answer)
            ACCEPT_SECONDS.observe(now - pending.since)
            ACCEPTED.labels(pending.contact.event.data.channel).inc()
            correlation_ids.append(pending.contact.event.correlationid)
        if others:
            await self._answer_others(others, accepted.chat_usages)
        log.info(
            "contacts.accepted", count=len(correlation_ids), not_accepted=len(others), correlation_ids=correlation_ids
        )

    async def _answer_others(self, others: Sequence[_Pending], chat_usages: Mapping[UUID, ChatUsage]) -> None:
        """Answers the requests of a batch whose contacts were not accepted.

        One whose key came before gets the first answer, unless its key named something else. The rest are lines that
        found no room in their chats. Where such a repeated line seemed to take the room, they are committed again:
        without those that are answered now, the first of each chat is accepted, or its chat is full.
        """
        keys = [_key(pending.contact) for pending in others if pending.contact.idempotency_key]
        try:
            async with self._db.autocommit() as session:
                first_answers = await idempotency.first_answers(session, "intake", keys) if keys else {}
        except Exception as error:
            await self._refuse(others, error)
            return
        retried = []
        for pending in others:
            data = pending.contact.event.data
            first = first_answers.get(_key(pending.contact))
            usage = chat_usages.get(data.chat_id) if data.chat_id else None
            if first is not None:
                same = first.fingerprint == pending.contact.fingerprint
                _answer(pending, first.answer if same else IdempotencyKeyReused())
            elif usage is None:
                _answer(pending, Unavailable("What was answered to this key cannot be found just now."))
            elif refusal := self._allowance.refusal(usage, data.received_at):
                _answer(pending, refusal)
            else:
                retried.append(pending)
        if retried:
            await self._commit(retried)

    async def _refuse(self, batch: Sequence[_Pending], error: Exception) -> None:
        """Answers a batch that the database refused, or halves it where one of its contacts is to blame."""
        if fault_of(error) is not Fault.ITS_OWN:  # none of these contacts is to blame
            for pending in batch:
                _answer(pending, Unavailable(_AWAY))
            log.warning("contacts.refused", count=len(batch), exc_info=error)
        elif len(batch) == 1:
            _answer(batch[0], error)
        else:
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])


def _key(contact: NewContact) -> tuple[str, str]:
    return contact.client, contact.idempotency_key or ""


def _answer(pending: _Pending, answer: str | Refusal | Exception) -> None:
    if pending.answer.done():  # the client went away meanwhile; what is committed stays committed
        return
    if isinstance(answer, str):
        pending.answer.set_result(answer)
    else:
        pending.answer.set_exception(answer)
