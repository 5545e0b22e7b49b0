"""Agents: whether one is there, and whether it is his time."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.tickets.domain.roster import GRACE, WEEKDAYS, Agent, Shift, is_on_shift, why_unable

JAKARTA = ZoneInfo("Asia/Jakarta")
FRIDAY = datetime(2026, 3, 13, 9, tzinfo=JAKARTA)
"""A working day."""


def agent(subject: str = "staff:1", **changes: Any) -> Agent:
    """Somebody who is there, and may take ten."""
    given: dict[str, Any] = {
        "subject": subject,
        "name": "Petugas",
        "role": "agent",
        "units": frozenset({"setjen"}),
        "capacity": 10,
        "presence": "available",
        "present_until": FRIDAY + timedelta(hours=1),
        **changes,
    }
    return Agent(**{**given, "shifts": tuple(given.get("shifts", ()))})


OFFICE = [Shift(day, time(8), time(16)) for day in WEEKDAYS[:5]]
NIGHT = [Shift("fri", time(22), time(6))]


@pytest.mark.parametrize(
    ("changes", "later", "why"),
    [
        ({}, timedelta(), None),
        ({"role": "unit_head"}, timedelta(), None),
        ({"role": "officer"}, timedelta(), "may_not"),
        ({"role": "auditor"}, timedelta(), "may_not"),
        ({"presence": "away"}, timedelta(), "away"),
        ({"presence": "offline"}, timedelta(), "offline"),
        ({"present_until": None}, timedelta(), "lease_ended"),
        ({}, timedelta(hours=1) + GRACE - timedelta(seconds=1), None),
        ({}, timedelta(hours=1) + GRACE, "lease_ended"),
        ({"shifts": OFFICE}, timedelta(), None),
        ({"shifts": OFFICE, "present_until": FRIDAY + timedelta(days=9)}, timedelta(hours=7), "off_shift"),
        ({"shifts": OFFICE, "presence": "away"}, timedelta(days=1), "away"),
    ],
)
def test_agent_is_given_nothing_unless_he_may_is_there_and_works(
    changes: dict[str, Any], later: timedelta, why: str | None
) -> None:
    assert why_unable(agent(**changes), FRIDAY + later) == why


@pytest.mark.parametrize(
    ("shifts", "at", "works"),
    [
        ([], datetime(2026, 3, 15, 3, tzinfo=JAKARTA), True),
        (OFFICE, datetime(2026, 3, 13, 8, tzinfo=JAKARTA), True),
        (OFFICE, datetime(2026, 3, 13, 7, 59, 59, tzinfo=JAKARTA), False),
        (OFFICE, datetime(2026, 3, 13, 16, tzinfo=JAKARTA), False),
        (OFFICE, datetime(2026, 3, 13, 1, tzinfo=UTC), True),
        (OFFICE, datetime(2026, 3, 14, 9, tzinfo=JAKARTA), False),
        (NIGHT, datetime(2026, 3, 13, 23, tzinfo=JAKARTA), True),
        (NIGHT, datetime(2026, 3, 14, 5, 59, tzinfo=JAKARTA), True),
        (NIGHT, datetime(2026, 3, 14, 6, tzinfo=JAKARTA), False),
        (NIGHT, datetime(2026, 3, 13, 5, tzinfo=JAKARTA), False),
        (OFFICE, datetime(2026, 8, 17, 9, tzinfo=JAKARTA), False),
        ([Shift("mon", time(0), time(0))], datetime(2026, 3, 16, 23, 59, tzinfo=JAKARTA), True),
    ],
)
def test_shift_is_told_by_the_clocks_of_its_zone_over_midnight_and_not_on_a_day_off(
    shifts: list[Shift], at: datetime, works: bool
) -> None:
    assert is_on_shift(agent(shifts=shifts), at) is works


def test_shift_on_a_day_off_takes_place_for_who_works_then() -> None:
    independence_day = datetime(2026, 8, 17, 9, tzinfo=JAKARTA)
    assert is_on_shift(agent(shifts=OFFICE, works_on_days_off=True), independence_day)
