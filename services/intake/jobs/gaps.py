"""Shows in the metrics what was lost within the last 24 hours: nothing, if all is well."""

from prometheus_client import Gauge

from services.intake.service.gaps import Gaps
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import REGISTRY, log
from shared.worker import Periodic

MISSING = Gauge(
    "satuatap_intake_missing",
    "What came within the last 24 hours and is no contact, or has no ticket",
    ["channel"],
    registry=REGISTRY,
)


class GapsWatch(Periodic):
    """Looks every five minutes, in each process: whichever is asked for its metrics knows."""

    name = "watch of gaps"
    essential = False
    every_seconds = 300.0

    def __init__(self, *, db: Database, gaps: Gaps, clock: Clock) -> None:
        self._db = db
        self._gaps = gaps
        self._clock = clock

    async def look(self) -> bool:
        """Sets the metric to what is missing now."""
        async with self._db.autocommit() as session:
            accounts = await self._gaps.last_day(session, self._clock())
        for channel, account in accounts.items():
            missing = sum(gap.count for gap in account.missing)
            MISSING.labels(channel).set(missing)
            if missing:
                log.warning("gaps.found", channel=channel, missing=missing)
        return False
