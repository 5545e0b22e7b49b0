"""When somebody is there to answer: intervals of the week in one zone (docs/domain.md, "Service hours").

An interval has its first moment and not its last. One that ends before it begins goes on past midnight, also into a
holiday; one that would begin on a holiday is left out. The same rule answers the widget (`GET /v1/hours`) and decides
when a line is accepted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.intake.domain.holidays import NO_HOLIDAYS, Holidays, holidays_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "always"
_DAY = timedelta(days=1)
_FORESEEN_DAYS = 15
"""Two weeks: what opens in a week at all opens within the first, and closes within the second, or never."""
_FORESEEN_DAYS_WITH_HOLIDAYS = 62
"""Longer than holidays ever follow each other, also for hours of one day in a week."""
_DAYS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_TIMES = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))")


@dataclass(frozen=True, slots=True)
class Interval:
    """From `opens` on a day of the week (0 is Monday) until `closes`, of the next day if that is not later."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """The service hours of a week, as the clocks of `zone` show them. On `holidays` nothing opens."""

    zone: ZoneInfo
    week: Sequence[Interval]
    holidays: Holidays = NO_HOLIDAYS

    @property
    def foreseen_days(self) -> int:
        """How many days are looked at, of which those that follow are nothing new."""
        return _FORESEEN_DAYS_WITH_HOLIDAYS if self.holidays else _FORESEEN_DAYS


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is open. `closes_at`: until when, None if it is closed, or never closes. `next_opening`: when it opens
    the next time; None if it never does.
    """

    is_open: bool
    closes_at: datetime | None
    next_opening: datetime | None


def standing(hours: Hours, now: datetime) -> Standing:
    """How it stands at a moment. Moments are in UTC."""
    today = now.astimezone(hours.zone).date()
    spans = list(_merged(sorted(_spans(hours, today))))
    current = next((span for span in spans if span[0] <= now < span[1]), None)
    after = current[1] if current else now
    next_opening = next((opens for opens, _ in spans if opens > after), None)
    if current is None:
        return Standing(False, None, next_opening)
    never_closes = current[1] - now > timedelta(days=hours.foreseen_days - 2)
    return Standing(True, None if never_closes else current[1], next_opening)


def _spans(hours: Hours, today: date) -> Iterator[tuple[datetime, datetime]]:
    """The intervals of yesterday, which may still go on, and of the days to come."""
    for offset in range(-1, hours.foreseen_days):
        day = today + offset * _DAY
        if day in hours.holidays:
            continue
        for interval in hours.week:
            if interval.weekday == day.weekday():
                last_day = day if interval.closes > interval.opens else day + _DAY
                opens = datetime.combine(day, interval.opens, hours.zone).astimezone(UTC)
                closes = datetime.combine(last_day, interval.closes, hours.zone).astimezone(UTC)
                if opens < closes:  # one that lies in an hour which the clocks leave out is none
                    yield opens, closes


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans in order, those that touch or overlap made one."""
    current: tuple[datetime, datetime] | None = None
    for opens, closes in spans:
        if current is not None and opens <= current[1]:
            current = current[0], max(current[1], closes)
        else:
            if current is not None:
                yield current
            current = opens, closes
    if current is not None:
        yield current


def hours_of(text: str, zone: str, holidays: Iterable[str] = ()) -> Hours:
    """Hours as an operator writes them: `mon-fri 08:00-20:00; sat 09:00-12:00 13:00-17:00`, or `always`; and holidays.

    Raises `ValueError`, which says what was expected, and `KeyError` for a zone that nobody knows.
    """
    text = "mon-sun 00:00-24:00" if text == ALWAYS else text
    week = [interval for part in text.split(";") for interval in _intervals(part)]
    return Hours(ZoneInfo(zone), tuple(week), holidays_of(holidays))


def _intervals(part: str) -> Iterator[Interval]:
    days, *times = part.split() or [""]
    named = _DAYS.fullmatch(days)
    if named is None or not times or not {named[1], named[2] or named[1]} <= set(WEEKDAYS):
        raise ValueError("hours are such as: mon-fri 08:00-20:00; sat 09:00-12:00 13:00-17:00")
    first, last = WEEKDAYS.index(named[1]), WEEKDAYS.index(named[2] or named[1])
    for text in times:
        if (found := _TIMES.fullmatch(text)) is None:
            raise ValueError("times are such as: 08:00-20:00, 20:00-02:00, 00:00-24:00")
        opens, closes = time(int(found[1]), int(found[2])), time() if found[5] else time(int(found[3]), int(found[4]))
        for step in range((last - first) % 7 + 1):
            yield Interval((first + step) % 7, opens, closes)
