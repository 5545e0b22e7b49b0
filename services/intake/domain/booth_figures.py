"""How well a booth served on a day (docs/domain.md, "Booths")."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Of the numbers that were taken for a service on a day. Waits are seconds from the number to the first call.

    `in_time` were called within five minutes, of the `due`: those who were called at all, or should have been.
    """

    day: date
    service: str
    visitors: int
    waiting: int
    served: int
    settled: int
    no_shows: int
    closed_unserved: int
    due: int
    in_time: int
    wait_median: float | None
    wait_p90: float | None
    unserved_wait_median: float | None
