"""Days off in a file of iCalendar (RFC 5545). A day stays the day that it is, in whatever zone somebody reads it.

Only whole days are days off: what has an hour is passed over, and told. Days that recur are read as far as five years
ahead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

YEARS_AHEAD = 5
MOST_EVENTS = 2_000
MOST_DAYS = 2_000
_LONGEST_NAME = 200
_DAY = timedelta(days=1)


class NotICalendar(ValueError):
    """The file is no iCalendar that can be read; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An event that is no day off: its place in the file, and why."""

    event: int
    why: str


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The days of a file, by what they are called, and what was passed over."""

    days: Mapping[date, str]
    passed_over: tuple[PassedOver, ...]


def days_off(content: bytes, today: date) -> DaysOff:
    """The whole days of a file from the year of `today` on. Raises `NotICalendar`."""
    last = date(today.year + YEARS_AHEAD, 12, 31)
    days: dict[date, str] = {}
    passed_over = []
    for place, event in enumerate(_events(content), start=1):
        why = _why_not(event)
        if why is not None:
            passed_over.append(PassedOver(place, why))
            continue
        for day in _days(event, date(today.year, 1, 1), last):
            days.setdefault(day, " ".join(str(event.get("SUMMARY", "")).split())[:_LONGEST_NAME])
        if len(days) > MOST_DAYS:
            raise NotICalendar(f"a file with at most {MOST_DAYS} days off")
    return DaysOff(days, tuple(passed_over))


def _events(content: bytes) -> list[Any]:
    try:
        found = Calendar.from_ical(content.decode("utf-8-sig"))
    except (ValueError, KeyError, IndexError, TypeError):
        raise NotICalendar("a file that begins with BEGIN:VCALENDAR and ends with END:VCALENDAR") from None
    if found.name != "VCALENDAR":
        raise NotICalendar("a file that begins with BEGIN:VCALENDAR and ends with END:VCALENDAR")
    events: list[Any] = list(islice(found.walk("VEVENT"), MOST_EVENTS + 1))
    if len(events) > MOST_EVENTS:
        raise NotICalendar(f"a file with at most {MOST_EVENTS} events")
    return events


def _why_not(event: Any) -> str | None:
    """Why an event is no day off; None if it is one."""
    start = getattr(event.get("DTSTART"), "dt", None)
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return "it is cancelled"
    if isinstance(start, datetime):
        return "it has an hour, and is no whole day"
    return None if isinstance(start, date) else "it has no day that can be read"


def _days(event: Any, first: date, last: date) -> Iterator[date]:
    """Every day of an event and of those that it recurs on, in the years that are asked for."""
    start = event["DTSTART"].dt
    length = _length(event, start)
    begins = {start, *_recurring(event, start, last), *_dates(event, "RDATE")} - set(_dates(event, "EXDATE"))
    for begin in sorted(begins):
        for ahead in range(length):
            day = begin + ahead * _DAY
            if first <= day <= last:
                yield day


def _length(event: Any, start: date) -> int:
    """How many days it lasts. The day on which it ends is not one of them."""
    end = getattr(event.get("DTEND"), "dt", None)
    lasts = getattr(event.get("DURATION"), "dt", None)
    days = (end - start).days if isinstance(end, date) and not isinstance(end, datetime) else getattr(lasts, "days", 1)
    return min(max(days, 1), 366)


def _recurring(event: Any, start: date, last: date) -> Iterator[date]:
    rule = event.get("RRULE")
    if rule is None:
        return
    began = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - a day, wherever
    try:
        found = rrulestr(rule.to_ical().decode(), dtstart=began, ignoretz=True)
    except (ValueError, AttributeError, TypeError):
        return
    for moment in islice(found, MOST_DAYS):
        if moment.date() > last:
            return
        yield moment.date()


def _dates(event: Any, name: str) -> Iterator[date]:
    """The whole days that a property lists."""
    found = event.get(name, [])
    for listed in found if isinstance(found, list) else [found]:
        for each in getattr(listed, "dts", ()):
            if isinstance(each.dt, date) and not isinstance(each.dt, datetime):
                yield each.dt
