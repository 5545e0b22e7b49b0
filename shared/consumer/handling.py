"""Handling events: a batch is one transaction of inbox rows, effects and outbox."""

import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.crash import crash_point
from shared.db import Database
from shared.events import AnyEvent, Stream, Unknown, event_of, parse
from shared.inbox import Inbox
from shared.telemetry import HANDLED, REPEATED, UNKNOWN_WORDS, log

Handler = Callable[[AsyncSession, Sequence[AnyEvent], datetime], Awaitable[None]]
"""Takes a batch of events in their order and the present moment; returns when done, raises when it cannot."""

Handlers = Mapping[type[AnyEvent], Handler]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream, understood."""

    entry_id: bytes
    payload: str
    event: AnyEvent


class Handling:
    """What a group does with the events of one stream."""

    def __init__(self, *, db: Database, stream: Stream, handlers: Handlers, clock: Clock) -> None:
        self._db = db
        self._stream = stream
        self._handlers = handlers
        self._clock = clock
        self._inbox = Inbox(db.schema)
        self._names = {kind.model_fields["type"].default for kind in handlers}

    def understand(self, payload: str) -> AnyEvent | None:
        """The event in `payload`; None if nobody here handles its kind. Raises as `parse` and `event_of` do."""
        said = parse(payload)
        if isinstance(said.get("type"), str) and said["type"] not in self._names:
            return None
        unknown = Unknown()
        event = event_of(said, unknown)
        for field in unknown.fields:
            UNKNOWN_WORDS.labels(self._db.schema, said["type"], field).inc()
        return event

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Handles what was not handled before, all of it or nothing."""
        now = self._clock()
        async with self._db.transaction() as session:
            fresh = await self.effect(session, [entry.event for entry in entries], now)
        crash_point(f"{self._db.schema}.consumer.committed")
        REPEATED.labels(self._db.schema).inc(len(entries) - len(fresh))
        for kind, events in itertools.groupby(sorted(map(_name, fresh))):
            HANDLED.labels(self._db.schema, kind).inc(len(list(events)))
        if fresh:
            log.info(
                "events.handled",
                stream=self._stream.name,
                count=len(fresh),
                correlation_ids=sorted({event.correlationid for event in fresh}),
            )

    async def effect(self, session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> list[AnyEvent]:
        """Lets the handlers do their work, in the transaction of `session`. Those of `events` that were new."""
        new = await self._inbox.claim(session, [event.id for event in events], now)
        fresh = []
        for event in events:
            if event.id in new:
                new.discard(event.id)
                fresh.append(event)
        for handler, run in itertools.groupby(fresh, key=lambda event: self._handlers[type(event)]):
            await handler(session, list(run), now)
        return fresh

    async def count_failure(self, event: AnyEvent, reason: str) -> tuple[int, datetime]:
        """Notes that `event` failed: how often by now, and since when."""
        async with self._db.transaction() as session:
            return await self._inbox.fail(session, event.id, reason, self._clock())

    def handler_name(self, event: AnyEvent) -> str:
        handler: Any = self._handlers.get(type(event))
        return getattr(handler, "__qualname__", repr(handler))


def _name(event: AnyEvent) -> str:
    return str(event.type)  # type: ignore[attr-defined]
