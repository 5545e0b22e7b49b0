"""When a paper was printed, by our clock, and what it says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.booths import Booth, BoothService, Dispenser, label_of, series_of
from services.intake.domain.dispensers import corrected

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
offsets = st.timedeltas(timedelta(days=-3000), timedelta(days=3000))
ages = st.timedeltas(timedelta(0), timedelta(days=7))


@given(offsets, ages)
def test_paper_is_as_old_as_the_dispenser_says_however_wrong_its_clock_is(offset: timedelta, age: timedelta) -> None:
    theirs = NOW + offset
    assert corrected(theirs - age, theirs, NOW) == NOW - age


@given(offsets, offsets)
def test_paper_is_never_of_the_future(offset: timedelta, ahead: timedelta) -> None:
    assert corrected(NOW + offset + ahead, NOW + offset, NOW) <= NOW


@given(st.sampled_from(["", "A", "B", "AB"]), st.sampled_from(["", "X", "1"]), st.integers(1, 99_999))
def test_paper_says_its_series_and_its_whole_number(prefix: str, own: str, number: int) -> None:
    series = series_of(BoothService("a", prefix), Dispenser("D1", own))
    label = label_of(series, number)
    assert label.startswith(series)
    assert int(label.removeprefix(series)) == number


def test_booth_closes_at_its_midnight_unless_it_says_otherwise() -> None:
    booth = Booth("B1", "Asia/Jayapura")
    assert booth.closing(booth.day(NOW)) == datetime(2026, 3, 13, 15, 0, tzinfo=UTC)
    assert booth.midnight_before(NOW) == datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
