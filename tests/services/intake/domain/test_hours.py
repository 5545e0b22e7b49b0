"""Service hours have their first moment and not their last, whatever the zone, past midnight and all week long."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain.hours import WEEKDAYS, Hours, Interval, hours_of, standing
from services.intake.settings import IntakeSettings

DEFAULT = hours_of(IntakeSettings().hours, IntakeSettings().hours_zone)


def at(text: str) -> datetime:
    """A moment as it is written with its offset."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "closes_at", "next_opening"),
    [
        ("2026-03-13T07:59:59+07:00", False, None, "2026-03-13T08:00:00+07:00"),
        ("2026-03-13T08:00:00+07:00", True, "2026-03-13T20:00:00+07:00", "2026-03-14T08:00:00+07:00"),
        ("2026-03-13T19:59:59+07:00", True, "2026-03-13T20:00:00+07:00", "2026-03-14T08:00:00+07:00"),
        ("2026-03-13T20:00:00+07:00", False, None, "2026-03-14T08:00:00+07:00"),
        ("2026-12-31T23:00:00+07:00", False, None, "2027-01-01T08:00:00+07:00"),
    ],
)
def test_hours_are_eight_to_eight_in_jakarta_unless_told_otherwise(
    now: str, is_open: bool, closes_at: str | None, next_opening: str
) -> None:
    found = standing(DEFAULT, at(now))
    assert (found.is_open, found.next_opening) == (is_open, at(next_opening))
    assert found.closes_at == (at(closes_at) if closes_at else None)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-03-13T19:59:00+07:00", False),
        ("2026-03-13T20:00:00+07:00", True),
        ("2026-03-14T01:59:59+07:00", True),
        ("2026-03-14T02:00:00+07:00", False),
        ("2026-03-14T20:00:00+07:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(now: str, is_open: bool) -> None:
    friday_night = hours_of("fri 20:00-02:00", "Asia/Jakarta")
    assert standing(friday_night, at(now)).is_open == is_open


def test_hours_around_the_clock_never_close() -> None:
    for text in ("always", "mon-sun 00:00-24:00", "mon-sun 08:00-20:00; mon-sun 20:00-08:00", "mon-sun 08:00-08:00"):
        found = standing(hours_of(text, "Asia/Jayapura"), at("2026-03-13T23:59:59.999999+09:00"))
        assert (found.is_open, found.closes_at, found.next_opening) == (True, None, None), text


def test_hours_that_touch_are_one() -> None:
    found = standing(hours_of("fri 08:00-12:00 12:00-17:00", "Asia/Jakarta"), at("2026-03-13T08:00:00+07:00"))
    assert found.closes_at == at("2026-03-13T17:00:00+07:00")
    assert found.next_opening == at("2026-03-20T08:00:00+07:00"), "the same day of the next week"


def test_hours_follow_the_clocks_of_their_zone() -> None:
    """Summer time began on 2026-03-29 in Berlin: eight o'clock came an hour earlier."""
    berlin = hours_of("mon-sun 08:00-20:00", "Europe/Berlin")
    assert standing(berlin, at("2026-03-28T21:00:00+01:00")).next_opening == at("2026-03-29T08:00:00+02:00")
    left_out = hours_of("sun 02:00-02:30", "Europe/Berlin")
    assert standing(left_out, at("2026-03-28T12:00:00+01:00")).is_open is False


def test_hours_that_never_are_do_not_open() -> None:
    found = standing(Hours(ZoneInfo("Asia/Jakarta"), ()), at("2026-03-13T09:00:00+07:00"))
    assert (found.is_open, found.closes_at, found.next_opening) == (False, None, None)


IDUL_FITRI = ("2026-03-18", "2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24")
"""The holiday of 1447 H with its cuti bersama, as the three ministers decreed it."""


@pytest.mark.parametrize("given", [IDUL_FITRI, ("ID", "ID/cuti-bersama")])
def test_hours_of_a_holiday_are_none_and_the_next_opening_is_after_all_of_them(given: tuple[str, ...]) -> None:
    hours = hours_of("mon-sun 08:00-20:00", "Asia/Jakarta", given)
    assert standing(hours, at("2026-03-17T19:00:00+07:00")).is_open
    eve = standing(hours, at("2026-03-19T20:00:00+07:00"))
    assert (eve.is_open, eve.next_opening) == (False, at("2026-03-25T08:00:00+07:00"))
    for text in ("2026-03-20T09:00:00+07:00", "2026-03-24T19:59:59+07:00"):
        found = standing(hours, at(text))
        assert (found.is_open, found.next_opening) == (False, at("2026-03-25T08:00:00+07:00"))
    assert standing(hours, at("2026-03-25T08:00:00+07:00")).is_open


def test_hours_past_midnight_go_on_into_a_holiday_and_begin_on_none() -> None:
    nights = hours_of("mon-sun 20:00-02:00", "Asia/Jakarta", ["2026-03-20"])
    moments = ("2026-03-20T01:59:59+07:00", "2026-03-20T20:00:00+07:00", "2026-03-21T20:00:00+07:00")
    assert [standing(nights, at(moment)).is_open for moment in moments] == [True, False, True]


def test_hours_around_the_clock_close_for_a_holiday() -> None:
    found = standing(hours_of("always", "Asia/Jakarta", ["2026-03-20"]), at("2026-03-18T09:00:00+07:00"))
    assert (found.is_open, found.closes_at) == (True, at("2026-03-20T00:00:00+07:00"))
    assert found.next_opening == at("2026-03-21T00:00:00+07:00")


def test_hours_of_one_day_in_a_week_open_though_holidays_fall_on_it_for_weeks() -> None:
    fridays = ["2026-03-20", "2026-03-27", "2026-04-03"]
    found = standing(hours_of("fri 08:00-12:00", "Asia/Jakarta", fridays), at("2026-03-14T09:00:00+07:00"))
    assert found.next_opening == at("2026-04-10T08:00:00+07:00")


@pytest.mark.parametrize("given", ["20 March", "SG", "2026-02-30", "ID,besok"])
def test_holidays_that_are_no_days_are_refused_at_the_start(given: str) -> None:
    with pytest.raises(ValidationError, match="holidays"):
        IntakeSettings.model_validate({"holidays": given})
    with pytest.raises(ValueError, match="holidays are dates such as"):
        hours_of("always", "UTC", given.split(","))


def test_days_are_written_as_a_span_that_may_go_over_the_weekend() -> None:
    days = {interval.weekday for interval in hours_of("sat-mon 08:00-09:00", "UTC").week}
    assert {WEEKDAYS[day] for day in days} == {"sat", "sun", "mon"}


TEXTS = (
    "",
    "mon",
    "8-20",
    "mon 8:00-20:00",
    "mon 08:00-25:00",
    "mon 08:00",
    "xyz 08:00-20:00",
    "mon-fri,sat 08:00-9:00",
)


@pytest.mark.parametrize("text", TEXTS)
def test_hours_that_nobody_can_read_are_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        IntakeSettings.model_validate({"hours": text})
    assert refused.value.errors()[0]["loc"] == ("hours",)
    with pytest.raises(ValueError, match="are such as"):
        hours_of(text, "Asia/Jakarta")


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
INTERVALS = st.builds(Interval, weekday=st.integers(0, 6), opens=MINUTES, closes=MINUTES)
ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Kathmandu"])
MOMENTS = st.integers(0, 365 * 86_400 - 1).map(lambda second: at("2026-01-01T00:00:00Z") + timedelta(seconds=second))


def covers(interval: Interval, local: datetime) -> bool:
    """Whether a clock in the zone is within an interval, by the clock alone."""
    begun_today = local.weekday() == interval.weekday and local.time() >= interval.opens
    if interval.closes > interval.opens:
        return begun_today and local.time() < interval.closes
    yesterday = (local.weekday() - 1) % 7 == interval.weekday
    return begun_today or (yesterday and local.time() < interval.closes)


@given(week=st.lists(INTERVALS, max_size=6), zone=ZONES, now=MOMENTS)
def test_standing_says_what_a_clock_on_the_wall_says(week: list[Interval], zone: str, now: datetime) -> None:
    hours = Hours(ZoneInfo(zone), tuple(week))
    found = standing(hours, now)
    assert found.is_open == any(covers(interval, now.astimezone(hours.zone)) for interval in week)
    moment = timedelta(microseconds=1)
    if found.closes_at:
        assert found.closes_at > now
        assert standing(hours, found.closes_at - moment).is_open
        assert not standing(hours, found.closes_at).is_open
    if found.next_opening:
        assert found.next_opening > (found.closes_at or now)
        assert standing(hours, found.next_opening).is_open
        assert not standing(hours, found.next_opening - moment).is_open
    if week and not found.is_open:
        assert found.next_opening is not None
        assert found.next_opening - now <= timedelta(days=7)
