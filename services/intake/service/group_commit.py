"""Commits what many requests bring at once: they share a commit, and nobody is answered before it.

While one batch commits, the next gathers; there is no timer. A queue that is full, in items or in bytes, refuses at
once. A batch that the database refuses is halved until the bad row stands alone, so that only its sender is refused.
"""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, Protocol, TypeVar

from services.intake.service.arrivals import Arrivals
from shared.bell import Bell, rings_within
from shared.consumer.failures import Fault, fault_of
from shared.errors import Unavailable
from shared.telemetry import log
from shared.worker import Worker

_IDLE_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 8.0
_AWAY = "The database is away. Send it again with the same Idempotency-Key: it will not be doubled."


class Sized(Protocol):
    """Something that takes memory while it waits."""

    @property
    def size(self) -> int:
        """About how many bytes."""


Item = TypeVar("Item", bound=Sized)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for a commit, and how much goes into one: items, and their bytes.

    The bytes of a batch bound how long making its statement keeps the loop from everybody else.
    """

    queue: int
    queue_bytes: int
    batch: int
    batch_bytes: int


@dataclass(slots=True)
class Pending(Generic[Item, Answer]):
    """An item that waits for its commit since a moment of `perf_counter`, and the answer that its request awaits."""

    item: Item
    since: float
    future: "asyncio.Future[Answer]"

    def answer(self, answer: Answer) -> None:
        """Answers its request, unless the client went away meanwhile; what is committed stays committed."""
        if not self.future.done():
            self.future.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Refuses its request."""
        if not self.future.done():
            self.future.set_exception(error)


class GroupCommit(Worker, Generic[Item, Answer]):
    """Gathers items and commits them in batches. `commit` may be called from any number of requests; `step` is run by
    one worker. How a batch is committed is said by who inherits from it.
    """

    def __init__(self, limits: QueueLimits, arrivals: Arrivals) -> None:
        self._limits = limits
        self._arrivals = arrivals
        self._queue: deque[Pending[Item, Answer]] = deque()
        self._queued_bytes = 0
        self._bell = Bell()

    async def commit(self, item: Item) -> Answer:
        """Answers after the item is committed. Raises `Unavailable` when the queue is full, or the database is away or
        does not answer: then nothing was promised.
        """
        too_much = self._queued_bytes + item.size > self._limits.queue_bytes and self._queue
        if too_much or len(self._queue) >= self._limits.queue:
            raise Unavailable("More is arriving than can be kept right now.")
        pending: Pending[Item, Answer] = Pending(item, perf_counter(), asyncio.get_running_loop().create_future())
        self._queue.append(pending)
        self._queued_bytes += item.size
        self._bell.ring()
        try:
            with self._arrivals.one():
                async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                    return await pending.future
        except TimeoutError:
            raise Unavailable(_AWAY) from None

    async def step(self) -> None:
        """Commits what has gathered, or waits a moment for something."""
        if self._queue or await rings_within(self._bell.next, _IDLE_SECONDS):
            batch = self._next_batch()
            if batch:
                await self._commit(batch)

    def _next_batch(self) -> list[Pending[Item, Answer]]:
        """Takes the next batch from the queue: as much as the limits allow, and at least one that still waits."""
        batch: list[Pending[Item, Answer]] = []
        size = 0
        while self._queue and len(batch) < self._limits.batch:
            size += self._queue[0].item.size
            if batch and size > self._limits.batch_bytes:
                break
            pending = self._queue.popleft()
            self._queued_bytes -= pending.item.size
            if not pending.future.done():  # else it was answered 503, or has gone: sent again, it would be kept twice
                batch.append(pending)
        return batch

    async def close(self) -> None:
        """Answers 503 to the requests that still wait: nothing was promised."""
        for pending in self._queue:
            pending.refuse(Unavailable("The service is shutting down."))

    @abstractmethod
    async def _commit(self, batch: Sequence[Pending[Item, Answer]]) -> None:
        """Commits a batch, and answers each of its requests."""

    async def _refuse(self, batch: Sequence[Pending[Item, Answer]], error: Exception) -> None:
        """Answers a batch that the database refused, or halves it where one of its items is to blame."""
        if fault_of(error) is not Fault.ITS_OWN:  # none of these is to blame
            for pending in batch:
                pending.refuse(Unavailable(_AWAY))
            log.warning("contacts.refused", count=len(batch), exc_info=error)
        elif len(batch) == 1:
            batch[0].refuse(error)
        else:
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
