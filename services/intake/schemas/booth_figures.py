"""How well a booth served: figures of each service and day, exact and rounded."""

from datetime import date
from fractions import Fraction
from typing import Self

from pydantic import BaseModel

from services.intake.domain.booth_figures import DayFigures


class ShareOut(BaseModel):
    """A share: exact, not reduced, and rounded to four places."""

    fraction: str
    value: float


class DayFiguresOut(BaseModel):
    """Of the numbers that were taken for a service on a day.

    `served` were settled at the booth or escalated by an officer; `waiting` are there still. `called_in_time` is the
    share that was called within five minutes, of the `due`: those who were called at all or should have been. Waits
    are seconds until the first call; those whom nobody called before the end of the day have a figure of their own.
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
    called_in_time: ShareOut | None
    settled_at_the_booth: ShareOut | None
    wait_median_seconds: float | None
    wait_p90_seconds: float | None
    unserved_wait_median_seconds: float | None

    @classmethod
    def of(cls, figures: DayFigures) -> Self:
        """The answer about a service and day."""
        return cls(
            day=figures.day,
            service=figures.service,
            visitors=figures.visitors,
            waiting=figures.waiting,
            served=figures.served,
            settled=figures.settled,
            no_shows=figures.no_shows,
            closed_unserved=figures.closed_unserved,
            due=figures.due,
            called_in_time=_share(figures.in_time, figures.due),
            settled_at_the_booth=_share(figures.settled, figures.served),
            wait_median_seconds=_rounded(figures.wait_median),
            wait_p90_seconds=_rounded(figures.wait_p90),
            unserved_wait_median_seconds=_rounded(figures.unserved_wait_median),
        )


class BoothFiguresOut(BaseModel):
    """The figures of a booth, a row for each service and day with numbers."""

    booth: str
    days: list[DayFiguresOut]


def _share(part: int, whole: int) -> ShareOut | None:
    return ShareOut(fraction=f"{part}/{whole}", value=round(float(Fraction(part, whole)), 4)) if whole else None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(float(seconds), 1)
