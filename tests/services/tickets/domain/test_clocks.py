"""Deadlines: the tables of docs/domain.md, "Deadlines", the edges of a zone, and what holds for every filing."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.domain.clocks import Clock, Pause, begun
from services.tickets.domain.policies import RESOLUTION, Measure, Term, days_policy
from services.tickets.domain.thresholds import threshold
from tests.services.tickets.domain.given import OFFICE, TICKET, at, every_day, policy, weekdays

ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
WORKING: tuple[Measure, ...] = ("working_days", "working_days_with_cuti_bersama")


def in_days(
    filed_at: datetime, measure: Measure = "calendar_days", days: int = 7, zone: str = "Asia/Jakarta"
) -> datetime:
    """When a case is due that is to be resolved within so many days."""
    under = days_policy("ptsa", 1, days, measure, zone, OFFICE)
    return begun(TICKET, under, under.terms[0], filed_at).due_at


def due_on(filed_on: date, measure: Measure, days: int) -> date:
    return in_days(datetime.combine(filed_on, time(9), ZoneInfo("Asia/Jakarta")), measure, days).date()


def in_hours(start: str, hours: int, calendar: object = None, **changes: object) -> Clock:
    """A clock of so many working hours that began then."""
    kept = calendar or weekdays(8, 17)
    under = policy(Term(RESOLUTION, hours * 60, "working_minutes", kept, **changes))  # type: ignore[arg-type]
    return begun(TICKET, under, under.terms[0], at(start))


@pytest.mark.parametrize(
    ("filed_on", "measure", "due"),
    [
        (date(2024, 4, 5), "calendar_days", date(2024, 4, 12)),
        (date(2024, 4, 5), "working_days", date(2024, 4, 18)),
        (date(2024, 4, 5), "working_days_with_cuti_bersama", date(2024, 4, 24)),
        (date(2026, 3, 13), "calendar_days", date(2026, 3, 20)),
        (date(2026, 3, 13), "working_days", date(2026, 3, 25)),
        (date(2026, 3, 13), "working_days_with_cuti_bersama", date(2026, 3, 31)),
    ],
)
def test_table_of_the_domain(filed_on: date, measure: Measure, due: date) -> None:
    filed_at = datetime.combine(filed_on, time(9), tzinfo=ZoneInfo("Asia/Jakarta"))
    assert in_days(filed_at, measure) == datetime.combine(due, time(23, 59, 59), tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.mark.parametrize(
    ("zone", "due"),
    [("Asia/Jakarta", 21), ("Asia/Pontianak", 21), ("Asia/Makassar", 21), ("Asia/Jayapura", 21), ("UTC", 20)],
)
def test_half_past_eleven_at_night_in_utc_is_the_next_day_in_indonesia(zone: str, due: int) -> None:
    filed_at = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
    assert in_days(filed_at, zone=zone) == datetime(2026, 3, due, 23, 59, 59, tzinfo=ZoneInfo(zone))


def test_zone_of_the_unit_decides_which_day_it_was() -> None:
    """15:30 UTC is 22:30 in Jakarta, 23:30 in Makassar, and already tomorrow in Jayapura."""
    filed_at = datetime(2026, 3, 13, 15, 30, tzinfo=UTC)
    days = {zone: in_days(filed_at, zone=zone).date().day for zone in ZONES}
    assert days == {"Asia/Jakarta": 20, "Asia/Pontianak": 20, "Asia/Makassar": 20, "Asia/Jayapura": 21}


def test_first_and_the_last_second_of_a_day_have_the_same_deadline() -> None:
    first, last = at("2026-03-13 00:00:00"), at("2026-03-13 23:59:59")
    assert in_days(first) == in_days(last) < in_days(last + timedelta(seconds=1))


BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
FILED = st.integers(0, 15 * 365 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
FILED_ON = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@settings(max_examples=50)
@given(filed_at=FILED, zone=st.sampled_from(ZONES), days=st.integers(1, 60))
def test_calendar_days_end_with_the_last_second_of_that_local_day(filed_at: datetime, zone: str, days: int) -> None:
    due = in_days(filed_at, days=days, zone=zone).astimezone(ZoneInfo(zone))
    assert due.date() == filed_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    assert due.timetz().replace(tzinfo=None) == time(23, 59, 59)


@settings(max_examples=50)
@given(filed_on=FILED_ON, days=st.integers(1, 30), measure=st.sampled_from(WORKING))
def test_working_days_end_on_a_working_day_and_count_just_those_between(
    filed_on: date, days: int, measure: Measure
) -> None:
    due = due_on(filed_on, measure, days)
    categories = ("public",) if measure == "working_days" else ("public", "government")
    free = holidays.country_holidays("ID", years=range(filed_on.year, due.year + 1), categories=categories)
    between = [filed_on + timedelta(days=ahead) for ahead in range(1, (due - filed_on).days + 1)]
    assert due.weekday() < 5
    assert due not in free
    assert len([day for day in between if day.weekday() < 5 and day not in free]) == days


@settings(max_examples=30)
@given(filed_on=FILED_ON, days=st.integers(1, 30))
def test_more_days_are_free_the_later_it_is_due(filed_on: date, days: int) -> None:
    calendar, working, with_leave = (due_on(filed_on, measure, days) for measure in ("calendar_days", *WORKING))
    assert filed_on < calendar <= working <= with_leave


# -- pauses -----------------------------------------------------------------------------------------------------


def test_pause_over_a_weekend_is_as_long_as_its_working_time() -> None:
    """Nine hours from Friday at ten; it stands still from Friday at eleven until Monday at eleven."""
    clock = in_hours("2026-03-13 10:00", 9)
    assert clock.due_at == at("2026-03-16 10:00")
    assert clock.still(at("2026-03-13 11:00")).going(at("2026-03-16 11:00")).due_at == at("2026-03-17 10:00")


def test_working_day_is_not_nine_hours() -> None:
    assert in_hours("2026-03-09 16:50", 9).due_at == at("2026-03-10 16:50")
    assert in_days(at("2026-03-09 16:50"), "working_days", 1) == at("2026-03-10 23:59:59")


def test_pause_after_the_deadline_moves_nothing() -> None:
    clock = in_hours("2026-03-09 10:00", 1)
    late = clock.still(at("2026-03-10 10:00")).going(at("2026-03-12 10:00"))
    assert late.due_at == clock.due_at
    assert late.pauses == (Pause(at("2026-03-10 10:00"), at("2026-03-12 10:00")),)


def test_day_at_whose_end_a_clock_stood_still_does_not_count() -> None:
    """Filed on Friday for five working days; a weekend of waiting costs nothing, two nights cost two days."""
    under = days_policy("p", 1, 5, "working_days", "Asia/Jakarta", OFFICE)
    clock = begun(TICKET, under, under.terms[0], at("2026-05-29 09:00"))
    assert clock.due_at == at("2026-06-08 23:59:59")
    assert clock.still(at("2026-05-29 10:00")).going(at("2026-06-02 11:00")).due_at == at("2026-06-08 23:59:59")
    assert clock.still(at("2026-06-02 10:00")).going(at("2026-06-04 11:00")).due_at == at("2026-06-10 23:59:59")
    assert clock.still(at("2026-06-02 10:00")).going(at("2026-06-02 11:00")).due_at == clock.due_at


# -- in time or too late ----------------------------------------------------------------------------------------


def test_second_in_which_it_is_due_is_in_time() -> None:
    clock = in_hours("2026-03-09 10:00", 1)
    assert clock.standing(at("2026-03-09 11:00:00")) == "pending"
    assert clock.standing(at("2026-03-09 11:00:01")) == "breached"
    assert clock.stopped(at("2026-03-09 11:00:00")).standing(at("2026-03-20 00:00")) == "met"
    assert clock.stopped(at("2026-03-09 11:00:01")).standing(at("2026-03-20 00:00")) == "breached"
    assert clock.still(at("2026-03-09 10:30")).standing(at("2026-03-20 00:00")) == "paused"


def test_fixed_end_holds_whatever_the_calendar_says_until_it_is_taken_back() -> None:
    clock = in_hours("2026-03-09 10:00", 1)
    fixed = clock.fixed(at("2026-03-15 03:00"))
    assert fixed.still(at("2026-03-09 10:10")).going(at("2026-03-12 10:10")).due_at == at("2026-03-15 03:00")
    assert fixed.fixed(None) == clock


# -- warnings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "due", "warn"),
    [
        ("2026-03-09 10:00", "2026-03-09 14:00", "2026-03-09 13:00"),
        ("2026-03-09 17:00", "2026-03-10 11:00", "2026-03-10 10:00"),
        ("2026-03-09 14:30", "2026-03-10 08:30", "2026-03-09 17:30"),
        ("2026-03-09 15:00", "2026-03-10 09:00", "2026-03-10 08:00"),
    ],
)
def test_warning_comes_so_much_working_time_before(created: str, due: str, warn: str) -> None:
    """Eight to six, four hours, one hour before. The last: at a moment at which somebody is there, not at closing."""
    clock = in_hours(created, 4, weekdays(8, 18), warn_before=60)
    assert (clock.due_at, threshold(clock, "warn")) == (at(due), at(warn))


def test_warning_of_a_clock_in_days_comes_in_working_time_too() -> None:
    under = policy(Term(RESOLUTION, 7, "calendar_days", weekdays(8, 16), warn_before=8 * 60))
    clock = begun(TICKET, under, under.terms[0], at("2026-03-07 09:00"))
    assert (clock.due_at, threshold(clock, "warn")) == (at("2026-03-14 23:59:59"), at("2026-03-13 08:00"))


def test_warning_that_would_come_before_the_clock_began_is_none() -> None:
    assert threshold(in_hours("2026-03-09 10:00", 1, warn_before=60), "warn") is None


def test_two_clocks_run_by_two_calendars() -> None:
    under = policy(
        Term("first_response", 60, "working_minutes", every_day()), Term(RESOLUTION, 60, "working_minutes", OFFICE)
    )
    filed_at = at("2026-03-14 10:00")
    assert [begun(TICKET, under, term, filed_at).due_at for term in under.terms] == [
        at("2026-03-14 11:00"),
        at("2026-03-16 09:00"),
    ]
