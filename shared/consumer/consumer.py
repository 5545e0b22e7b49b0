"""One stream, read and handled for one group: what is read, in which portions, and what becomes of what fails."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NoReturn

from shared.broker import BLOCK_MS, NoGroup
from shared.clock import Clock
from shared.consumer import dead
from shared.consumer.dead import DeadLetter
from shared.consumer.failures import Breaker, Fault, OurFault, fault_of, is_hopeless, pause_before
from shared.consumer.handling import Entry, Handlers, Handling
from shared.consumer.reading import RawEntry, Reader
from shared.consumer.replays import Replays
from shared.consumer.sorting import Sorting
from shared.consumer.suspects import Suspects
from shared.db import Database, describe
from shared.events import Stream
from shared.telemetry import FAILED, log
from shared.worker import Worker

_CLAIM_IDLE_MS = 60_000


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
        self._sorting = Sorting(
            db=db, stream=stream, handling=self._handling, ask_for_refill=self._reader.ask_for_refill, clock=clock
        )
        self._breaker = Breaker()
        self._suspects = Suspects(db)
        self._replays = Replays(db=db, stream=stream, handling=self._handling, suspects=self._suspects, clock=clock)
        self._retry: dict[bytes, tuple[Entry, float]] = {}  # entry → itself, and when it is tried again
        self._was_due = False

    async def step(self) -> None:
        """Handles one batch: what a person asked back, what is due again, what is pending, or what is new."""
        try:
            if await self._replays.handle_one():
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

    async def _take(self, raw: Sequence[RawEntry]) -> None:
        """Handles what can be understood, in its order, up to the first event that must wait for a release."""
        found = await self._sorting.sort(raw)
        if found.waits_for is not None:
            self._reader.start_over()  # whatever becomes of those before it: it is read again, and what is behind it
        await self._reader.acknowledge(found.passed_over)
        if found.entries:
            await self._handle(found.entries)
        if found.waits_for is not None:
            self._stop(found.waits_for)
        if raw:
            await self._sorting.go_on()

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
            if await self._suspects.engine_answers():
                self._reader.read_fewer(than=len(entries))
            raise error
        if not await self._suspects.is_to_blame(entries[0].entry_id):
            raise error
        await self._blame([(entries[0], error)])

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
        self._suspects.acquit(entry_ids)
        for entry_id in entry_ids:
            self._retry.pop(entry_id, None)
