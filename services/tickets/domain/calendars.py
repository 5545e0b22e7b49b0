"""Calendars: when there is work. Every sum of working time is made here (docs/domain.md, "Deadlines").

A calendar is a value: its week, the kinds of days off that it keeps, and the days that differ. Slots have their first
moment and not their last; the hours of a day are those that the clocks of the calendar's zone show.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from typing import Literal
from zoneinfo import ZoneInfo

from shared.holidays import is_decreed, joint_leave, public_holidays

DayOff = Literal["public", "government"]
"""Hari libur nasional, and cuti bersama."""
HOLIDAYS_VERSION = f"ID/holidays-{version('holidays')}"
"""What knows the days off that are named by no calendar: the country, and the version of the library."""
MINUTES_OF_A_DAY = 24 * 60
_NAMED = {"public": public_holidays, "government": joint_leave}
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_FORESEEN_DAYS = 20 * 366
"""No sum looks further: a calendar with an hour a week has a thousand of them in that time."""


class NeverEnough(Exception):
    """A calendar does not have so much working time within twenty years."""


@dataclass(frozen=True, slots=True)
class Slot:
    """From a minute of the day until another, which does not belong to it."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not as its week: `slots` are its hours, none for a day off. None: it is as its week, and no day off
    although it is called one elsewhere.
    """

    name: str
    slots: tuple[Slot, ...] | None


@dataclass(frozen=True)
class Calendar:
    """When there is work: the slots of each day of the week from Monday, but on days off of these kinds and on special
    days. `zone` is whose clocks show the hours.
    """

    name: str
    version: int
    zone: str
    week: tuple[tuple[Slot, ...], ...]
    days_off: frozenset[DayOff] = frozenset()
    special: Mapping[date, SpecialDay] = field(default_factory=dict)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def keeping(self, *days_off: DayOff) -> "Calendar":
        """The same calendar with these kinds of days off and no other."""
        return Calendar(self.name, self.version, self.zone, self.week, frozenset(days_off), self.special)

    def slots(self, day: date) -> tuple[Slot, ...]:
        """When there is work on a day."""
        special = self.special.get(day)
        if special is not None and special.slots is not None:
            return special.slots
        if special is None and self.named_off(day) is not None:
            return ()
        return self.week[day.weekday()]

    def why_closed(self, day: date) -> str | None:
        """Why there is no work on a day, by the name of the day off, or empty for a day of the week that has none; None
        for a day with work.
        """
        if self.slots(day):
            return None
        special = self.special.get(day)
        if special is not None and special.slots is not None:
            return special.name
        return (self.named_off(day) if special is None else None) or ""

    def named_off(self, day: date) -> str | None:
        """What a day off is called that the government named, and this calendar keeps."""
        return next((name for kind in sorted(self.days_off) if (name := _NAMED[kind](day.year).get(day))), None)

    def undecreed(self, first: date, last: date) -> list[int]:
        """The years within these days of which nobody knows yet which days are off, where this calendar asks."""
        years = range(first.year, last.year + 1) if self.days_off else ()
        return [year for year in years if not is_decreed(year)]


def spans(calendar: Calendar, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The working time of a day, in UTC. Slots that touch are one."""
    for slot in calendar.slots(day):
        opens, closes = _moment(calendar, day, slot.opens), _moment(calendar, day, slot.closes)
        if opens < closes:  # one that lies in an hour which the clocks leave out is none
            yield opens, closes


def working_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments."""
    day, last, total = _day_of(calendar, start), _day_of(calendar, end), _NOTHING
    while day <= last:
        for opens, closes in spans(calendar, day):
            total += max(_NOTHING, min(closes, end) - max(opens, start))
        day += _DAY
    return total


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The first moment until which so much working time has passed since `start`. Raises `NeverEnough`."""
    day = _day_of(calendar, start)
    for _ in range(_FORESEEN_DAYS):
        for opens, closes in spans(calendar, day):
            begins = max(opens, start)
            if begins < closes and amount <= closes - begins:
                return begins + amount
            amount -= max(_NOTHING, closes - begins)
        day += _DAY
    raise NeverEnough(calendar.name)


def take_working(calendar: Calendar, end: datetime, amount: timedelta) -> datetime:
    """The last moment from which on so much working time passes until `end`: one at which there is work, so that
    somebody is there. Raises `NeverEnough`.
    """
    day = _day_of(calendar, end)
    for _ in range(_FORESEEN_DAYS):
        for opens, closes in reversed(list(spans(calendar, day))):
            stops = min(closes, end)
            if opens < stops and amount <= stops - opens:
                return stops - amount
            amount -= max(_NOTHING, stops - opens)
        day -= _DAY
    raise NeverEnough(calendar.name)


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether there is work on a day, however little."""
    return bool(calendar.slots(day))


def _day_of(calendar: Calendar, moment: datetime) -> date:
    return moment.astimezone(calendar.tz).date()


def _moment(calendar: Calendar, day: date, minute: int) -> datetime:
    if minute == MINUTES_OF_A_DAY:
        day, minute = day + _DAY, 0
    return datetime.combine(day, time(minute // 60, minute % 60), calendar.tz).astimezone(UTC)
