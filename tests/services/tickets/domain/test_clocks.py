"""Deadlines: the table of docs/domain.md, "Deadlines", the edges of a zone, and what holds for every filing."""

import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.clocks import Mode, Policy, is_working_day, last_day, resolution_clock, resolution_due_at

ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
WORKING: tuple[Mode, ...] = ("working_days", "working_days_with_cuti_bersama")


def policy(mode: Mode = "calendar_days", days: int = 7, zone: str = "Asia/Jakarta") -> Policy:
    return Policy("ptsa", 1, days, mode, zone)


@pytest.mark.parametrize(
    ("filed_on", "mode", "due_on"),
    [
        (date(2024, 4, 5), "calendar_days", date(2024, 4, 12)),
        (date(2024, 4, 5), "working_days", date(2024, 4, 18)),
        (date(2024, 4, 5), "working_days_with_cuti_bersama", date(2024, 4, 24)),
        (date(2026, 3, 13), "calendar_days", date(2026, 3, 20)),
        (date(2026, 3, 13), "working_days", date(2026, 3, 25)),
        (date(2026, 3, 13), "working_days_with_cuti_bersama", date(2026, 3, 31)),
    ],
)
def test_table_of_the_domain(filed_on: date, mode: Mode, due_on: date) -> None:
    assert last_day(filed_on, 7, mode) == due_on
    filed_at = datetime.combine(filed_on, time(9), tzinfo=ZoneInfo("Asia/Jakarta"))
    end = datetime.combine(due_on, time(23, 59, 59), tzinfo=ZoneInfo("Asia/Jakarta"))
    assert resolution_due_at(filed_at, policy(mode)) == end


@pytest.mark.parametrize(
    ("zone", "due_on"),
    [("Asia/Jakarta", 21), ("Asia/Pontianak", 21), ("Asia/Makassar", 21), ("Asia/Jayapura", 21), ("UTC", 20)],
)
def test_half_past_eleven_at_night_in_utc_is_the_next_day_in_indonesia(zone: str, due_on: int) -> None:
    due = resolution_due_at(datetime(2026, 3, 13, 23, 30, tzinfo=UTC), policy(zone=zone))
    assert due == datetime(2026, 3, due_on, 23, 59, 59, tzinfo=ZoneInfo(zone))


def test_zone_of_the_unit_decides_which_day_it_was() -> None:
    """15:30 UTC is 22:30 in Jakarta, 23:30 in Makassar, and already tomorrow in Jayapura."""
    filed_at = datetime(2026, 3, 13, 15, 30, tzinfo=UTC)
    days = {zone: resolution_due_at(filed_at, policy(zone=zone)).date().day for zone in ZONES}
    assert days == {"Asia/Jakarta": 20, "Asia/Pontianak": 20, "Asia/Makassar": 20, "Asia/Jayapura": 21}


def test_first_and_the_last_second_of_a_day_have_the_same_deadline() -> None:
    first = datetime(2026, 3, 13, 0, 0, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
    last = first.replace(hour=23, minute=59, second=59)
    assert resolution_due_at(first, policy()) == resolution_due_at(last, policy())
    assert resolution_due_at(last + timedelta(seconds=1), policy()) > resolution_due_at(last, policy())


def test_collective_leave_is_free_only_if_the_policy_says_so() -> None:
    """2026-03-18 is cuti bersama, 2026-03-19 a public holiday."""
    assert is_working_day(date(2026, 3, 18), cuti_bersama_is_free=False)
    assert not is_working_day(date(2026, 3, 18), cuti_bersama_is_free=True)
    assert not is_working_day(date(2026, 3, 19), cuti_bersama_is_free=False)


BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
FILED = st.integers(0, 15 * 365 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds))


@given(filed_at=FILED, zone=st.sampled_from(ZONES), days=st.integers(1, 60))
def test_calendar_days_end_with_the_last_second_of_that_local_day(filed_at: datetime, zone: str, days: int) -> None:
    due = resolution_due_at(filed_at, policy(days=days, zone=zone)).astimezone(ZoneInfo(zone))
    assert due.date() == filed_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    assert due.timetz().replace(tzinfo=None) == time(23, 59, 59)


@given(filed_on=st.dates(date(2015, 1, 1), date(2030, 1, 1)), days=st.integers(1, 30), mode=st.sampled_from(WORKING))
def test_working_days_end_on_a_working_day_and_count_just_those_between(filed_on: date, days: int, mode: Mode) -> None:
    due = last_day(filed_on, days, mode)
    categories = ("public",) if mode == "working_days" else ("public", "government")
    free = holidays.country_holidays("ID", years=range(filed_on.year, due.year + 1), categories=categories)
    between = [filed_on + timedelta(days=ahead) for ahead in range(1, (due - filed_on).days + 1)]
    assert due.weekday() < 5
    assert due not in free
    assert len([day for day in between if day.weekday() < 5 and day not in free]) == days


@given(filed_on=st.dates(date(2015, 1, 1), date(2030, 1, 1)), days=st.integers(1, 30))
def test_more_days_are_free_the_later_it_is_due(filed_on: date, days: int) -> None:
    calendar, working, with_leave = (last_day(filed_on, days, mode) for mode in ("calendar_days", *WORKING))
    assert filed_on < calendar <= working <= with_leave


def test_clock_says_by_what_it_was_set() -> None:
    clock = resolution_clock(UUID(int=1), BEGIN, policy())
    assert (clock.started_at, clock.due_at, clock.stopped_at) == (BEGIN, resolution_due_at(BEGIN, policy()), None)
    assert (clock.policy_name, clock.policy_version, clock.calendar_name) == ("ptsa", 1, "indonesia")
    assert re.fullmatch(r"ID/holidays-\d+(\.\d+)+", clock.calendar_version)
