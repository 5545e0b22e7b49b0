"""The outbox: an event is a row first, and the relay carries rows to the stream.

`add` writes in the caller's transaction: what is not in the transaction did not happen. The relay claims *unpublished*
rows, never "rows with a number greater than the last", because numbers are not handed out in commit order and a slow
transaction would be skipped for ever. Published rows stay for the replay window, so that a Redis that lost entries,
or everything, is filled again from here; the inbox of each reader makes the second arrival harmless.
"""

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
from shared.broker import ask, connect, entry_position
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, is_outage
from shared.events import BaseEvent, Stream
from shared.ids import new_id
from shared.inbox import Inbox
from shared.telemetry import log

_BATCH = 500
_POLL_SECONDS = 0.25
_LOOK_SECONDS = 1.0
_MAINTAIN_SECONDS = 10.0


async def add(session: AsyncSession, schema: str, events: Sequence[BaseEvent]) -> None:
    """Writes `events` to the outbox of `schema`, in the transaction of `session`, in this order."""
    if not events:
        return
    await session.execute(
        text(f"""
        INSERT INTO {schema}.outbox (event_id, type, correlation_id, created_at, payload)
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:correlation_ids AS text[]),
                             CAST(:times AS timestamptz[]), CAST(:payloads AS text[]))
        """),
        {
            "ids": [event.id for event in events],
            "types": [event.type for event in events],  # type: ignore[attr-defined]
            "correlation_ids": [event.correlationid for event in events],
            "times": [event.time for event in events],
            "payloads": [event.encode() for event in events],
        },
    )


async def replay_since(session: AsyncSession, schema: str, since: datetime) -> int:
    """Marks what was published from `since` on as unpublished, so that the relay sends it again. The number of rows."""
    result = await session.execute(
        text(f"""
        UPDATE {schema}.outbox SET published_at = NULL, entry_ms = NULL, entry_number = NULL
        WHERE published_at >= :since
        """),
        {"since": since},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    created_at: datetime
    payload: str


class Relay:
    """Moves the outbox of one service to its stream. Any number may run; one at a time works, so order is kept."""

    def __init__(
        self,
        *,
        db: Database,
        redis_url: object,
        stream: Stream,
        clock: Clock,
        replay_window: timedelta,
        inbox_window: timedelta,
    ) -> None:
        self._db = db
        self._redis = connect(redis_url)
        self._stream = stream
        self._clock = clock
        self._replay_window = replay_window
        self._inbox_window = inbox_window
        self._outbox = f"{db.schema}.outbox"
        self._state = f"{db.schema}.outbox_state"
        self._wake = asyncio.Event()
        self._verified = False
        self._next_look = 0.0
        self._next_maintenance = 0.0
        self._partitions_until: datetime | None = None

    def wake(self) -> None:
        """Says that rows were committed, so that nobody waits for the next poll."""
        self._wake.set()

    async def step(self) -> None:
        """Publishes one batch, or waits a moment for one."""
        try:
            await self._maintain()
            moved = await self._publish()
        except Exception:
            self._verified = False
            raise
        if moved < _BATCH:
            await self._pause()

    async def close(self) -> None:
        await self._redis.aclose()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), timeout=_POLL_SECONDS)
        except TimeoutError:
            # An idle relay looks now and then whether Redis still holds what it was given.
            self._verified = self._verified and asyncio.get_running_loop().time() < self._next_look
        self._wake.clear()

    async def _publish(self) -> int:
        if not self._verified:
            await self._verify()
        async with self._db.transaction() as session:
            rows = await self._claim(session)
            if not rows:
                return 0
            state = await self._lock_state(session)
            async with self._redis.pipeline(transaction=True) as pipeline:
                # Watched from the look to the adding: nothing later goes out before what is lost in between.
                await ask(pipeline.watch(self._stream.generation_key))
                generation, last = await self._look(pipeline)
                if not _holds(state, generation, last):
                    await self._refill(session, state, wiped=not _same_filling(state, generation))
                    return len(rows)  # they stay unpublished, and go out in their order with the rest
                pipeline.multi()  # type: ignore[no-untyped-call]
                for row in rows:
                    pipeline.xadd(self._stream.key, {"event": row.payload})
                entries = await ask(pipeline.execute())
            crash_point(f"{self._db.schema}.relay.added")
            await self._mark(session, rows, entries)
        crash_point(f"{self._db.schema}.relay.marked")
        return len(rows)

    async def _claim(self, session: AsyncSession) -> list[_Row]:
        # The lock keeps a second relay of this service from overtaking this one with later events of a subject.
        mine = await session.scalar(
            text("SELECT pg_try_advisory_xact_lock(hashtext(:name))"), {"name": f"relay {self._outbox}"}
        )
        if not mine:
            return []
        result = await session.execute(
            text(f"""
            SELECT seq, created_at, payload FROM {self._outbox}
            WHERE published_at IS NULL ORDER BY seq LIMIT {_BATCH} FOR UPDATE SKIP LOCKED
            """)
        )
        return [_Row(*row) for row in result.all()]

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
        columns = "generation, last_ms, last_number, finished_ms, finished_number"
        return (await session.execute(text(f"SELECT {columns} FROM {self._state} FOR UPDATE"))).one()

    async def _look(self, redis: Redis) -> tuple[Any, Any]:
        """The mark of this filling of Redis, and the last entry of the stream."""
        generation = await ask(redis.get(self._stream.generation_key))
        return generation, await ask(redis.xrevrange(self._stream.key, count=1))

    async def _verify(self) -> None:
        """Refills the stream if Redis no longer holds what was published: wiped, another Redis, or a lost tail."""
        async with self._db.transaction() as session:
            state = await self._lock_state(session)
            generation, last = await self._look(self._redis)
            if not _holds(state, generation, last):
                await self._refill(session, state, wiped=not _same_filling(state, generation))
        self._verified = True
        self._next_look = asyncio.get_running_loop().time() + _LOOK_SECONDS

    async def _refill(self, session: AsyncSession, state: Any, *, wiped: bool) -> None:
        generation = state.generation
        if wiped:
            generation = str(new_id())
            await ask(self._redis.set(self._stream.generation_key, generation))
        result = await session.execute(
            text(f"""
            UPDATE {self._outbox} SET published_at = NULL, entry_ms = NULL, entry_number = NULL
            WHERE published_at IS NOT NULL AND (entry_ms, entry_number) >= (:ms, :number)
            """),
            {"ms": state.finished_ms, "number": state.finished_number},
        )
        await session.execute(
            text(f"""
            UPDATE {self._state} SET generation = :generation, last_ms = 0, last_number = 0,
                                     finished_ms = 0, finished_number = 0
            """),
            {"generation": generation},
        )
        count = int(result.rowcount)  # type: ignore[attr-defined]
        if count:
            log.warning("stream.refilled", stream=self._stream.name, events=count, wiped=wiped)

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
        async with self._db.transaction() as session:
            await Inbox(self._db.schema).forget(session, self._clock(), self._inbox_window)

    async def _trim(self) -> None:
        """Trims below what every group has finished (never by length), and remembers how far that is.

        Only of a stream that still holds what was published: a reader that finished all of a wiped stream has not
        finished what was wiped. The row lock keeps a refill from happening in between.
        """
        async with self._db.transaction() as session:
            state = await self._lock_state(session)
            floor = await self._finished()
            if floor is None or not _holds(state, *await self._look(self._redis)):
                return
            await session.execute(
                text(f"UPDATE {self._state} SET finished_ms = :ms, finished_number = :number"),
                {"ms": floor[0], "number": floor[1]},
            )
        await ask(self._redis.xtrim(self._stream.key, minid=f"{floor[0]}-{floor[1]}", approximate=True))

    async def _finished(self) -> tuple[int, int] | None:
        """The first entry that some reader may still need, or None while a reader has not appeared yet."""
        if not await ask(self._redis.exists(self._stream.key)):
            return None
        groups = {group["name"].decode(): group for group in await ask(self._redis.xinfo_groups(self._stream.key))}
        if not set(self._stream.readers) <= groups.keys():
            return None
        floors = []
        for name, group in groups.items():
            floor = entry_position(group["last-delivered-id"])
            if group["pending"]:
                pending = await ask(self._redis.xpending(self._stream.key, name))
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
