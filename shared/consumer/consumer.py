"""One stream, read and handled for one group: what is read, in which portions, and what becomes of what fails."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

from shared.broker import BLOCK_MS, NoGroup
from shared.clock import Clock
from shared.consumer import dead
from shared.consumer.dead import DeadLetter, Stop
from shared.consumer.failures import Breaker, Fault, OurFault, fault_of, is_hopeless, pause_before
from shared.consumer.handling import Entry, Handlers, Handling
from shared.consumer.reading import RawEntry, Reader
from shared.db import Database, describe
from shared.events import Stream, UnknownEventType, UnknownVersion
from shared.telemetry import FAILED, log
from shared.worker import Worker

_CLAIM_IDLE_MS = 60_000
_LOOK_FOR_REPLAYS_SECONDS = 1.0
_OUTAGES_ALONE = 3
"""So often an event may meet an outage all alone, while the engine answers, until it is itself the fault."""


class Stopped(OurFault):
    """The stream waits; the text says for what."""


class MostFail(Stopped):
    """Most of the latest events failed for one reason. They are kept and tried again, and so is what is new, one by
    one: it tells as well whether we are mended.
    """


class Consumer(Worker):
    """Reads one stream for one group (the service) under a stable, unique consumer name (the instance).

    `patience` is for how long a failing event is tried again before it is buried.
    """

    def __init__(
        self,
        *,
        db: Database,
        redis_url: object,
        stream: Stream,
        instance: str,
        handlers: Handlers,
        clock: Clock,
        patience: timedelta,
        essential: bool = True,
        claim_idle_ms: int = _CLAIM_IDLE_MS,
    ) -> None:
        self.name = f"reader of {stream.name}"
        self.essential = essential
        self._db = db
        self._stream = stream
        self._clock = clock
        self._patience = patience
        self._reader = Reader(
            redis_url=redis_url, stream=stream, group=db.schema, name=instance, claim_idle_ms=claim_idle_ms
        )
        self._handling = Handling(db=db, stream=stream, handlers=handlers, clock=clock)
        self._breaker = Breaker()
        self._retry: dict[bytes, tuple[Entry, float]] = {}  # entry → itself, and when it is tried again
        self._was_due = False
        self._outages_alone: Counter[bytes] = Counter()
        self._next_replay = 0.0
        self._may_be_stopped = True  # also by the predecessor of our name

    async def step(self) -> None:
        """Handles one batch: what a person asked back, what is due again, what is pending, or what is new."""
        try:
            if await self._replay_one():
                return
            due = self._due()
            if due is not None and not self._was_due:  # what is due and what is new take turns
                self._was_due = True
                await self._reader.hold(due.entry_id)  # or a colleague takes it for abandoned
                await self._handle([due])
                return
            self._was_due = False
            wait_ms = 1 if due is not None else BLOCK_MS // (2 if self._retry else 1)
            await self._take(await self._reader.read(without=self._retry, wait_ms=wait_ms))
            self._check_breaker()
        except NoGroup:
            await self._reader.heal()
        except MostFail:
            raise
        except Exception:
            self._reader.start_over()  # what was in flight is pending under our name
            raise

    async def close(self) -> None:
        await self._reader.close()

    def _due(self) -> Entry | None:
        """An event whose time to be tried again has come."""
        now = asyncio.get_running_loop().time()
        return next((entry for entry, at in self._retry.values() if at <= now), None)

    # -- understanding ------------------------------------------------------------------------------------------

    async def _take(self, raw: Sequence[RawEntry]) -> None:
        """Handles what can be understood, in its order, up to the first event that must wait for a release."""
        entries: list[Entry] = []
        passed_over: list[bytes] = []
        waits: tuple[bytes, str, UnknownVersion] | None = None
        for entry_id, fields in raw:
            payload = _payload(fields or {})
            try:
                event = self._handling.understand(payload)
            except UnknownVersion as unknown:
                if not await self._was_skipped(entry_id, payload, unknown):
                    waits = (entry_id, payload, unknown)
                    break
                passed_over.append(entry_id)
                continue
            except ValueError as error:
                await self._put_aside(entry_id, payload, error, trimmed=not fields)
                passed_over.append(entry_id)
                continue
            if event is None:
                passed_over.append(entry_id)  # without an inbox row: a release that handles it may have it replayed
            else:
                entries.append(Entry(entry_id, payload, event))
        await self._reader.acknowledge(passed_over)
        if entries:
            await self._handle(entries)
        if waits is not None:
            self._stop(f"it cannot read {waits[2]} (event {waits[2].envelope.id}), which a newer release wrote")
        if self._may_be_stopped and raw:
            async with self._db.transaction() as session:
                await dead.go_on(session, self._db.schema, self._stream.name)
            self._may_be_stopped = False

    async def _put_aside(self, entry_id: bytes, payload: str, error: ValueError, *, trimmed: bool) -> None:
        """What is no event goes to the dead letters at once; what was trimmed while it was pending is asked for."""
        if trimmed:
            await self._reader.ask_for_refill()
            return
        await self._bury(
            DeadLetter(
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
        )

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

    # -- handling -----------------------------------------------------------------------------------------------

    async def _handle(self, entries: Sequence[Entry]) -> None:
        try:
            await self._handling.handle(entries)
        except Exception as error:
            await self._failed(entries, error)
            return
        await self._finish(entries)

    async def _finish(self, entries: Sequence[Entry]) -> None:
        """What was committed is acknowledged, and the next portion may be larger again."""
        self._reader.read_more()
        self._breaker.handled([entry.event.id for entry in entries])
        await self._acknowledge([entry.entry_id for entry in entries])

    async def _failed(self, entries: Sequence[Entry], error: Exception) -> None:
        match fault_of(error):
            case Fault.OURS:
                self._stop(str(error) if isinstance(error, OurFault) else describe(error), error)
            case Fault.OUTAGE:
                await self._doubt(entries, error)
            case Fault.ITS_OWN if len(entries) > 1:
                await self._handle_singly(entries)
            case Fault.ITS_OWN:
                await self._blame([(entries[0], error)])

    async def _handle_singly(self, entries: Sequence[Entry]) -> None:
        """Finds out which of them failed, and whether that is their own fault."""
        failures: list[tuple[Entry, Exception]] = []
        for entry in entries:
            try:
                await self._handling.handle([entry])
            except Exception as error:
                if fault_of(error) is not Fault.ITS_OWN:
                    await self._failed([entry], error)
                    continue
                failures.append((entry, error))
            else:
                await self._finish([entry])
        await self._blame(failures)

    async def _blame(self, failures: Sequence[tuple[Entry, Exception]]) -> None:
        """Counts failures against the events, unless most of them fail for one reason: then the fault is ours."""
        for entry, error in failures:
            self._breaker.failed(entry.event.id, describe(error))
        reason = self._breaker.reason
        for entry, error in failures:
            if reason == describe(error):
                self._try_later(entry, 1)
            else:
                await self._count(entry, error)
        if reason is not None:
            self._reader.read_fewer(than=1)
            self._check_breaker()

    def _check_breaker(self) -> None:
        """Raises `MostFail` as long as most of the latest events fail for one reason."""
        if self._breaker.reason is not None:
            waits_for = f"most of the latest events failed with {self._breaker.reason}"
            raise MostFail(f"the stream {self._stream.name} waits: {waits_for}")

    async def _doubt(self, entries: Sequence[Entry], error: Exception) -> None:
        """An outage is waited for. If the engine answers all the same, fewer events are tried at a time; one that
        meets the outage alone, again and again, is itself the fault.
        """
        if len(entries) > 1:
            if await self._engine_answers():
                self._reader.read_fewer(than=len(entries))
            raise error
        if not await self._is_to_blame(entries[0].entry_id):
            raise error
        await self._blame([(entries[0], error)])

    async def _is_to_blame(self, name: bytes) -> bool:
        """Whether what is called `name`, and meets an outage all alone, has done so too often for that."""
        if await self._engine_answers():
            self._outages_alone[name] += 1
        return self._outages_alone[name] >= _OUTAGES_ALONE

    async def _engine_answers(self) -> bool:
        with suppress(Exception):
            await asyncio.wait_for(self._db.ping(), 2)
            return True
        return False

    async def _count(self, entry: Entry, error: Exception) -> None:
        """Notes a failure: the event is tried again after a pause, or waits for a person from now on."""
        handler, reason = self._handling.handler_name(entry.event), describe(error)
        failures, since = await self._handling.count_failure(entry.event, reason)
        FAILED.labels(self._db.schema, handler).inc()
        log.error(
            "event.failed",
            event_id=entry.event.id,
            correlation_id=entry.event.correlationid,
            handler=handler,
            failures=failures,
            exc_info=error,
        )
        if not is_hopeless(failures, self._clock() - since, self._patience):
            self._try_later(entry, failures)
            return
        await self._bury(
            DeadLetter(
                stream=self._stream.name,
                entry_id=entry.entry_id.decode(),
                event_id=entry.event.id,
                event_type=entry.event.type,  # type: ignore[attr-defined]
                correlation_id=entry.event.correlationid,
                handler=handler,
                reason=reason,
                failures=failures,
                payload=entry.payload,
            )
        )
        await self._acknowledge([entry.entry_id])

    def _try_later(self, entry: Entry, failures: int) -> None:
        pause = pause_before(failures + 1)
        self._retry[entry.entry_id] = entry, asyncio.get_running_loop().time() + pause.total_seconds()

    def _stop(self, reason: str, error: Exception | None = None) -> NoReturn:
        """Ends this step: nothing is counted, and the same is tried again after a pause. Raises `Stopped`."""
        raise Stopped(f"the stream {self._stream.name} waits: {reason}") from error

    async def _bury(self, letter: DeadLetter) -> None:
        async with self._db.transaction() as session:
            await dead.bury(session, self._db.schema, letter, self._clock())
        log.error("event.buried", stream=letter.stream, entry=letter.entry_id, handler=letter.handler)

    async def _acknowledge(self, entry_ids: Sequence[bytes]) -> None:
        await self._reader.acknowledge(entry_ids)
        for entry_id in entry_ids:
            self._retry.pop(entry_id, None)
            self._outages_alone.pop(entry_id, None)

    # -- what a person asked back -------------------------------------------------------------------------------

    async def _replay_one(self) -> bool:
        """Handles a dead letter that was asked back, if there is one. Whether there was."""
        now = asyncio.get_running_loop().time()
        if now < self._next_replay:
            return False
        letter = None
        try:
            async with self._db.transaction() as session:
                letter = await dead.next_asked(session, self._db.schema, self._stream.name)
                if letter is None:
                    self._next_replay = now + _LOOK_FOR_REPLAYS_SECONDS
                    return False
                event = self._handling.understand(letter.payload)
                if event is None:
                    raise UnknownEventType("no handler")
                await self._handling.effect(session, [event], self._clock())
                await dead.replayed(session, self._db.schema, letter.id, self._clock())
        except Exception as error:
            if letter is None:
                raise
            if fault_of(error) is Fault.OUTAGE and not await self._is_to_blame(letter.id.bytes):
                raise
            self._outages_alone.pop(letter.id.bytes, None)
            async with self._db.transaction() as session:
                await dead.failed_again(session, self._db.schema, letter.id, f"replayed in vain: {describe(error)}")
            log.error("letter.failed_again", stream=self._stream.name, letter=letter.id, exc_info=error)
        else:
            log.info("letter.replayed", stream=self._stream.name, letter=letter.id, event_id=event.id)
        return True


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
