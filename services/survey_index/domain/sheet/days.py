"""Which days the answers of a file are from: the cells of its day column, read in the one order that the file has,
and what is told of them in the end. No row is given a day that nobody told.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from services.survey_index.domain.limits import EARLIEST, LATEST
from services.survey_index.domain.sheet.cells import Off
from services.survey_index.domain.sheet.rules import Answered, Rules
from services.survey_index.domain.sheet.written_days import FROM_1900, Written, spelled, written_day
from services.survey_index.domain.span import DayOrder, DaysTaken

_NAMES: Mapping[DayOrder, str] = {
    "day_first": "day first",
    "month_first": "month first",
    "year_first": "year first, in two digits",
}
_CANDIDATES = 3
LOOKED_AT = 20
"""Rows below the header that show which columns hold days."""
_REMEMBERED = 5_000
_STAMP = re.compile(r"(\d[\d/.-]{5,9})[T ](?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d(?:[.,]\d{1,9})?)?", re.ASCII)
"""A day in numbers, and behind it a time without a zone."""


class SeenDays(dict[str, Any]):
    """Cells that were read before, and with them every time of a day that was: time stamps are all different."""

    def __missing__(self, cell: str) -> date:
        stamp = _STAMP.fullmatch(cell)
        if stamp is None or stamp[1] not in self:
            raise KeyError(cell)
        day: date = self[stamp[1]]
        return day


class Days:
    """Reads the days of one file. `again` gives its rows from the beginning: what the first cells leave open, one far
    below may tell. Days that are bare numbers are `counted_from` that day.
    """

    def __init__(
        self,
        rules: Rules,
        again: Callable[[], Iterable[Sequence[str]]] = tuple,
        counted_from: date = FROM_1900,
    ) -> None:
        self._rules = rules
        self._again = again
        self._counted_from = counted_from
        self._today = rules.today or LATEST
        self._order = rules.day_order
        self._order_decided = False
        self._year_is_last = rules.day_order is not None
        self._order_asked_for = False
        self._looked: set[bool] = set()
        self._name, self._place = "", 0
        self._is_respondent: Callable[[Sequence[str]], bool] = bool
        self._first: date | None = None
        self._last: date | None = None
        self._by_column = self._by_answered_on = self._undated = 0
        self.values = SeenDays()

    def of_column(self, name: str, place: int, is_respondent: Callable[[Sequence[str]], bool]) -> None:
        """Says which column the days stand in, and in which rows: the day of a sum or a signature tells nothing."""
        self._name, self._place, self._is_respondent = name, place, is_respondent

    def read(self, cell: str) -> date | None:
        """The day of a row; None where it stands for the days that were said of the file. Raises `Off`."""
        if not cell:
            if self._rules.answered_on is None and self._rules.needs_days:
                raise Off("is empty", "the day of the answers, or `answered_on` for the rows without one")
            return None
        written = written_day(cell, self._counted_from)
        if written is None:
            raise Off("is not a day", "a day such as 2026-03-31 or 31 Maret 2026")
        day = self._day(written)
        if day is not None and (stamp := _STAMP.fullmatch(cell)):
            self.values[stamp[1]] = day
        return day

    def _day(self, written: Written) -> date | None:
        """The day, or None for one that cannot be told once it was asked how to."""
        otherwise = written.may_be_read_otherwise(self._today)
        order = self._order_of(written) if otherwise else self._rules.day_order or "day_first"
        if order is None:
            return None
        try:
            day = written.day(order, self._rules.zone)
        except ValueError:
            raise Off("is no day of the calendar", "a day that there is") from None
        today, first, last = self._rules.today, self._rules.first, self._rules.last
        if today and day > today:
            raise Off("lies in the future", f"a day up to {today}")
        if not EARLIEST <= day <= LATEST:
            raise Off("is not a day", "a day such as 2026-03-31 or 31 Maret 2026")
        if (first and day < first) or (last and day > last):
            raise Off("is outside the survey's period", f"a day from {first or '…'} to {last or '…'}")
        return day

    def _order_of(self, written: Written) -> DayOrder | None:
        """The order in which the file has day, month and year. Raises `Off` where nobody can tell, once."""
        orders = written.orders(self._today)
        self._take(written)
        if self._order is None or ("year_first" in orders and not self._year_is_last):
            self._look_through_the_file(for_the_year=written.has_short_year)
        possible = [order for order in orders if order in (self._order or order, "year_first")]
        if self._order is None or ("year_first" in possible and not self._year_is_last):
            if self._order_asked_for:
                return None
            self._order_asked_for = True
            readings = [f"day_order={order} ({spelled(written.day(order))})" for order in possible]
            ways = "two" if len(readings) == 2 else "three"
            raise Off(f"can be read in {ways} ways, and no row tells which is meant", " or ".join(readings))
        begins_with_year = self._order == "year_first" and written.has_short_year
        if self._order not in orders and not begins_with_year:
            why = "as day_order says" if self._rules.day_order else "as others in this column are"
            raise Off("has day and month the other way round", f"days written {_NAMES[self._order]}, {why}")
        self._order_decided = True
        return self._order

    def _take(self, written: Written) -> bool:
        """Takes the order that a cell tells, if it tells any. A year of four digits tells nothing of one of two."""
        told = written.told_order(self._today)
        if told is not None:
            self._order = self._order or told
            self._year_is_last = self._year_is_last or written.has_short_year
        return told is not None

    def _look_through_the_file(self, *, for_the_year: bool) -> None:
        """Takes what cells further down tell, in one of whose numbers there can be no month; once for each question."""
        if for_the_year in self._looked:
            return
        self._looked.add(for_the_year)
        looked_at: set[str] = set()
        for cells in self._again():
            cell = cells[self._place].strip() if self._place < len(cells) else ""
            if cell in looked_at:
                continue
            written = written_day(cell)
            tells = written is not None and written.told_order(self._today) is not None
            if written is not None and tells and self._is_respondent(cells) and self._take(written):
                if self._year_is_last or not for_the_year:
                    return
            elif tells:
                continue  # a sum has it: a respondent may have the same day
            if len(looked_at) < _REMEMBERED:
                looked_at.add(cell)

    def count(self, batch: Sequence[Answered]) -> None:
        """Notes from which days these rows are."""
        days = {row.day for row in batch}
        undated = sum(row.day is None for row in batch) if None in days else 0
        told = [day for day in days if day is not None]
        span = self._rules.answered_on
        if undated and span:
            self._by_answered_on += undated
            told += [span.first, span.last]
        elif undated:
            self._undated += undated
        self._by_column += len(batch) - undated
        if told:
            self._first = min(told) if self._first is None else min(self._first, *told)
            self._last = max(told) if self._last is None else max(self._last, *told)

    @property
    def are_all_known(self) -> bool:
        """Whether the day of every row is known, and not only a span of days that it lies in."""
        span = self._rules.answered_on
        return not self._undated and not (self._by_answered_on and span and span.first < span.last)

    def days_taken(self) -> DaysTaken | None:
        """What is told of the days of all rows; None where nobody told any."""
        if self._first is None or self._last is None:
            return None
        return DaysTaken(
            first=self._first,
            last=self._last,
            column=self._name if self._by_column else "",
            by_column=self._by_column,
            by_answered_on=self._by_answered_on,
            day_order=self._order if self._order_decided else None,
        )


def columns_of_days(rows: Iterable[Sequence[str]]) -> list[str]:
    """The columns of a file, its header being the first of `rows`, whose cells read as days in the first rows."""
    first = [*islice(rows, LOOKED_AT + 1)]
    return days_like(first[0], first[1:]) if first else []


def days_like(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns whose first rows read as days, at most three. A bare number is none here: it may number anything."""
    found = []
    for place, name in enumerate(header):
        cells = [cell for row in rows if place < len(row) and (cell := row[place].strip())]
        if name and cells and all(map(_is_a_day, cells)):
            found.append(name)
    return found[:_CANDIDATES]


def _is_a_day(cell: str) -> bool:
    written = None if cell.isdigit() else written_day(cell)
    if written is None or written.is_serial:
        return False
    return any(EARLIEST <= written.day(order) <= LATEST for order in written.orders(LATEST))
