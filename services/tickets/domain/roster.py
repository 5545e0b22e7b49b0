"""Who works on cases: agents, what they can, when they work, and whether they are there.

Presence is what somebody declares, for as long as he says (a lease): no connection that breaks, and no telephone that
sleeps, makes him absent. When the lease ends he is given nothing new, and keeps what he has.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from shared.caller import Role
from shared.holidays import joint_leave, public_holidays
from shared.roles import MAY

Presence = Literal["available", "away", "offline"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Unable = Literal["may_not", "offline", "away", "lease_ended", "off_shift"]
GRACE = timedelta(minutes=1)
"""How long somebody still counts as there whose lease has ended: the next one may be on its way."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` on a day of the week until `end`, of the next day if that is not later."""

    day: Weekday
    start: time
    end: time

    @classmethod
    def of(cls, day: Weekday, start: str, end: str) -> "Shift":
        """A shift by its times as people write them, `08:00`."""
        return cls(day, time.fromisoformat(start), time.fromisoformat(end))

    def holds(self, day: date, at: datetime, zone: ZoneInfo) -> bool:
        """Whether `at` lies in the shift that begins on this day."""
        if WEEKDAYS[day.weekday()] != self.day:
            return False
        last = day if self.start < self.end else day + _DAY
        return datetime.combine(day, self.start, zone) <= at < datetime.combine(last, self.end, zone)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works on cases. `subject` is that of his token; `skills` are slugs of topics, and none means all.

    Without shifts he works whenever he says that he is there. A shift that begins on a day off does not take place,
    unless he `works_on_days_off`. `capacity` is how many open cases he is given at most.
    """

    subject: str
    name: str
    role: Role
    units: frozenset[str]
    capacity: int
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"id"})
    shifts: tuple[Shift, ...] = ()
    works_on_days_off: bool = False
    zone: str = "Asia/Jakarta"
    presence: Presence = "offline"
    present_until: datetime | None = None
    last_given_at: datetime | None = None


def why_unable(agent: Agent, now: datetime) -> Unable | None:
    """Why somebody is given nothing now, whatever it is; None if nothing speaks against it."""
    if "cases:work" not in MAY[agent.role]:
        return "may_not"
    if agent.presence != "available":
        return agent.presence
    if agent.present_until is None or agent.present_until + GRACE <= now:
        return "lease_ended"
    return None if is_on_shift(agent, now) else "off_shift"


def is_on_shift(agent: Agent, now: datetime) -> bool:
    """Whether somebody works at `now`, as the clocks of his zone show it."""
    if not agent.shifts:
        return True
    zone = ZoneInfo(agent.zone)
    today = now.astimezone(zone).date()
    days = [day for day in (today - _DAY, today) if agent.works_on_days_off or not _is_off(day)]
    return any(shift.holds(day, now, zone) for day in days for shift in agent.shifts)


def _is_off(day: date) -> bool:
    return day in public_holidays(day.year) or day in joint_leave(day.year)
