"""How people and programs write a day: what a cell can mean, before anybody asks whether that day can be true."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names, get_month_names

from services.survey_index.domain.span import DayOrder

_LANGUAGES = ("id", "en")
_MORE_MONTHS = {"pebruari": 2, "peb": 2, "agt": 8, "ags": 8, "agust": 8, "sept": 9, "nopember": 11, "nop": 11}
_MORE_WEEKDAYS = frozenset({"ahad", "jum'at", "jum’at"})
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wib": 7, "wita": 8, "wit": 9}
"""Hours from Greenwich."""

_ISO = re.compile(r"\d[\d-]{7,9}(?:[Tt ]\d[\d:.,]*(?:[Zz]|[+-]\d[\d:]*)?)?", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range((date(2000, 1, 1) - _SERIAL_ZERO).days, (date(2100, 1, 1) - _SERIAL_ZERO).days)
"""Days that Excel counts from 1900, as far as a survey can have been then: other numbers are no days."""
_WEEKDAY = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)\.?,? +(?=\S)")
_MONTH = r"(?P<month>[^\W\d_]+)\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_CLOCK_BEHIND = r"(?:(?:t|,? )(?P<clock>.+))?"
_NUMBERS_ALONE = 1
_SHAPES = tuple(
    re.compile(shape + _CLOCK_BEHIND, re.ASCII)
    for shape in (
        r"(?P<year>\d{4}) ?(?P<sign>[-/.]) ?(?P<second>\d{1,2}) ?(?P=sign) ?(?P<first>\d{1,2})",
        rf"(?P<first>\d{{1,2}}) ?(?P<sign>[-/.]) ?(?P<second>\d{{1,2}}) ?(?P=sign) ?{_YEAR}",
        rf"(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\.?[-/. ] ?{_MONTH},?[-/ ] ?{_YEAR}",
        rf"{_MONTH}[-/ ](?P<first>\d{{1,2}})(?:st|nd|rd|th)?,?[-/ ] ?{_YEAR}",
        rf"(?P<year>\d{{4}})[-/ ]{_MONTH}[-/ ](?P<first>\d{{1,2}})",
    )
)
_CLOCK = re.compile(
    r"(?:pukul |jam |at )?(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?(?: ?([ap])\.?m\.?)?"
    r"(?: ?(?:(?:utc|gmt)?([-+])(\d{1,2}):?(\d{2})?|(z|utc|gmt|wib|wita|wit)))?"
    r"(?: \([^()]*\))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A day as it is written: `first` is the day and `second` the month, unless the order of the two is open."""

    first: int
    second: int
    year: int
    is_open: bool = False
    moment: time | None = None
    """The time of a day that is told with its zone."""
    is_serial: bool = False

    @property
    def told_order(self) -> DayOrder | None:
        """The order that the numbers tell by themselves: there are twelve months."""
        if not self.is_open or min(self.first, self.second) > 12:
            return None
        return "day_first" if 12 < self.first <= 31 else "month_first" if 12 < self.second <= 31 else None

    def may_be_read_otherwise(self) -> bool:
        """Whether the order decides which day it is, or whether it is one."""
        both_are_months = min(self.first, self.second) >= 1 and max(self.first, self.second) <= 12 and self.year > 0
        return self.is_open and self.first != self.second and (both_are_months or self.told_order is not None)

    def day(self, order: DayOrder = "day_first", zone: str = "UTC") -> date:
        """The day, read in this order; a moment with a zone of its own is taken to `zone`. Raises `ValueError`."""
        day, month = (self.second, self.first) if self.is_open and order == "month_first" else (self.first, self.second)
        read = date(self.year, month, day)
        if self.moment is None:
            return read
        try:
            return datetime.combine(read, self.moment).astimezone(ZoneInfo(zone)).date()
        except OverflowError:
            raise ValueError(read) from None


def written_day(cell: str) -> Written | None:
    """What a cell says if it is written as a day, whether or not there is such a day; None if it is no day at all."""
    if _ISO.fullmatch(cell):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            pass  # it may be 31-12-2020, or a day that does not exist
        else:
            return Written(moment.day, moment.month, moment.year, moment=moment.timetz() if moment.tzinfo else None)
    serial = _SERIAL.fullmatch(cell)
    if serial:
        if int(serial[1]) not in _SERIALS:
            return None
        day = _SERIAL_ZERO + timedelta(days=int(serial[1]))
        return Written(day.day, day.month, day.year, is_serial=True)
    return _in_words(" ".join(cell.casefold().split()))


def _in_words(cell: str) -> Written | None:
    """A day with its parts in any order that people use, a weekday in front and a time behind."""
    weekday = _WEEKDAY.match(cell)
    if weekday and weekday[1] in _weekdays():
        cell = cell[weekday.end() :]
    for place, shape in enumerate(_SHAPES):
        found = shape.fullmatch(cell)
        if found is None:
            continue
        parts = found.groupdict()
        month = _months().get(parts["month"]) if "month" in parts else int(parts["second"])
        is_time, moment = _clock(parts["clock"])
        if month is None or not is_time:
            continue
        year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
        return Written(int(parts["first"]), month, year, is_open=place == _NUMBERS_ALONE, moment=moment)
    return None


def _clock(text: str | None) -> tuple[bool, time | None]:
    """Whether `text` is a time of day, if anything; and that time, if it tells its zone."""
    if text is None:
        return True, None
    found = _CLOCK.fullmatch(text)
    if found is None:
        return False, None
    hours, minutes, seconds, half, *zone = found.groups()
    hour, minute, second = int(hours), int(minutes), int(seconds or 0)
    if half:
        if not 1 <= hour <= 12:
            return False, None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return False, None
    place = _zone(*zone)
    return True, time(hour, minute, second, tzinfo=place) if place else None


@lru_cache
def _zone(sign: str | None, hours: str | None, minutes: str | None, named: str | None) -> tzinfo | None:
    if sign:
        away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        return timezone(-away if sign == "-" else away) if away < timedelta(days=1) else None
    return timezone(timedelta(hours=_ZONES[named])) if named else None


@lru_cache
def _months() -> Mapping[str, int]:
    """Month names, long and short, in the languages of our users."""
    found = dict(_MORE_MONTHS)
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            names = get_month_names(width, "format", language)
            found |= {str(name).rstrip(".").casefold(): number for number, name in names.items()}
    return found


@lru_cache
def _weekdays() -> frozenset[str]:
    names = (
        str(name).rstrip(".").casefold()
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, "format", language).values()
    )
    return _MORE_WEEKDAYS.union(names)


def spelled(day: date) -> str:
    """1 October 2026: a day that cannot be read in two ways."""
    return format_date(day, "d MMMM y", "en")
