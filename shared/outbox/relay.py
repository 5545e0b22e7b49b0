"""The relay: moves the outbox of one service to its stream, and sees to it that Redis holds what it was given."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import partitions
from shared.bell import rings_within
from shared.broker import answer_of, connect, entry_position
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, is_outage
from shared.events import Stream
from shared.leader import leads
from shared.outbox.refill import Refill
from shared.worker import Worker

_BATCH = 500
_POLL_SECONDS = 0.25
_GATHER_SECONDS = 0.05
"""So long what comes after something gathers: a transaction of a reader costs nearly the same for one as for ten."""
_LOOK_SECONDS = 1.0
_MAINTAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    created_at: datetime
    payload: str


class Relay(Worker):
    """Moves the outbox of one service to its stream. Any number may run; one at a time works, so order is kept."""

    def __init__(
        self,
        *,
        db: Database,
        redis_url: object,
        stream: Stream,
        clock: Clock,
        replay_window: timedelta,
    ) -> None:
        self.name = f"relay of {stream.name}"
        self._db = db
        self._redis = connect(redis_url)
        self._stream = stream
        self._clock = clock
        self._replay_window = replay_window
        self._outbox = f"{db.schema}.outbox"
        self._state = f"{db.schema}.outbox_state"
        self._refill = Refill(db.schema, stream)
        self._refilling = False
        self._verified = False
        self._next_look = 0.0
        self._next_maintenance = 0.0
        self._partitions_until: datetime | None = None

    async def step(self) -> None:
        """Publishes one batch, or waits a moment for one."""
        ring = self._db.outbox_bell.next
        next_at = asyncio.get_running_loop().time() + _GATHER_SECONDS
        try:
            await self._maintain()
            moved = await self._publish()
        except Exception:
            self._verified = False
            raise
        if 0 < moved < _BATCH:
            await asyncio.sleep(next_at - asyncio.get_running_loop().time())
        if moved < _BATCH and not await rings_within(ring, _POLL_SECONDS):
            # An idle relay looks now and then whether Redis still holds what it was given.
            self._verified = self._verified and asyncio.get_running_loop().time() < self._next_look

    async def close(self) -> None:
        await self._redis.aclose()

    async def _publish(self) -> int:
        if not self._verified:
            await self._verify()
        async with self._db.transaction() as session:
            # A second relay of this service would overtake this one with later events of a subject.
            if not await leads(session, f"relay {self._outbox}"):
                return 0
            rows = await self._claim(session)
            if not rows and self._refilling:
                self._refilling = await self._refill.go_on(session)
                rows = await self._claim(session)
            if not rows:
                return 0
            state = await self._lock_state(session)
            async with self._redis.pipeline(transaction=True) as pipeline:
                # Watched from the look to the adding: nothing later goes out before what is lost in between.
                await answer_of(pipeline.watch(self._stream.generation_key))
                if not await self._holds_all(session, state, pipeline):
                    return len(rows)  # they stay unpublished, and go out in their order with the rest
                pipeline.multi()  # type: ignore[no-untyped-call]
                for row in rows:
                    pipeline.xadd(self._stream.key, {"event": row.payload})
                entries = await answer_of(pipeline.execute())
            crash_point(f"{self._db.schema}.relay.added")
            await self._mark(session, rows, entries)
        crash_point(f"{self._db.schema}.relay.marked")
        return len(rows)

    async def _claim(self, session: AsyncSession) -> list[_Row]:
        """What is to go out next; during a refill nothing from beyond the piece that it has come to."""
        result = await session.execute(
            text(f"""
            SELECT seq, created_at, payload FROM {self._outbox}
            WHERE published_at IS NULL
              AND seq <= COALESCE((SELECT refilled_to FROM {self._state}), 9223372036854775807)
            ORDER BY seq LIMIT {_BATCH} FOR UPDATE SKIP LOCKED
            """)
        )
        return [_Row(row.seq, row.created_at, row.payload) for row in result]

    async def _mark(self, session: AsyncSession, rows: Sequence[_Row], entries: Sequence[bytes]) -> None:
        positions = [entry_position(entry) for entry in entries]
        await session.execute(
            text(f"""
            UPDATE {self._outbox} AS o
            SET published_at = :now, entry_ms = t.ms, entry_number = t.number
            FROM unnest(CAST(:seqs AS bigint[]), CAST(:times AS timestamptz[]),
                        CAST(:ms AS bigint[]), CAST(:numbers AS bigint[])) AS t(seq, created_at, ms, number)
            WHERE o.seq = t.seq AND o.created_at = t.created_at
            """),
            {
                "now": self._clock(),
                "seqs": [row.seq for row in rows],
                "times": [row.created_at for row in rows],
                "ms": [position[0] for position in positions],
                "numbers": [position[1] for position in positions],
            },
        )
        await session.execute(
            text(f"UPDATE {self._state} SET last_ms = :ms, last_number = :number"),
            {"ms": positions[-1][0], "number": positions[-1][1]},
        )

    async def _lock_state(self, session: AsyncSession) -> Any:
        columns = "generation, last_ms, last_number, finished_ms, finished_number, refilled_to"
        return (await session.execute(text(f"SELECT {columns} FROM {self._state} FOR UPDATE"))).one()

    async def _state_of_redis(self, redis: Redis) -> tuple[Any, Any]:
        """The mark of this filling of Redis, and the last entry of the stream."""
        generation = await answer_of(redis.get(self._stream.generation_key))
        return generation, await answer_of(redis.xrevrange(self._stream.key, count=1))

    async def _verify(self) -> None:
        """Looks whether Redis no longer holds what was published: wiped, another Redis, or a lost tail."""
        async with self._db.transaction() as session:
            state = await self._lock_state(session)
            self._refilling = state.refilled_to is not None
            await self._holds_all(session, state, self._redis)
        self._verified = True
        self._next_look = asyncio.get_running_loop().time() + _LOOK_SECONDS

    async def _holds_all(self, session: AsyncSession, state: Any, redis: Redis) -> bool:
        """Whether Redis holds what was published; if it does not, a refill begins."""
        generation, last = await self._state_of_redis(redis)
        if _holds(state, generation, last):
            return True
        wiped = not _same_filling(state, generation)
        generation = await self._refill.begin(session, state, wiped=wiped)
        if wiped:
            await answer_of(self._redis.set(self._stream.generation_key, generation))
        self._refilling = True
        return False

    async def _maintain(self) -> None:
        """Now and then: makes room for tomorrow, drops what is past the window, trims what every reader finished."""
        now = asyncio.get_running_loop().time()
        if now < self._next_maintenance:
            return
        self._next_maintenance = now + _MAINTAIN_SECONDS
        try:
            await self._partition()
        except DBAPIError as error:  # a writer held the table for long: the default partition serves meanwhile
            if not is_outage(error):
                raise
        await self._trim()

    async def _trim(self) -> None:
        """Trims below what every group has finished (never by length), and remembers how far that is.

        Only of a stream that still holds what was published: a reader that finished all of a wiped stream has not
        finished what was wiped. The row lock keeps a refill from happening in between.
        """
        async with self._db.transaction() as session:
            state = await self._lock_state(session)
            if state.refilled_to is not None:  # what was finished before is the bound of the refill
                return
            floor = await self._finished()
            if floor is None or not _holds(state, *await self._state_of_redis(self._redis)):
                return
            await session.execute(
                text(f"UPDATE {self._state} SET finished_ms = :ms, finished_number = :number"),
                {"ms": floor[0], "number": floor[1]},
            )
        await answer_of(self._redis.xtrim(self._stream.key, minid=f"{floor[0]}-{floor[1]}", approximate=True))

    async def _finished(self) -> tuple[int, int] | None:
        """The first entry that some reader may still need, or None while a reader has not appeared yet."""
        if not await answer_of(self._redis.exists(self._stream.key)):
            return None
        groups = {
            group["name"].decode(): group for group in await answer_of(self._redis.xinfo_groups(self._stream.key))
        }
        if not set(self._stream.readers) <= groups.keys():
            return None
        floors = []
        for name, group in groups.items():
            floor = entry_position(group["last-delivered-id"])
            if group["pending"]:
                pending = await answer_of(self._redis.xpending(self._stream.key, name))
                if pending["min"] is not None:
                    floor = min(floor, entry_position(pending["min"]))
            floors.append(floor)
        return min(floors)

    async def _partition(self) -> None:
        today = datetime.combine(self._clock().date(), time(), tzinfo=UTC)
        if self._partitions_until is not None and today < self._partitions_until - timedelta(days=1):
            return
        async with self._db.transaction() as session:
            until = await partitions.keep(session, self._db.schema, today, self._replay_window)
        self._partitions_until = until


def _same_filling(state: Any, generation: bytes | None) -> bool:
    return generation is not None and generation.decode() == state.generation


def _holds(state: Any, generation: bytes | None, last: Sequence[tuple[bytes, object]]) -> bool:
    """Whether Redis still holds what was published, as far as its mark and its last entry can tell."""
    position = entry_position(last[0][0]) if last else (0, 0)
    return _same_filling(state, generation) and position >= (state.last_ms, state.last_number)
