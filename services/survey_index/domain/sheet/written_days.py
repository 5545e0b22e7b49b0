"""How people and programs write a day: what a cell can mean, before anybody asks whether that day can be true."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import get_args
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
FROM_1900, FROM_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""The days before the first that a workbook counts: nearly all do from 1900, those of old Macs from 1904."""
_SERIAL_DAYS = date(2000, 1, 1), date(2100, 1, 1)
"""Between which days a survey can have been that are told by their numbers: other numbers are no days."""
_CENTURY = 2000
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
    has_short_year: bool = False
    """Whether the year has two digits, so that 21/01/05 may begin with it."""

    def orders(self, today: date) -> list[DayOrder]:
        """The orders in which this is a day of the calendar; one that begins with its year, in two digits, has come."""
        return [order for order in get_args(DayOrder) if self._is_day_in(order, today)]

    def told_order(self, today: date) -> DayOrder | None:
        """The order that the numbers tell by themselves: there are twelve months. That the year stands in front is not
        told by one slip of the pen, such as 00/05/21.
        """
        orders = self.orders(today) if self.is_open else []
        return orders[0] if len(orders) == 1 and orders != ["year_first"] else None

    def may_be_read_otherwise(self, today: date) -> bool:
        """Whether the order decides which day it is, or whether it is one."""
        orders = self.orders(today) if self.is_open else []
        return self.told_order(today) is not None or len({self._in_order(order) for order in orders}) > 1

    def day(self, order: DayOrder = "day_first", zone: str = "UTC") -> date:
        """The day, read in this order; a moment with a zone of its own is taken to `zone`. Raises `ValueError`."""
        read = self._in_order(order)
        if self.moment is None:
            return read
        try:
            return datetime.combine(read, self.moment).astimezone(ZoneInfo(zone)).date()
        except OverflowError:
            raise ValueError(read) from None

    def _is_day_in(self, order: DayOrder, today: date) -> bool:
        if order == "year_first" and not self.has_short_year:
            return False
        try:
            day = self._in_order(order)
        except ValueError:
            return False
        return order != "year_first" or day <= today

    def _in_order(self, order: DayOrder) -> date:
        if self.is_open and order == "month_first":
            return date(self.year, self.first, self.second)
        if self.has_short_year and order == "year_first":
            return date(_CENTURY + self.first, self.second, self.year - _CENTURY)
        return date(self.year, self.second, self.first)


def written_day(cell: str, counted_from: date = FROM_1900) -> Written | None:
    """What a cell says if it is written as a day, whether or not there is such a day; None if it is no day at all.

    Days that are bare numbers are `counted_from` the day that its file counts from.
    """
    if _ISO.fullmatch(cell):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            pass  # it may be 31-12-2020, or a day that does not exist
        else:
            return Written(moment.day, moment.month, moment.year, moment=moment.timetz() if moment.tzinfo else None)
    serial = _SERIAL.fullmatch(cell)
    if serial:
        day = counted_from + timedelta(days=int(serial[1]))
        if not _SERIAL_DAYS[0] <= day < _SERIAL_DAYS[1]:
            return None
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
        is_short, is_open = len(parts["year"]) == 2, place == _NUMBERS_ALONE
        year = int(parts["year"]) + (_CENTURY if is_short else 0)
        return Written(int(parts["first"]), month, year, is_open, moment=moment, has_short_year=is_short and is_open)
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
