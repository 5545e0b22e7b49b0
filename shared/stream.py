"""The stream consumer: a handler returns or raises, acknowledging is done here.

The order of things, each of which guards a way to lose or double an event:
own pending entries first, then new ones; a batch is one transaction of inbox rows, effects and outbox; the
acknowledgement comes after the commit; a failing batch is retried event by event; an event that keeps failing goes
to the dead letters in PostgreSQL and is acknowledged; an engine that is away is waited for and counts as nothing;
a group that vanished is made again at the beginning and the writer is asked to fill the stream again.
"""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.broker import BLOCK_MS, BrokerUnavailable, BusyGroup, NoGroup, ask, connect
from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database, describe, is_outage
from shared.events import BaseEvent, Stream, UnknownEventType, decode
from shared.inbox import DeadLetter, Inbox
from shared.telemetry import FAILED, HANDLED, REPEATED, log

Handler = Callable[[AsyncSession, Sequence[BaseEvent], datetime], Awaitable[None]]
"""Takes a batch of events in their order and the present moment; returns when done, raises when it cannot."""

_RawEntry = tuple[bytes, Mapping[bytes, bytes]]

Handlers = Mapping[type[BaseEvent], Handler]

MAX_FAILURES = 5
_BATCH = 500
_RETRY_SECONDS = 0.5
_CLAIM_IDLE_MS = 60_000
_CLAIM_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the stream, understood."""

    entry_id: bytes
    payload: str
    event: BaseEvent

    @property
    def event_id(self) -> UUID:
        return self.event.id


class Consumer:
    """Reads one stream for one group (the service) under a stable, unique consumer name (the instance)."""

    def __init__(
        self,
        *,
        db: Database,
        redis_url: object,
        stream: Stream,
        instance: str,
        handlers: Handlers,
        clock: Clock,
        wake_relay: Callable[[], None] = lambda: None,
        claim_idle_ms: int = _CLAIM_IDLE_MS,
    ) -> None:
        self._db = db
        self._redis = connect(redis_url)
        self._stream = stream
        self._group = db.schema
        self._name = instance
        self._handlers = handlers
        self._clock = clock
        self._wake_relay = wake_relay
        self._claim_idle_ms = claim_idle_ms
        self._inbox = Inbox(db.schema)
        self._crash_prefix = f"{db.schema}.consumer"
        self._own_pending_after: bytes | None = b"0"  # None: all of it was read again, go on with what is new
        self._retry_at: dict[bytes, float] = {}
        self._retry: dict[bytes, _Entry] = {}
        self._claim_cursor = b"0-0"
        self._next_claim = 0.0

    async def step(self) -> None:
        """Handles one batch: what is due again, what was left pending, what a dead consumer left, or what is new."""
        try:
            entries = self._due() or await self._read()
            await self._handle(await self._understand(entries) if entries else [])
        except NoGroup:
            await self._heal()
        except Exception:
            self._own_pending_after = b"0"  # what was in flight is pending under our name: read it again
            raise

    async def close(self) -> None:
        await self._redis.aclose()

    # -- reading ------------------------------------------------------------------------------------------------

    def _due(self) -> list[_RawEntry]:
        now = asyncio.get_running_loop().time()
        due = [entry_id for entry_id, at in self._retry_at.items() if at <= now]
        return [(entry_id, {b"event": self._retry[entry_id].payload.encode()}) for entry_id in due]

    async def _read(self) -> list[_RawEntry]:
        if self._own_pending_after is not None:
            entries = await self._read_group(self._own_pending_after)
            self._own_pending_after = entries[-1][0] if entries else None
            if entries:
                return self._not_waiting(entries)
        now = asyncio.get_running_loop().time()
        if now >= self._next_claim:
            entries = await self._claim_abandoned(now)
            if entries:
                return entries
        return await self._read_group(b">")

    async def _read_group(self, after: bytes) -> list[_RawEntry]:
        waiting = BLOCK_MS if not self._retry_at else int(_RETRY_SECONDS * 1000)
        answer = await ask(
            self._redis.xreadgroup(
                self._group,
                self._name,
                {self._stream.key: after},
                count=_BATCH,
                block=waiting if after == b">" else None,
            )
        )
        return list(answer[0][1]) if answer else []

    async def _claim_abandoned(self, now: float) -> list[_RawEntry]:
        """Takes over what another consumer left unacknowledged. The cursor goes on where the last look ended."""
        self._claim_cursor, entries, *_ = await ask(
            self._redis.xautoclaim(
                self._stream.key,
                self._group,
                self._name,
                self._claim_idle_ms,
                self._claim_cursor,
                count=_BATCH,
            )
        )
        if self._claim_cursor == b"0-0":
            self._next_claim = now + _CLAIM_EVERY_SECONDS
        return self._not_waiting(entries)

    def _not_waiting(self, entries: Sequence[_RawEntry]) -> list[_RawEntry]:
        """Without those that failed and wait for their next time."""
        return [entry for entry in entries if entry[0] not in self._retry]

    async def _heal(self) -> None:
        """Makes the group again at the beginning, and asks the writer to fill the stream again."""
        await ask(self._redis.delete(self._stream.generation_key))
        with suppress(BusyGroup):
            await ask(self._redis.xgroup_create(self._stream.key, self._group, id="0", mkstream=True))
        self._own_pending_after = b"0"
        log.info("stream.group_created", stream=self._stream.name, group=self._group)

    # -- understanding ------------------------------------------------------------------------------------------

    async def _understand(self, raw: Sequence[_RawEntry]) -> list[_Entry]:
        """The entries that are events for us. What is no event at all goes to the dead letters at once."""
        entries, done = [], []
        for entry_id, fields in raw:
            payload = _payload(fields or {})
            try:
                entries.append(_Entry(entry_id, payload, decode(payload)))
            except UnknownEventType as unknown:
                log.warning("event.unknown", stream=self._stream.name, entry=entry_id.decode(), type=str(unknown)[:80])
                done.append(entry_id)
            except ValueError as error:
                if fields:
                    await self._bury_unreadable(entry_id, payload, error)
                else:  # it was trimmed while it was pending: ask the writer to fill the stream again
                    await ask(self._redis.delete(self._stream.generation_key))
                done.append(entry_id)
        await self._acknowledge(done)
        return entries

    async def _bury_unreadable(self, entry_id: bytes, payload: str, error: ValueError) -> None:
        letter = DeadLetter(
            stream=self._stream.name,
            entry_id=entry_id.decode(),
            event_id=None,
            event_type=None,
            correlation_id=None,
            handler="decode",
            reason=f"not a known event: {_where(error)}",
            failures=1,
            payload=payload,
        )
        await self._bury(letter)

    # -- handling -----------------------------------------------------------------------------------------------

    async def _handle(self, entries: Sequence[_Entry]) -> None:
        if not entries:
            return
        try:
            await self._transact(entries)
        except BrokerUnavailable:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            if len(entries) > 1:
                for entry in entries:
                    await self._handle([entry])
                return
            await self._fail(entries[0], error)
            return
        await self._acknowledge([entry.entry_id for entry in entries])

    async def _transact(self, entries: Sequence[_Entry]) -> None:
        now = self._clock()
        async with self._db.transaction() as session:
            fresh = await self._inbox.claim(session, [entry.event_id for entry in entries], now)
            events: list[BaseEvent] = []
            for entry in entries:
                if entry.event_id in fresh:
                    fresh.discard(entry.event_id)
                    events.append(entry.event)
            for handler, run in itertools.groupby(events, key=lambda event: self._handlers.get(type(event))):
                if handler is not None:
                    await handler(session, list(run), now)
        crash_point(f"{self._crash_prefix}.committed")
        self._wake_relay()
        REPEATED.labels(self._group).inc(len(entries) - len(events))
        for kind, count in _count([event for event in events if type(event) in self._handlers]):
            HANDLED.labels(self._group, kind).inc(count)
        if events:
            log.info(
                "events.handled",
                stream=self._stream.name,
                count=len(events),
                correlation_ids=sorted({event.correlationid for event in events}),
            )

    async def _fail(self, entry: _Entry, error: Exception) -> None:
        handler = self._handler_name(entry.event)
        reason = describe(error)
        async with self._db.transaction() as session:
            failures = await self._inbox.fail(session, entry.event_id, reason, self._clock())
        FAILED.labels(self._group, handler).inc()
        log.error(
            "event.failed",
            event_id=entry.event_id,
            correlation_id=entry.event.correlationid,
            handler=handler,
            failures=failures,
            exc_info=error,
        )
        if failures < MAX_FAILURES:
            self._retry[entry.entry_id] = entry
            self._retry_at[entry.entry_id] = asyncio.get_running_loop().time() + _RETRY_SECONDS * failures
            return
        await self._bury(
            DeadLetter(
                stream=self._stream.name,
                entry_id=entry.entry_id.decode(),
                event_id=entry.event_id,
                event_type=entry.event.type,  # type: ignore[attr-defined]
                correlation_id=entry.event.correlationid,
                handler=handler,
                reason=reason,
                failures=failures,
                payload=entry.payload,
            )
        )
        await self._acknowledge([entry.entry_id])

    async def _bury(self, letter: DeadLetter) -> None:
        async with self._db.transaction() as session:
            await self._inbox.bury(session, letter, self._clock())
        log.error("event.buried", stream=letter.stream, entry=letter.entry_id, handler=letter.handler)

    async def _acknowledge(self, entry_ids: Sequence[bytes]) -> None:
        if not entry_ids:
            return
        await ask(self._redis.xack(self._stream.key, self._group, *entry_ids))
        for entry_id in entry_ids:
            self._retry.pop(entry_id, None)
            self._retry_at.pop(entry_id, None)
        crash_point(f"{self._crash_prefix}.acknowledged")

    def _handler_name(self, event: BaseEvent) -> str:
        handler = self._handlers.get(type(event))
        return getattr(handler, "__qualname__", repr(handler))


def _count(events: Sequence[BaseEvent]) -> list[tuple[str, int]]:
    kinds = sorted(event.type for event in events)  # type: ignore[attr-defined]
    return [(kind, len(list(group))) for kind, group in itertools.groupby(kinds)]


def _payload(fields: Mapping[bytes, bytes]) -> str:
    """The event of an entry; of an entry that has none, whatever it has, for a person to look at."""
    if b"event" in fields:
        return fields[b"event"].decode(errors="replace")
    return json.dumps({name.decode(errors="replace"): value.decode(errors="replace") for name, value in fields.items()})


def _where(error: ValueError) -> str:
    """Which parts of the entry were wrong, by name and kind, without what they held."""
    details = getattr(error, "errors", None)
    if details is None:
        return type(error).__name__
    return "; ".join(f"{'.'.join(map(str, detail['loc'])) or 'entry'}: {detail['type']}" for detail in details()[:5])
