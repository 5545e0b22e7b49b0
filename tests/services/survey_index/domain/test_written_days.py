"""A day as people and programs write it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.sheet.written_days import FROM_1904, spelled, written_day
from services.survey_index.domain.span import EXPECTED_SPAN, DayOrder, Span

THE_DAY = date(2026, 10, 1)


def read(cell: str, order: DayOrder = "day_first", zone: str = "Asia/Jakarta") -> date:
    written = written_day(cell)
    assert written is not None, cell
    return written.day(order, zone)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-10-01",
        "20261001",
        "2026-10-01 04:21:54",
        "2026-10-01T04:21:54",
        "2026-10-01T04:21:54.123456",
        "2026-10-1",
        "2026/10/01",
        "2026.10.01",
        "2026/10/01 13:45:02",
        "01/10/2026",
        "1/10/2026",
        "01-10-2026",
        "01.10.2026",
        "1 / 10 / 2026",
        "1/10/26",
        "01/10/2026 13:45",
        "01/10/2026, 13:45",
        "01/10/2026 13.45.02",
        "01/10/2026 1:45:02 PM",
        "Kamis, 01/10/2026",
        "1 Oktober 2026",
        "01 oktober 2026",
        "1 OKT 2026",
        "1 Okt. 2026",
        "1-Okt-26",
        "1/Oct/2026",
        "Kamis, 1 Oktober 2026",
        "Kam, 1 Okt 2026",
        "1 October 2026",
        "October 1, 2026",
        "Oct 1st, 2026",
        "Thursday, October 1, 2026",
        "2026-Oct-01",
        "1 Oktober 2026 pukul 13.45",
        "1 Oktober 2026, 13:45",
        "46296",
        "46296.57",
        "46296,57",
        "  2026-10-01  ".strip(),
    ],
)
def test_day_is_read_as_it_is_written(cell: str) -> None:
    assert read(cell) == THE_DAY


@pytest.mark.parametrize(
    ("name", "month"),
    [
        *[(name, 2) for name in ("Februari", "Pebruari", "February", "Feb")],
        *[(name, 5) for name in ("Mei", "May")],
        *[(name, 8) for name in ("Agustus", "Agu", "Agt", "Ags", "Aug", "August")],
        *[(name, 9) for name in ("Sep", "Sept", "September")],
        *[(name, 11) for name in ("November", "Nopember", "Nov")],
        *[(name, 12) for name in ("Desember", "Des", "December", "Dec")],
    ],
)
def test_month_is_known_by_its_names_in_both_languages(name: str, month: int) -> None:
    assert read(f"7 {name} 2026") == read(f"{name} 7, 2026") == date(2026, month, 7)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-10-01T16:59:59Z", 1),
        ("2026-10-01T17:00:00Z", 2),
        ("2026-10-01T20:21:54+00:00", 2),
        ("2026-10-01 20:21:54 +0000", 2),
        ("2026-10-02T01:00:00+09:00", 1),
        ("2026/10/01 11:45:02 PM GMT+0", 2),
        ("2026/10/01 11:45:02 PM GMT+7", 1),
        ("2026/10/02 12:45:02 AM GMT+9", 1),
        ("Thu, 01 Oct 2026 20:00:00 GMT", 2),
        ("Thu Oct 01 2026 23:30:00 GMT+0700 (Western Indonesia Time)", 1),
        ("1 Oktober 2026 pukul 23.45 WIB", 1),
        ("2 Oktober 2026 00.15 WIT", 1),
    ],
)
def test_moment_with_a_zone_is_of_the_day_that_it_was_where_the_survey_is(cell: str, day: int) -> None:
    assert read(cell) == date(2026, 10, day)


def test_moment_with_a_zone_is_of_another_day_further_east() -> None:
    assert read("2026-10-01T16:00:00Z", zone="Asia/Jayapura") == date(2026, 10, 2)


@pytest.mark.parametrize(
    "cell",
    [
        "besok",
        "Oktober 2026",
        "2026",
        "1",
        "2026-10",
        "2026-W40",
        "1 Foo 2026",
        "Foo, 1 Oktober 2026",
        "2026-10-01x10:00",
        "2026-10-01T25:00",
        "2026-10-01 10:61",
        "01/10/2026 kemarin",
        "01/10/2026 13:45 PM",
        "01/10/2026 0:45 PM",
        "01-10/2026",
        "1/10/226",
        "13:45:02",
        "12345",
        "99999",
        "459311",
        "٠١/١٠/٢٠٢٦",
    ],
)
def test_what_is_no_day_is_none(cell: str) -> None:
    assert written_day(cell) is None


@pytest.mark.parametrize("cell", ["31/02/2026", "2026-02-31", "2026-13-01", "32/01/2026", "0/5/2026", "29 Feb 2026"])
def test_day_that_there_is_not_is_written_all_the_same(cell: str) -> None:
    written = written_day(cell)
    assert written is not None
    with pytest.raises(ValueError, match=r"month|day"):
        written.day()


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("13/05/2026", "day_first"),
        ("27/05/21", "day_first"),
        ("21/05/13", None),
        ("21/05/32", "day_first"),
        ("05/13/21", "month_first"),
        ("00/05/21", None),
        ("05/13/2026", "month_first"),
        ("05/06/2026", None),
        ("13/14/2026", None),
        ("45/05/2026", None),
        ("2026-05-13", None),
        ("13 Mei 2026", None),
    ],
)
def test_order_is_told_by_a_number_that_is_no_month(cell: str, order: str | None) -> None:
    written = written_day(cell)
    assert written is not None
    assert written.told_order(date(2026, 11, 30)) == order


def test_order_decides_where_both_numbers_may_be_months() -> None:
    assert (read("01/10/2026"), read("01/10/2026", "month_first")) == (THE_DAY, date(2026, 1, 10))
    decides = {c: written.may_be_read_otherwise(date(2026, 11, 30)) for c in CELLS if (written := written_day(c))}
    assert decides == CELLS


CELLS = {"01/10/2026": True, "05/05/2026": False, "2026-10-01": False, "1 Oktober 2026": False}
CELLS |= {"05/05/21": True, "05/05/05": False, "28/05/21": True, "1-Okt-21": False, "01/10/0000": False}


def test_year_of_two_digits_may_stand_in_front() -> None:
    cell = "21/01/05"
    assert (read(cell), read(cell, "year_first")) == (date(2005, 1, 21), date(2021, 1, 5))
    assert read("21/01/2005", "year_first") == date(2005, 1, 21)


def test_serial_is_counted_from_the_day_that_its_file_counts_from() -> None:
    written = written_day("44834", FROM_1904)
    assert written is not None
    assert written.day() == THE_DAY


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_in_every_spelling(day: date) -> None:
    assert read(day.isoformat()) == read(f"{day:%d/%m/%Y}") == read(f"{day:%m/%d/%Y}", "month_first") == day
    assert read(f"{day:%d-%m-%y}") == read(spelled(day)) == read(f"{day:%Y/%m/%d %H.%M}") == day
    assert read(str((day - date(1899, 12, 30)) // timedelta(days=1))) == day


@given(cell=st.text(max_size=40) | st.from_regex(r"[0-9/.\-: TZ]{1,30}"))
def test_whatever_a_cell_says_it_is_a_day_or_none_or_no_day_of_the_calendar(cell: str) -> None:
    written = written_day(cell)
    if written is not None:
        try:
            assert isinstance(written.day("day_first", "Asia/Jakarta"), date)
        except ValueError:
            assert not written.is_serial


# -- what is said of all answers --------------------------------------------------------------------------------


def test_span_is_a_day_or_two_with_dots_between() -> None:
    assert Span.read("2026-03-31") == Span(date(2026, 3, 31), date(2026, 3, 31))
    year = Span.read("2021-01-01..2021-12-31")
    assert (year.first, year.last) == (date(2021, 1, 1), date(2021, 12, 31))
    assert [str(span) for span in (year, Span.read("2026-03-31..2026-03-31"))] == [
        "2021-01-01..2021-12-31",
        "2026-03-31",
    ]
    assert Span.read(EXPECTED_SPAN.split()[-1]) == Span(date(2026, 1, 1), date(2026, 3, 31))


@pytest.mark.parametrize("text", ["", "..", "2026-03-31..", "..2026-03-31", "31-03-2026", "2026-02-30", "20260331"])
def test_span_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day"):
        Span.read(text)


def test_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        Span.read("2026-03-31..2026-03-30")
