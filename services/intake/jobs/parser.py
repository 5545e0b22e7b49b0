"""The parser: it makes contacts of what was kept as it came."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import perf_counter
from typing import TypeVar

from services.intake.channels.channel import Channel
from services.intake.domain.utterances import Parsed, sorted_items
from services.intake.models.raw import Raw
from services.intake.repository import raw
from services.intake.service.arrivals import Arrivals
from services.intake.service.raw import RawKeeper
from services.intake.service.receipts import publish
from services.intake.service.receive import Incoming, Receiver
from services.intake.service.withdrawals import withdraw
from shared.bell import rings_within
from shared.clock import Clock
from shared.consumer.failures import Fault, fault_of
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_BATCH = 200
_BATCH_BYTES = 1_000_000
"""So little is taken at once that an end is come to within the lease, also while others go first."""
_STRETCH_BYTES = 128_000
"""So much is parsed at one stretch, but for something raw that is longer by itself."""
_MOST_ITEMS = 200
"""So much of what was found is written in one transaction at most, but for something raw that holds more by itself: a
provider sends thousands of messages in one request, and citizens in chats do not wait for them.
"""
_LEASE = timedelta(minutes=1)
"""After so long another parser takes what one has not come to an end with. It may then be received twice at once: the
key of each utterance lets one of them through."""
_MOST_TRIES = 5
_POLL_SECONDS = 1.0
_WAITS_TIMES, _WAITS_SECONDS = 4.0, 0.5
"""While others wait for an answer, the parser waits so many times as long as it worked before, and so long at most: it
takes a fifth of what there is, and gets on on the slowest machine.
"""


class Parser(Worker):
    """Takes what waits, has its channels parse it in another thread, and receives what there was in it.

    What no channel can parse is marked as unreadable, with the reason, and kept. What ends the process, or what the
    database refuses, is tried again, alone, `_MOST_TRIES` times in all.
    """

    name = "parser"

    def __init__(
        self,
        *,
        db: Database,
        channels: Mapping[str, Channel],
        receiver: Receiver,
        keeper: RawKeeper,
        arrivals: Arrivals,
        clock: Clock,
    ) -> None:
        self._db = db
        self._channels = channels
        self._receiver = receiver
        self._keeper = keeper
        self._arrivals = arrivals
        self._clock = clock
        self._worked = 0.0

    async def step(self) -> None:
        """Parses a batch, or waits a moment for something."""
        ring = self._keeper.kept.next
        async with self._db.transaction() as session:
            taken = await raw.take(session, limit=_BATCH, most_bytes=_BATCH_BYTES, now=self._clock(), lease=_LEASE)
        if not taken:
            await rings_within(ring, _POLL_SECONDS)
            return
        worn_out = [each for each in taken if each.tries > _MOST_TRIES]
        for each in worn_out:
            await self._give_up(each, f"tried {_MOST_TRIES} times: it ended whoever parsed it, or could not be kept")
        fresh = [each for each in taken if each.tries <= _MOST_TRIES]
        for stretch in portions(fresh, lambda each: each.size, _STRETCH_BYTES):
            await self._receive(stretch)

    async def _receive(self, taken: Sequence[Raw]) -> None:
        found = await asyncio.to_thread(self._parse_all, taken)
        parsed = [(each, one) for each, one in zip(taken, found, strict=True) if isinstance(one, Parsed)]
        for each, error in zip(taken, found, strict=True):
            if isinstance(error, Exception):
                await self._give_up(each, f"{type(error).__name__} while it was parsed")
        for portion in portions(parsed, lambda both: both[1].size, _MOST_ITEMS):
            await self._arrivals.give_way(min(self._worked * _WAITS_TIMES, _WAITS_SECONDS))
            began = perf_counter()
            await self._write([each for each, _ in portion], [one for _, one in portion])
            self._worked = perf_counter() - began

    def _parse_all(self, taken: Sequence[Raw]) -> list[Parsed | Exception]:
        """What there is in each, or why its channel cannot tell. One thread for all of them costs less than many."""
        found: list[Parsed | Exception] = []
        for each in taken:
            try:
                found.append(sorted_items(self._channels[each.channel].parse(each)))
            except Exception as error:
                found.append(error)
        return found

    async def _write(self, taken: Sequence[Raw], parsed: Sequence[Parsed]) -> None:
        """Receives a batch. One that the database refuses is halved until what it refuses stands alone."""
        now = self._clock()
        try:
            async with self._db.transaction() as session:
                both = list(zip(taken, parsed, strict=True))
                # first, for what is withdrawn loses the bytes in which it came, once they are parsed
                await raw.mark_parsed(session, {each.id: found.faults for each, found in both}, now)
                incoming = [Incoming(*each) for each in _each(both, lambda parsed: parsed.utterances)]
                await self._receiver.receive(session, incoming, now)
                await self._receiver.rename(session, _each(both, lambda parsed: parsed.renamings))
                await withdraw(session, _each(both, lambda parsed: parsed.withdrawals), now)
                await publish(session, _each(both, lambda parsed: parsed.receipts), now)
        except Exception as error:
            if fault_of(error) is not Fault.ITS_OWN:
                with suppress(Exception):  # while the database is away, the lease ends by itself
                    await self._put_off(taken, timedelta(seconds=1), was_tried=False)
                raise
            if len(taken) > 1:
                middle = len(taken) // 2
                await self._write(taken[:middle], parsed[:middle])
                await self._write(taken[middle:], parsed[middle:])
                return
            log.warning("raw.refused", channel=taken[0].channel, raw_id=str(taken[0].id), exc_info=error)
            await self._put_off(taken, timedelta(seconds=2 ** taken[0].tries), was_tried=True)
            return
        self._db.outbox_bell.ring()
        log.info(
            "raw.parsed",
            count=len(taken),
            contacts=len(incoming),
            faults=sum(len(found.faults) for found in parsed),
            correlation_ids=[each.correlation_id for each in taken],
        )

    async def _put_off(self, taken: Sequence[Raw], pause: timedelta, *, was_tried: bool) -> None:
        async with self._db.transaction() as session:
            await raw.put_off(session, [each.id for each in taken], self._clock() + pause, was_tried=was_tried)

    async def _give_up(self, waiting: Raw, reason: str) -> None:
        log.error("raw.unreadable", channel=waiting.channel, raw_id=str(waiting.id), reason=reason)
        async with self._db.transaction() as session:
            await raw.mark_unreadable(session, waiting.id, reason, self._clock())


Part = TypeVar("Part")


def portions(parts: Iterable[Part], size_of: Callable[[Part], int], most: int) -> Iterator[list[Part]]:
    """The parts, in their order, in portions of up to `most` in all; what is larger by itself is a portion."""
    portion: list[Part] = []
    size = 0
    for each in parts:
        if portion and size + size_of(each) > most:
            yield portion
            portion, size = [], 0
        portion.append(each)
        size += size_of(each)
    if portion:
        yield portion


Found = TypeVar("Found")


def _each(both: Sequence[tuple[Raw, Parsed]], kind: Callable[[Parsed], Sequence[Found]]) -> list[tuple[Raw, Found]]:
    """What was found of one kind, each with what it was in."""
    return [(waiting, item) for waiting, parsed in both for item in kind(parsed)]
