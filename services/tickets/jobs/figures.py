"""Shows in the metrics what cases count for."""

from prometheus_client import Gauge

from services.tickets.models import Span
from services.tickets.repository import tallies
from shared.clock import Clock
from shared.db import Database
from shared.telemetry import REGISTRY
from shared.visibility import EVERYTHING
from shared.worker import Periodic

_ALL_DAYS = Span()

BY_UNIT = Gauge(
    "satuatap_cases_by_unit", "Cases, by unit and what they count for", ["unit", "count"], registry=REGISTRY
)
BY_CHANNEL = Gauge("satuatap_cases_by_channel", "The same, by channel", ["channel", "count"], registry=REGISTRY)
OVERDUE = Gauge("satuatap_cases_overdue", "Cases that are due and not resolved, by unit", ["unit"], registry=REGISTRY)


class FigureGauges(Periodic):
    """Looks every minute, in each process: whichever is asked for its metrics knows."""

    name = "figure gauges"
    essential = False
    every_seconds = 60.0

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def look(self) -> bool:
        """Sets the metrics to what all cases count for."""
        async with self._db.autocommit() as session:
            by_unit = await tallies.read(session, EVERYTHING, _ALL_DAYS, "unit")
            by_channel = await tallies.read(session, EVERYTHING, _ALL_DAYS, "channel")
            overdue = await tallies.read_overdue(session, EVERYTHING, _ALL_DAYS, "unit", self._clock())
        for gauge, found in ((BY_UNIT, by_unit), (BY_CHANNEL, by_channel)):
            gauge.clear()  # of units and channels that are no more
            for name, counts in found.items():
                for count, amount in counts.items():
                    gauge.labels(name, count).set(amount)
        OVERDUE.clear()
        for unit, amount in overdue.items():
            OVERDUE.labels(unit).set(amount)
        return False
