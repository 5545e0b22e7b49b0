"""In which days answers were taken: what has come to pass, and never an end that was only planned."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["opened_to_closed", "opened", "answers", "told", "part", "unknown"]
"""How far the days of a period are known.

opened_to_closed  the survey was opened on the first and closed on the last
opened            it was opened on the first, and still runs on the last, the day of looking
answers           the first answer is of the first, the last answer of the last; nobody wrote down an opening or an end
told              the answers are of these days, of some it is not known which: who brought them told a span
part              the days of the survey that were asked for
unknown           there are no days
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; both are there unless the kind is `unknown`."""

    kind: Kind = "unknown"
    first: date | None = None
    last: date | None = None

    @property
    def is_part(self) -> bool:
        return self.kind == "part"


Ends = tuple[date | None, date | None]
"""The first and the last of some days; nothing where there are none, or where an end is open."""


@dataclass(frozen=True, slots=True)
class Run:
    """When a survey runs: the days that were planned, and the day on which it was closed, if it was."""

    opens_on: date | None
    closes_on: date | None
    closed_on: date | None

    def period(self, answers: Period, today: date, wanted_days: Ends = (None, None)) -> Period:
        """In which days answers were taken, as it is known `today`; of the `wanted_days` alone, if any are named.

        `answers` is the period of the answers themselves.
        """
        whole = self._whole(answers, today)
        begun, ended = wanted_days
        if whole.kind not in ("opened_to_closed", "opened"):  # of a part, the answers alone tell nothing of the others
            return _part_period(begun or whole.first, ended or whole.last, today) if begun or ended else whole
        first, last = _both(whole)
        if (begun is None or begun <= first) and (ended is None or ended >= last):
            return whole
        return _part_period(max(begun or first, first), min(ended or last, last), today)

    def is_whole(self, first: date | None, last: date | None, today: date) -> bool:
        """Whether the days from `first` to `last` are all those in which it has run so far."""
        if first is None and last is None:
            return True
        return self.period(Period(), today, wanted_days=(first, last)) == self._whole(Period(), today) != Period()

    def _whole(self, answers: Period, today: date) -> Period:
        ended = self._ended(today)
        if self.opens_on is not None and self.opens_on <= (ended or today):
            return Period("opened_to_closed" if ended else "opened", self.opens_on, ended or today)
        return answers

    def _ended(self, today: date) -> date | None:
        """The day on which it ended: when it was closed, or when its last day had passed before."""
        passed = self.closes_on if self.closes_on and self.closes_on < today else None
        ends = [day for day in (passed, self.closed_on) if day is not None]
        return min(ends, default=None)


def _both(period: Period) -> tuple[date, date]:
    assert period.first is not None and period.last is not None  # noqa: S101 - its kind says so
    return period.first, period.last


def _part_period(first: date | None, last: date | None, today: date) -> Period:
    """The days that were asked for, as far as they have come."""
    last = min(last, today) if last else today
    return Period("part", first, last) if first is not None and first <= last else Period()


def period_of_answers(first: date | None = None, last: date | None = None, *, in_spans: bool = False) -> Period:
    """The period from the first to the last answer; `in_spans` if of some only a span of days is known."""
    return Period() if first is None or last is None else Period("told" if in_spans else "answers", first, last)
