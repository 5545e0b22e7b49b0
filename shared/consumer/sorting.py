"""Sorting what was read: events to handle, what is passed over or put aside, and what must wait for a release."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.clock import Clock
from shared.consumer import dead
from shared.consumer.dead import DeadLetter, Stop
from shared.consumer.handling import Entry, Handling
from shared.consumer.reading import RawEntry
from shared.db import Database
from shared.events import Stream, UnknownVersion
from shared.telemetry import log


@dataclass
class Sorted:
    """`entries` are to be handled, `passed_over` are finished. `waits_for` says why the rest of the batch must wait."""

    entries: list[Entry] = field(default_factory=list)
    passed_over: list[bytes] = field(default_factory=list)
    waits_for: str | None = None


class Sorting:
    """Sorts the entries of one stream, for one group."""

    def __init__(
        self,
        *,
        db: Database,
        stream: Stream,
        handling: Handling,
        ask_for_refill: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._db = db
        self._stream = stream
        self._handling = handling
        self._ask_for_refill = ask_for_refill
        self._clock = clock
        self._may_be_stopped = True  # also by the predecessor of our name

    async def sort(self, raw: Sequence[RawEntry]) -> Sorted:
        """Sorts up to the first event of a version that this release does not know, unless a person lets it pass."""
        found = Sorted()
        for entry_id, fields in raw:
            payload = _payload(fields or {})
            try:
                event = self._handling.understand(payload)
            except UnknownVersion as unknown:
                if not await self._was_skipped(entry_id, payload, unknown):
                    event_id = unknown.envelope.id
                    found.waits_for = f"it cannot read {unknown} (event {event_id}), which a newer release wrote"
                    break
                found.passed_over.append(entry_id)
                continue
            except ValueError as error:
                await self._put_aside(entry_id, payload, error, trimmed=not fields)
                found.passed_over.append(entry_id)
                continue
            if event is None:  # without an inbox row: a release that handles it may have it replayed
                found.passed_over.append(entry_id)
            else:
                found.entries.append(Entry(entry_id, payload, event))
        return found

    async def go_on(self) -> None:
        """The stream does not wait, or does not wait any more."""
        if self._may_be_stopped:
            async with self._db.transaction() as session:
                await dead.go_on(session, self._db.schema, self._stream.name)
            self._may_be_stopped = False

    async def _put_aside(self, entry_id: bytes, payload: str, error: ValueError, *, trimmed: bool) -> None:
        """What is no event goes to the dead letters at once; what was trimmed while it was pending is asked for."""
        if trimmed:
            await self._ask_for_refill()
            return
        letter = DeadLetter(
            stream=self._stream.name,
            entry_id=entry_id.decode(),
            event_id=None,
            event_type=None,
            correlation_id=None,
            handler="decode",
            reason=f"not a known event: {_wrong_parts(error)}",
            failures=1,
            payload=payload,
        )
        async with self._db.transaction() as session:
            await dead.bury(session, self._db.schema, letter, self._clock())
        log.error("event.buried", stream=letter.stream, entry=letter.entry_id, handler=letter.handler)

    async def _was_skipped(self, entry_id: bytes, payload: str, unknown: UnknownVersion) -> bool:
        """Whether a person decided that the stream goes on past this event, which then is a dead letter."""
        envelope = unknown.envelope
        self._may_be_stopped = True
        stop = Stop(
            stream=self._stream.name,
            event_id=envelope.id,
            entry_id=entry_id.decode(),
            event_type=envelope.type,
            correlation_id=envelope.correlationid,
            reason=f"{envelope.dataschema} is not known to this release",
        )
        async with self._db.transaction() as session:
            decided = await dead.stop_at(session, self._db.schema, stop, self._clock())
            if decided is None:
                return False
            letter = DeadLetter(
                stream=stop.stream,
                entry_id=stop.entry_id,
                event_id=stop.event_id,
                event_type=stop.event_type,
                correlation_id=stop.correlation_id,
                handler="skip",
                reason=f"{stop.reason}; skipped by {decided}",
                failures=1,
                payload=payload,
            )
            await dead.bury(session, self._db.schema, letter, self._clock())
        log.warning("event.skipped", stream=stop.stream, event_id=stop.event_id, type=stop.event_type)
        return True


def _payload(fields: Mapping[bytes, bytes]) -> str:
    """The event of an entry; of an entry that has none, whatever it has, for a person to look at."""
    if b"event" in fields:
        return fields[b"event"].decode(errors="replace")
    return json.dumps({name.decode(errors="replace"): value.decode(errors="replace") for name, value in fields.items()})


def _wrong_parts(error: ValueError) -> str:
    """Which parts of the entry were wrong, by name and kind, without what they held."""
    details = getattr(error, "errors", None)
    if details is None:
        return type(error).__name__
    return "; ".join(f"{'.'.join(map(str, detail['loc'])) or 'entry'}: {detail['type']}" for detail in details()[:5])
