"""Sums of working time: the edges of slots, days and zones, days off, and calendars with hardly an hour."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.domain.calendars import (
    Calendar,
    NeverEnough,
    Slot,
    SpecialDay,
    add_working,
    is_working_day,
    spans,
    take_working,
    working_between,
)
from tests.services.tickets.domain.given import at, every_day, weekdays

HOUR = timedelta(hours=1)
TWICE_A_DAY = Calendar("split", 1, "Asia/Jakarta", ((Slot(480, 720), Slot(780, 1020)),) * 5 + ((),) * 2)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-09 08:00", 9, "2026-03-09 17:00"),
        ("2026-03-09 07:59", 9, "2026-03-09 17:00"),
        ("2026-03-09 16:50", 9, "2026-03-10 16:50"),
        ("2026-03-13 10:00", 9, "2026-03-16 10:00"),
        ("2026-03-14 12:00", 1, "2026-03-16 09:00"),
        ("2026-03-13 17:00", 1, "2026-03-16 09:00"),
    ],
)
def test_working_hours_are_added_within_slots_alone(start: str, hours: int, due: str) -> None:
    assert add_working(weekdays(8, 17), at(start), hours * HOUR) == at(due)


def test_day_of_several_slots_leaves_out_what_is_between_them() -> None:
    assert add_working(TWICE_A_DAY, at("2026-03-09 11:00"), 2 * HOUR) == at("2026-03-09 14:00")
    assert working_between(TWICE_A_DAY, at("2026-03-09 11:30"), at("2026-03-09 13:30")) == HOUR


def test_day_and_night_lose_no_minute_at_midnight() -> None:
    assert working_between(every_day(), at("2026-03-01 12:34"), at("2026-04-01 12:34")) == timedelta(days=31)
    assert add_working(every_day(), at("2026-03-01 12:34"), timedelta(days=31)) == at("2026-04-01 12:34")


def test_slot_has_its_first_moment_and_not_its_last() -> None:
    office = weekdays(8, 17)
    assert working_between(office, at("2026-03-09 17:00"), at("2026-03-10 08:00")) == timedelta(0)
    assert working_between(office, at("2026-03-09 16:59"), at("2026-03-10 08:01")) == timedelta(minutes=2)


def test_day_off_is_none_where_the_calendar_says_so_and_has_hours_of_its_own() -> None:
    """2026-03-19 is a public holiday and 2026-03-18 cuti bersama, both on days of the week that have work."""
    plain = weekdays(8, 16)
    eve, day = date(2026, 3, 18), date(2026, 3, 19)
    keeping = plain.keeping("public", "government")
    assert [is_working_day(calendar, d) for calendar in (plain, keeping) for d in (eve, day)] == [
        True,
        True,
        False,
        False,
    ]
    assert is_working_day(plain.keeping("public"), eve)
    special = {
        day: SpecialDay("Piket Nyepi", None),
        eve: SpecialDay("Piket", (Slot(540, 600),)),
        date(2026, 3, 17): SpecialDay("Cuti bersama baru", ()),
    }
    changed = Calendar("office", 2, "Asia/Jakarta", plain.week, frozenset({"public", "government"}), special)
    assert [len(list(spans(changed, date(2026, 3, d)))) for d in (17, 18, 19, 20)] == [0, 1, 1, 0]
    assert working_between(changed, at("2026-03-17 00:00"), at("2026-03-20 00:00")) == 9 * HOUR
    assert changed.why_closed(date(2026, 3, 17)) == "Cuti bersama baru"
    assert (changed.why_closed(day), changed.why_closed(date(2026, 3, 22))) == (
        None,
        "Hari kedua dari Hari Raya Idul Fitri",
    )


def test_zone_of_the_calendar_says_which_hour_it_is() -> None:
    """Nine in the morning in Jakarta is eleven in Jayapura: of nine to twelve there, one hour is left."""
    east = weekdays(9, 12, "Asia/Jayapura")
    assert working_between(east, at("2026-03-09 09:00"), at("2026-03-09 23:00")) == HOUR


def test_hour_that_the_clocks_leave_out_or_show_twice_is_as_long_as_it_was() -> None:
    berlin = every_day(zone="Europe/Berlin")
    spring, autumn = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert [
        sum((b - a for a, b in spans(berlin, day)), timedelta()) // HOUR
        for day in (date(2026, 3, 29), date(2026, 10, 25))
    ] == [23, 25]
    assert add_working(berlin, spring, 24 * HOUR) == spring + 24 * HOUR
    assert add_working(berlin, autumn, 26 * HOUR) == autumn + 26 * HOUR


def test_calendar_with_one_hour_on_tuesdays_is_summed_right() -> None:
    one_hour = Calendar("x", 1, "Asia/Jakarta", ((), (Slot(600, 660),), (), (), (), (), ()))
    assert add_working(one_hour, at("2026-03-09 00:00"), 3 * HOUR) == at("2026-03-24 11:00")
    assert take_working(one_hour, at("2026-03-24 11:00"), 2 * HOUR) == at("2026-03-17 10:00")


@pytest.mark.parametrize("special", [{}, {date(2026, 3, 10): SpecialDay("Selasa", (Slot(600, 660),))}])
def test_calendar_that_never_has_enough_says_so(special: dict[date, SpecialDay]) -> None:
    empty = Calendar("x", 1, "Asia/Jakarta", ((),) * 7, special=special)
    with pytest.raises(NeverEnough):
        add_working(empty, at("2026-03-09 00:00"), 2 * HOUR)
    with pytest.raises(NeverEnough):
        take_working(empty, at("2026-03-11 00:00"), 2 * HOUR)


def test_year_of_which_no_decree_is_known_is_told() -> None:
    office = weekdays(8, 16)
    assert office.keeping("public").undecreed(date(2026, 12, 1), date(2031, 1, 1)) == [2028, 2029, 2030, 2031]
    assert office.undecreed(date(2026, 12, 1), date(2031, 1, 1)) == []


SLOTS = st.lists(st.integers(0, 48), min_size=0, max_size=6, unique=True).map(
    lambda ends: tuple(Slot(a * 30, b * 30) for a, b in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)
WEEKS = st.tuples(*[SLOTS] * 7).filter(any)
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda minute: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute))


@settings(max_examples=60)
@given(week=WEEKS, start=MOMENTS, minutes=st.integers(1, 1500))
def test_sum_and_difference_agree(week: tuple[tuple[Slot, ...], ...], start: datetime, minutes: int) -> None:
    """As many minutes lie before the end as were added, and the last of them just before it."""
    calendar, amount = Calendar("x", 1, "Asia/Jakarta", week), timedelta(minutes=minutes)
    end = add_working(calendar, start, amount)
    assert working_between(calendar, start, end) == amount
    assert working_between(calendar, end - timedelta(seconds=1), end) == timedelta(seconds=1)
    back = take_working(calendar, end, amount)
    assert working_between(calendar, back, end) == amount
    assert working_between(calendar, back, back + timedelta(seconds=1)) == timedelta(seconds=1)


@settings(max_examples=40)
@given(week=WEEKS, moments=st.tuples(MOMENTS, MOMENTS, MOMENTS))
def test_differences_add_up(week: tuple[tuple[Slot, ...], ...], moments: tuple[datetime, datetime, datetime]) -> None:
    calendar = Calendar("x", 1, "Asia/Jakarta", week)
    first, middle, last = sorted(moments)
    whole = working_between(calendar, first, last)
    assert whole == working_between(calendar, first, middle) + working_between(calendar, middle, last)
