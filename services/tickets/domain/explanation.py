"""How the deadline of a clock comes about: each step of the sum in figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.tickets.domain.calendars import Calendar, spans, working_between
from services.tickets.domain.clocks import Clock, Standing, counts, stood_still

_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
MOST_DAYS = 400
"""So many days are told one by one; of a longer time the last."""


@dataclass(frozen=True, slots=True)
class DaySum:
    """What a day is in the sum: how much working time it has, or whether it counts; and why not, if not.

    `why` is `filed`, `weekend`, `paused`, `before`, or `day_off`, which is called `name`.
    """

    day: date
    working: timedelta
    counts: bool
    why: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PauseSum:
    """From when until when a clock stood still (None: it does), and how much working time that was."""

    start: datetime
    end: datetime | None
    working: timedelta


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clock, each day and each pause of its sum, and the years in it of which no decree is known yet."""

    clock: Clock
    standing: Standing
    days: tuple[DaySum, ...]
    pauses: tuple[PauseSum, ...]
    estimated: tuple[int, ...]
    left: timedelta | None

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks tell the days of the sum."""
        return _zone(self.clock)


def explain(clock: Clock, now: datetime) -> Explanation:
    """How the deadline of a clock comes about."""
    last = clock.due_at.astimezone(_zone(clock)).date()
    first = max(clock.started_at.astimezone(_zone(clock)).date(), last - MOST_DAYS * _DAY)
    return Explanation(
        clock=clock,
        standing=clock.standing(now),
        days=tuple(_days(clock, first, last)),
        pauses=tuple(_pauses(clock, now)),
        estimated=tuple(_asked(clock).undecreed(first, last)) if clock.term.measure != "calendar_days" else (),
        left=None if clock.stopped_at or clock.paused_at else clock.due_at - now,
    )


def _zone(clock: Clock) -> ZoneInfo:
    return clock.calendar.tz if clock.term.measure == "working_minutes" else ZoneInfo(clock.policy.zone)


def _asked(clock: Clock) -> Calendar:
    return clock.term.counting(clock.calendar)


def _days(clock: Clock, first: date, last: date) -> Iterator[DaySum]:
    day = first
    while day <= last:
        yield _in_hours(clock, day) if clock.term.measure == "working_minutes" else _in_days(clock, day)
        day += _DAY


def _in_days(clock: Clock, day: date) -> DaySum:
    """Whether a day counts."""
    if day == clock.started_at.astimezone(_zone(clock)).date():
        return DaySum(day, _NOTHING, False, "filed")
    if not counts(clock.term, clock.calendar, day):
        return _closed(clock, day)
    if stood_still(clock.pauses, day, _zone(clock)):
        return DaySum(day, _NOTHING, False, "paused")
    return DaySum(day, _NOTHING, True)


def _in_hours(clock: Clock, day: date) -> DaySum:
    """How much of a day was used: its working time from when the clock began until it is due, but in no pause."""
    if not list(spans(clock.calendar, day)):
        return _closed(clock, day)
    begins, ends = (datetime.combine(d, time(), _zone(clock)) for d in (day, day + _DAY))
    begins, ends = max(begins, clock.started_at), min(ends, clock.due_at)
    used = working_between(clock.calendar, begins, ends) if begins < ends else _NOTHING
    still = [(max(pause.start, begins), min(pause.end, ends)) for pause in clock.pauses]
    waited = sum((working_between(clock.calendar, *each) for each in still if each[0] < each[1]), _NOTHING)
    left = used - waited
    return DaySum(day, left, left > _NOTHING, None if left else ("paused" if waited else "before"))


def _closed(clock: Clock, day: date) -> DaySum:
    name = _asked(clock).why_closed(day)
    return DaySum(day, _NOTHING, False, "day_off" if name else "weekend", name or None)


def _pauses(clock: Clock, now: datetime) -> Iterator[PauseSum]:
    for pause in clock.pauses:
        yield PauseSum(pause.start, pause.end, working_between(clock.calendar, pause.start, pause.end))
    if clock.paused_at:
        yield PauseSum(clock.paused_at, None, working_between(clock.calendar, clock.paused_at, now))
