"""Reading a stream for one group: first what is ours and unfinished, then what the dead left, then what is new."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress

from shared.broker import BLOCK_MS, BusyGroup, answer_of, connect
from shared.crash import crash_point
from shared.events import Stream
from shared.telemetry import log

RawEntry = tuple[bytes, Mapping[bytes, bytes]]

BATCH = 500
_CLAIM_EVERY_SECONDS = 15.0


class Reader:
    """One consumer of one group. Whatever it has read is pending under its name until it is acknowledged."""

    def __init__(self, *, redis_url: object, stream: Stream, group: str, name: str, claim_idle_ms: int) -> None:
        self._redis = connect(redis_url)
        self._stream = stream
        self._group = group
        self._name = name
        self._claim_idle_ms = claim_idle_ms
        self._own_pending_after: bytes | None = b"0"  # None: all of it was read again, go on with what is new
        self._claim_cursor = b"0-0"
        self._next_claim = 0.0
        self._limit = BATCH

    async def read(self, *, without: Container[bytes], wait_ms: int = BLOCK_MS) -> list[RawEntry]:
        """Some entries, without those that wait for another time. Waits `wait_ms` for something new.

        Raises `NoGroup`, `BrokerUnavailable`.
        """
        if self._own_pending_after is not None:
            entries = await self._read_group(self._own_pending_after)
            self._own_pending_after = entries[-1][0] if entries else None
            if entries:
                return [entry for entry in entries if entry[0] not in without]
        now = asyncio.get_running_loop().time()
        if now >= self._next_claim:
            entries = await self._claim_abandoned(now)
            if entries:
                return [entry for entry in entries if entry[0] not in without]
        return await self._read_group(b">", wait_ms)

    def start_over(self) -> None:
        """Reads again what is pending under this name, from its beginning."""
        self._own_pending_after = b"0"

    def read_fewer(self, than: int) -> None:
        """Reads half as many as `than` at once from now on: one of those could not be handled with the others."""
        self._limit = max(1, than // 2)

    def read_more(self) -> None:
        """Reads twice as many at once, up to the usual number."""
        self._limit = min(BATCH, self._limit * 2)

    async def acknowledge(self, entry_ids: Sequence[bytes]) -> None:
        """These are finished."""
        if entry_ids:
            await answer_of(self._redis.xack(self._stream.key, self._group, *entry_ids))
            crash_point(f"{self._group}.consumer.acknowledged")

    async def hold(self, entry_id: bytes) -> None:
        """Says that this one is still ours, so that nobody takes it for abandoned."""
        await answer_of(
            self._redis.xclaim(self._stream.key, self._group, self._name, min_idle_time=0, message_ids=[entry_id])
        )

    async def heal(self) -> None:
        """Makes the group again at the beginning, and asks the writer to fill the stream again."""
        await self.ask_for_refill()
        with suppress(BusyGroup):
            await answer_of(self._redis.xgroup_create(self._stream.key, self._group, id="0", mkstream=True))
        self.start_over()
        log.info("stream.group_created", stream=self._stream.name, group=self._group)

    async def ask_for_refill(self) -> None:
        """Tells the writer that the stream lacks something."""
        await answer_of(self._redis.delete(self._stream.generation_key))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _read_group(self, after: bytes, wait_ms: int | None = None) -> list[RawEntry]:
        answer = await answer_of(
            self._redis.xreadgroup(self._group, self._name, {self._stream.key: after}, count=self._limit, block=wait_ms)
        )
        return list(answer[0][1]) if answer else []

    async def _claim_abandoned(self, now: float) -> list[RawEntry]:
        """Takes over what another consumer left unacknowledged. The cursor goes on where the last look ended."""
        self._claim_cursor, entries, *_ = await answer_of(
            self._redis.xautoclaim(
                self._stream.key,
                self._group,
                self._name,
                self._claim_idle_ms,
                self._claim_cursor,
                count=self._limit,
            )
        )
        if self._claim_cursor == b"0-0":
            self._next_claim = now + _CLAIM_EVERY_SECONDS
        return list(entries)
