"""Clocks: by when something is due. Each deadline is a pure function of the filing, the policy and the calendar
(docs/domain.md, "Deadlines").
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.holidays import joint_leave, public_holidays

Mode = Literal["calendar_days", "working_days", "working_days_with_cuti_bersama"]
Kind = Literal["resolution"]
CALENDAR = "indonesia"
CALENDAR_VERSION = f"ID/holidays-{version('holidays')}"
"""What the days off came from: the country, and the version of the library that knows them."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """Within how many days a case is resolved, and which days count. `zone` is the unit's."""

    name: str
    version: int
    resolution_days: int
    mode: Mode
    zone: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when something is owed about a ticket, by which policy and which calendar. It runs until it is stopped."""

    ticket_id: UUID
    kind: Kind
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    policy_name: str
    policy_version: int
    calendar_name: str
    calendar_version: str

    def stopped(self, at: datetime) -> "Clock":
        """What was owed is done."""
        return replace(self, stopped_at=at)

    def resumed(self) -> "Clock":
        """It was not done after all. The clock runs on from where it began, and is due when it was."""
        return replace(self, stopped_at=None)


def resolution_clock(ticket_id: UUID, filed_at: datetime, policy: Policy) -> Clock:
    """The clock of a new ticket, by the end of which it is to be resolved."""
    return Clock(
        ticket_id=ticket_id,
        kind="resolution",
        started_at=filed_at,
        due_at=resolution_due_at(filed_at, policy),
        stopped_at=None,
        policy_name=policy.name,
        policy_version=policy.version,
        calendar_name=CALENDAR,
        calendar_version=CALENDAR_VERSION,
    )


def resolution_due_at(filed_at: datetime, policy: Policy) -> datetime:
    """The end of the last day, in the unit's zone: its last second. The day of filing is not counted."""
    zone = ZoneInfo(policy.zone)
    day = last_day(filed_at.astimezone(zone).date(), policy.resolution_days, policy.mode)
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone)


def last_day(filed_on: date, days: int, mode: Mode) -> date:
    """The `days`-th counting day after `filed_on`."""
    if mode == "calendar_days":
        return filed_on + timedelta(days=days)
    day = filed_on
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, cuti_bersama_is_free=mode == "working_days_with_cuti_bersama")
    return day


def is_working_day(day: date, *, cuti_bersama_is_free: bool) -> bool:
    """Monday to Friday, unless it is a public holiday or, if that counts, a collective leave day."""
    if day.weekday() >= _SATURDAY:
        return False
    return day not in public_holidays(day.year) and not (cuti_bersama_is_free and day in joint_leave(day.year))
