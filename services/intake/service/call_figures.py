"""The figures of calls: what was counted between two days, as numbers and as exact fractions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_figures import HOUSE, CallFigures, Figure, Grouping, figures_of
from services.intake.repository import call_figures, callbacks
from services.intake.schemas.call_figures import CallFiguresOut, CallFiguresReport, CallFiguresRow
from shared.errors import FieldError, Invalid
from shared.ratios import percentage, ratio

DEFAULT_WITHIN_SECONDS = 20
"""Of the contact centre's 80/20: four in five are answered so soon."""
_LONGEST = timedelta(days=366)
_LONGEST_BY_HOUR = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of which figures are wanted, the first and the last; of one queue, or of the house."""

    since: date
    until: date
    queue: str | None
    by: Grouping
    within_seconds: int


class Figures:
    """Reads the figures of calls by days of the zone `zone`."""

    def __init__(self, *, zone: str) -> None:
        self.zone = zone

    async def report(self, session: AsyncSession, span: Span) -> CallFiguresReport:
        """The figures of a span, all together and one by one. Raises `Invalid` for one that is too long, or no span."""
        _check(span)
        since, until = self._midnight(span.since), self._midnight(span.until + timedelta(days=1))
        one = HOUSE if span.queue is None else span.queue
        total = await call_figures.read(session, since=since, until=until, queue=one, by="queue", zone=self.zone)
        queue = None if span.by == "queue" and span.queue is None else one
        found = await call_figures.read(session, since=since, until=until, queue=queue, by=span.by, zone=self.zone)
        waiting, reached = await callbacks.count_open(session), await callbacks.count_reached(session, since, until)
        return CallFiguresReport(
            since=span.since,
            until=span.until,
            zone=self.zone,
            queue=span.queue,
            by=span.by,
            within_seconds=span.within_seconds,
            total=CallFiguresOut(**_shown(total.get(one, Counter()), span.within_seconds)),
            items=[CallFiguresRow(of=name, **_shown(counts, span.within_seconds)) for name, counts in found.items()],
            callbacks_open=waiting,
            callbacks_reached=reached,
        )

    async def of_today(self, session: AsyncSession, now: datetime) -> dict[str, CallFigures]:
        """What was counted since midnight, by queue; the house is the empty one."""
        since = self._midnight(now.astimezone(ZoneInfo(self.zone)).date())
        found: dict[str, Counter[tuple[Figure, int]]] = {}
        for queue in (HOUSE, None):
            found |= await call_figures.read(session, since=since, until=now, queue=queue, by="queue", zone=self.zone)
        return {queue: figures_of(counts, DEFAULT_WITHIN_SECONDS) for queue, counts in found.items()}

    async def callbacks_open(self, session: AsyncSession) -> int:
        """How many call-backs wait now."""
        return await callbacks.count_open(session)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone))


def _check(span: Span) -> None:
    longest = _LONGEST_BY_HOUR if span.by == "hour" else _LONGEST
    if not timedelta() <= span.until - span.since < longest:
        expected = f"a day from `from` on, and at most {longest.days} days in all"
        raise Invalid("That is no span of days.", errors=[FieldError("to", "does not fit `from`", expected)])


def _shown(counts: Mapping[tuple[Figure, int], int], within_seconds: int) -> dict[str, Any]:
    figures = figures_of(counts, within_seconds)
    return {
        "offered": figures.offered,
        "answered": figures.answered,
        "abandoned": figures.abandoned,
        "unanswered": figures.unanswered,
        "forwarded": figures.forwarded,
        "ended_in_menu": figures.ended_in_menu,
        "unknown_end": figures.unknown_end,
        "answered_within": figures.within,
        "answer_rate": percentage(figures.answer_rate),
        "abandonment": percentage(figures.abandonment),
        "service_level": percentage(figures.service_level),
        "average_wait_seconds": ratio(figures.average_wait_seconds),
        "longest_wait_seconds": figures.longest_wait_seconds,
    }
