"""Clocks: by when something is owed. Each deadline is a pure function of when its clock began, when it stood still, the
policy and the calendar (docs/domain.md, "Deadlines"). `timeline.py` says what moves them.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.tickets.domain.calendars import (
    Calendar,
    NeverEnough,
    add_working,
    is_working_day,
    working_between,
)
from services.tickets.domain.policies import Policy, Term, minutes

Standing = Literal["pending", "paused", "met", "breached", "dropped"]
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MOST_DAYS = 20 * 366


@dataclass(frozen=True, slots=True)
class Pause:
    """From when until when a clock stood still."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when something is owed about a ticket, by which policy and which calendar, and when it stood still so far.

    It stands still since `paused_at`, and was stopped at `stopped_at`. A person may have fixed its end: `fixed_at`.
    `dropped`: the policy that the case is under now does not ask for it.
    """

    ticket_id: UUID
    kind: str
    policy: Policy
    calendar: Calendar
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    paused_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    priority: str = "normal"
    fixed_at: datetime | None = None
    breached_at: datetime | None = None
    dropped: bool = False

    @property
    def term(self) -> Term:
        """What its policy says of it."""
        return next(term for term in self.policy.terms if term.kind == self.kind)

    @property
    def is_over_at(self) -> datetime:
        """From when on it is too late: the second in which it is due is in time."""
        return self.due_at + _SECOND

    @property
    def runs(self) -> bool:
        return self.stopped_at is None and self.paused_at is None

    def standing(self, now: datetime) -> Standing:
        """How it stands at a moment."""
        if self.dropped:
            return "dropped"
        if self.breached_at or (self.runs and now >= self.is_over_at):
            return "breached"
        if self.stopped_at:
            return "met"
        return "paused" if self.paused_at else "pending"

    def stopped(self, at: datetime) -> "Clock":
        """What was owed is done."""
        if self.stopped_at:
            return self
        still = self.going(at)
        late = still.is_over_at if at >= still.is_over_at else None
        return replace(still, stopped_at=at, breached_at=still.breached_at or late)

    def resumed(self, at: datetime) -> "Clock":
        """It was not done after all. It runs on; whether it stood still meanwhile, its policy says."""
        if self.stopped_at is None or self.dropped:
            return self
        if "ended" not in self.term.pauses:
            return replace(self, stopped_at=None)
        return replace(self, stopped_at=None, pauses=(*self.pauses, Pause(self.stopped_at, at))).counted()

    def of_priority(self, priority: str) -> "Clock":
        """The same clock of a case that is more urgent now, or less. What is done for good stays as it was."""
        if self.stopped_at and not self.term.goes_on_when_reopened:
            return self
        changed = replace(self, priority=priority)
        same = self.term.target_of(priority) == self.term.target_of(self.priority)
        return changed if same else changed.counted()

    def still(self, at: datetime) -> "Clock":
        """It stands still."""
        return self if self.stopped_at or self.paused_at else replace(self, paused_at=at)

    def going(self, at: datetime) -> "Clock":
        """It stands still no longer, and is due later by so much."""
        if self.paused_at is None:
            return self
        return replace(self, paused_at=None, pauses=(*self.pauses, Pause(self.paused_at, at))).counted()

    def fixed(self, at: datetime | None) -> "Clock":
        """A person says by when it is due, whatever its policy says; None: nobody does any more."""
        return replace(self, fixed_at=at).counted()

    def counted(self) -> "Clock":
        """The same clock, due when it is by all that is known of it."""
        due = self.fixed_at or due_at(
            self.policy, self.term, self.calendar, self.started_at, self.pauses, self.priority
        )
        still_late = self.breached_at and due + _SECOND <= self.breached_at
        return replace(self, due_at=due, breached_at=self.breached_at if still_late else None)


def begun(ticket_id: UUID, policy: Policy, term: Term, at: datetime, priority: str = "normal") -> Clock:
    """The clock of a term, which begins."""
    due = due_at(policy, term, term.calendar, at, (), priority)
    return Clock(ticket_id, term.kind, policy, term.calendar, at, due, priority=priority)


def due_at(
    policy: Policy, term: Term, calendar: Calendar, start: datetime, pauses: tuple[Pause, ...], priority: str = "normal"
) -> datetime:
    """When a clock is due that began at `start` and stood still in these pauses. Raises `NeverEnough`."""
    target = term.target_of(priority)
    if term.measure == "working_minutes":
        due = add_working(calendar, start, minutes(target))
        for pause in pauses:
            if pause.start < due:
                due = add_working(calendar, pause.end, working_between(calendar, pause.start, due))
        return due
    zone = ZoneInfo(policy.zone)
    day = start.astimezone(zone).date()
    for _ in range(_MOST_DAYS):
        if not target:
            return datetime.combine(day, time(23, 59, 59), tzinfo=zone)
        day += _DAY
        target -= counts(term, calendar, day) and not stood_still(pauses, day, zone)
    raise NeverEnough(calendar.name)


def counts(term: Term, calendar: Calendar, day: date) -> bool:
    """Whether a day counts by a term that is measured in days."""
    return term.measure == "calendar_days" or is_working_day(term.counting(calendar), day)


def stood_still(pauses: tuple[Pause, ...], day: date, zone: ZoneInfo) -> bool:
    """Whether a clock stood still when a day ended: then the day is not counted."""
    ended = datetime.combine(day + _DAY, time(), tzinfo=zone)
    return any(pause.start < ended <= pause.end for pause in pauses)
