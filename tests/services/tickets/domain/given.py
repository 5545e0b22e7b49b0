"""Calendars and policies that tests are given."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.tickets.domain.calendars import Calendar, Slot
from services.tickets.domain.policies import Policy, Term

JAKARTA = ZoneInfo("Asia/Jakarta")
TICKET = UUID(int=1)


def weekdays(opens: int, closes: int, zone: str = "Asia/Jakarta", name: str = "office") -> Calendar:
    """Monday to Friday between two full hours, and no days off but the weekend."""
    return Calendar(name, 1, zone, ((Slot(opens * 60, closes * 60),),) * 5 + ((),) * 2)


def every_day(opens: int = 0, closes: int = 24, zone: str = "Asia/Jakarta") -> Calendar:
    return Calendar("always", 1, zone, ((Slot(opens * 60, closes * 60),),) * 7)


OFFICE = weekdays(8, 16, name="indonesia")


def policy(*terms: Term, zone: str = "Asia/Jakarta") -> Policy:
    return Policy("p", 1, zone, terms)


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    """A moment as people write it: `2026-03-13 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)
