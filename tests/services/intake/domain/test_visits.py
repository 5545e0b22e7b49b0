"""A visit belongs to the booth's own day, is called within five minutes, and ends once."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.visits import (
    VisitEnded,
    VisitNotCalled,
    booth_day,
    call_due_at,
    check_can_be_notified,
    check_may_end,
)
from shared.errors import Invalid
from shared.events import Person

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"])


@pytest.mark.parametrize(
    ("now", "zone", "day"),
    [
        (datetime(2026, 3, 13, 16, 59, 59, tzinfo=UTC), "Asia/Jakarta", date(2026, 3, 13)),
        (datetime(2026, 3, 13, 17, 0, 0, tzinfo=UTC), "Asia/Jakarta", date(2026, 3, 14)),
        (datetime(2026, 3, 13, 15, 59, 59, tzinfo=UTC), "Asia/Makassar", date(2026, 3, 13)),
        (datetime(2026, 3, 13, 16, 0, 0, tzinfo=UTC), "Asia/Makassar", date(2026, 3, 14)),
        (datetime(2026, 3, 13, 14, 59, 59, tzinfo=UTC), "Asia/Jayapura", date(2026, 3, 13)),
        (datetime(2026, 3, 13, 15, 0, 0, tzinfo=UTC), "Asia/Jayapura", date(2026, 3, 14)),
        (datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC), "Asia/Jakarta", date(2027, 1, 1)),
    ],
)
def test_day_begins_at_midnight_where_the_booth_stands(now: datetime, zone: str, day: date) -> None:
    assert booth_day(now, zone) == day


@given(moments, zones)
def test_day_lasts_24_hours_and_days_follow_each_other(now: datetime, zone: str) -> None:
    midnight = datetime.combine(booth_day(now, zone), datetime.min.time(), ZoneInfo(zone))
    assert midnight <= now < midnight + timedelta(hours=24)
    assert booth_day(now + timedelta(hours=24), zone) == booth_day(now, zone) + timedelta(days=1)


@given(moments)
def test_visitor_must_be_called_within_five_minutes(taken_at: datetime) -> None:
    assert call_due_at(taken_at, timedelta(minutes=5)) - taken_at == timedelta(seconds=300)


def test_visitor_who_was_not_called_cannot_be_served() -> None:
    with pytest.raises(VisitNotCalled):
        check_may_end("waiting")


@pytest.mark.parametrize("status", ["settled", "escalated"])
def test_visit_ends_once(status: str) -> None:
    with pytest.raises(VisitEnded):
        check_may_end(status)


@pytest.mark.parametrize("status", ["no_show", "closed_unserved"])
def test_visit_that_only_the_end_of_the_day_ended_may_be_served(status: str) -> None:
    check_may_end(status, was_swept=True)
    with pytest.raises(VisitEnded):
        check_may_end(status)


@pytest.mark.parametrize("status", ["settled", "escalated"])
def test_visit_that_was_served_after_the_end_of_the_day_ends_once(status: str) -> None:
    with pytest.raises(VisitEnded):
        check_may_end(status, was_swept=True)


def test_visitor_who_stands_at_the_booth_may_be_served() -> None:
    check_may_end("called")


@pytest.mark.parametrize("citizen", [Person(phone="+6281234567890"), Person(email="warga@surel.example")])
def test_citizen_with_a_phone_or_an_email_can_be_notified(citizen: Person) -> None:
    check_can_be_notified(citizen)


@pytest.mark.parametrize("citizen", [Person(), Person(name="Warga Satu"), Person(phone="", email="")])
def test_citizen_without_both_is_refused_and_both_fields_are_named(citizen: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        check_can_be_notified(citizen)
    assert [error.field for error in refusal.value.errors] == ["phone", "email"]
