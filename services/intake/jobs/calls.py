"""The sweep of calls: what never ended is ended, what was never called back is given up, and figures are shown."""

from datetime import timedelta

from prometheus_client import Gauge

from services.intake.domain.call_figures import FIGURES
from services.intake.service.call_ends import end_silent_calls, release_callbacks
from services.intake.service.call_figures import Figures
from services.intake.service.calls import Calls
from shared.clock import Clock
from shared.db import Database
from shared.events import Trace
from shared.ids import new_id
from shared.leader import leads
from shared.telemetry import REGISTRY, log
from shared.worker import Periodic

_BATCH = 200

CALLS = Gauge(
    "satuatap_calls_today",
    "Calls since midnight, by queue; of the house where it is empty",
    ["queue", "figure"],
    registry=REGISTRY,
)
WAITED = Gauge(
    "satuatap_calls_today_waited_seconds", "How long they waited, all together", ["queue"], registry=REGISTRY
)
LONGEST = Gauge("satuatap_calls_today_longest_wait_seconds", "The longest of their waits", ["queue"], registry=REGISTRY)
CALLBACKS = Gauge("satuatap_callbacks_open", "Citizens who wait to be called back", registry=REGISTRY)


class CallSweep(Periodic):
    """Ends what never ended, one instance at a time, and shows the figures of today in the metrics of each."""

    name = "sweep of calls"
    essential = False
    every_seconds = 15.0

    def __init__(self, *, db: Database, calls: Calls, figures: Figures, silent_for: timedelta, clock: Clock) -> None:
        self._db = db
        self._calls = calls
        self._figures = figures
        self._silent_for = silent_for
        self._clock = clock

    async def look(self) -> bool:
        """Ends a batch of calls, and shows the figures of today."""
        ended = await self.sweep()
        await self.show()
        return ended >= _BATCH

    async def sweep(self) -> int:
        """Ends a batch of calls, unless another instance does just now. How many."""
        now = self._clock()
        async with self._db.transaction() as session:
            if not await leads(session, f"call sweep {self._db.schema}"):
                return 0
            trace = Trace(str(new_id()))
            ended = await end_silent_calls(
                session, self._calls, silent_for=self._silent_for, limit=_BATCH, now=now, trace=trace
            )
            released = await release_callbacks(session, now)
        if ended or released:
            log.info("calls.swept", ended=ended, callbacks=released, correlation_id=trace.correlation_id)
        return ended

    async def show(self) -> None:
        """Sets the metrics to what was counted since midnight."""
        async with self._db.autocommit() as session:
            today = await self._figures.of_today(session, self._clock())
            waiting = await self._figures.callbacks_open(session)
        for gauge in (CALLS, WAITED, LONGEST):
            gauge.clear()  # of yesterday's queues
        for queue, figures in today.items():
            for figure in FIGURES:
                CALLS.labels(queue, figure).set(getattr(figures, figure))
            CALLS.labels(queue, "answered_within").set(figures.within)
            WAITED.labels(queue).set(figures.waited_seconds)
            LONGEST.labels(queue).set(figures.longest_wait_seconds)
        CALLBACKS.set(waiting)
