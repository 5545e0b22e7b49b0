"""The day column of a file: read in one order, and no row dated that nobody dated."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from services.survey_index.domain.sheet.days import Days
from services.survey_index.domain.sheet.notes import Notes
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from services.survey_index.domain.span import DaysTaken, Span
from tests.services.survey_index.conftest import SKM, SLUGS
from tests.services.survey_index.domain.reading import GOOD, Read, read
from tests.services.survey_index.domain.test_sheet import FACTS, PERSON, with_facts

TODAY = date(2026, 11, 30)
YEAR = Span(date(2021, 1, 1), date(2021, 12, 31))
Q = chr(34)


def column(cells: Sequence[str], name: str = "tanggal", **rules: Any) -> Read:
    """A file with these cells in its column of days."""
    lines = [f"R{n},{Q}{cell}{Q},{','.join('3' * 9)}" for n, cell in enumerate(cells, start=1)]
    content = "\n".join([f"respondent,{name},{','.join(SLUGS)}", *lines])
    return read(content, **{"today": TODAY, "needs_days": True, **rules})


def days(cells: Sequence[str], **rules: Any) -> list[date | None]:
    found = column(cells, **rules)
    assert found.faults == []
    return [row.day for row in found.rows]


def faults(cells: Sequence[str], **rules: Any) -> list[tuple[str, str, str]]:
    return [(fault.field, fault.message, fault.expected) for fault in column(cells, **rules).faults]


# -- what is wrong with a day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "message", "expected"),
    [
        ("besok", "is not a day", "a day such as 2026-03-31 or 31 Maret 2026"),
        ("0001-01-01", "is not a day", "a day such as 2026-03-31 or 31 Maret 2026"),
        ("31/02/2026", "is no day of the calendar", "a day that there is"),
        ("2026-02-31 10:00", "is no day of the calendar", "a day that there is"),
        ("13/14/2026", "is no day of the calendar", "a day that there is"),
        ("0/5/2026", "is no day of the calendar", "a day that there is"),
        ("2026-12-01", "lies in the future", "a day up to 2026-11-30"),
        ("31/12/26", "lies in the future", "a day up to 2026-11-30"),
        ("2026-11-30T17:00:00Z", "lies in the future", "a day up to 2026-11-30"),
        ("2025-12-31", "is outside the survey's period", "a day from 2026-01-01 to 2026-06-30"),
        ("1 Juli 2026", "is outside the survey's period", "a day from 2026-01-01 to 2026-06-30"),
        ("", "is empty", "the day of the answers, or `answered_on` for the rows without one"),
    ],
)
def test_day_that_cannot_be_is_told_why(cell: str, message: str, expected: str) -> None:
    found = faults([cell], first=date(2026, 1, 1), last=date(2026, 6, 30))
    assert found == [("row 2, column tanggal", message, expected)]


def test_fault_of_a_day_never_quotes_the_cell() -> None:
    assert "Rahasia" not in repr(faults(["Rahasia", "31/02/1977", "Rahasia, 1 Mei 2026"]))


def test_time_stamps_of_one_day_are_read_each_by_itself() -> None:
    stamps = ["2026-10-01 04:21:54", "2026-10-01 04:17:43", "2026-10-01T23:59:59.5", "2026-10-02 00:00"]
    assert days(stamps) == [date(2026, 10, 1)] * 3 + [date(2026, 10, 2)]
    bad = ["2026-10-01 04:21:54", "2026-10-01 24:17:43", "2026-10-01 kemarin", "2026-10-01 04:21:54"]
    assert [fault[0] for fault in faults(bad)] == ["row 3, column tanggal", "row 4, column tanggal"]


def test_moment_with_a_zone_is_not_taken_for_one_without() -> None:
    """Though the day in front of it was read before."""
    assert days(["2026-10-01 20:00:00", "2026-10-01 20:00:00Z"]) == [date(2026, 10, 1), date(2026, 10, 2)]


# -- the order of day and month ---------------------------------------------------------------------------------


def test_order_is_told_by_any_row_of_the_column() -> None:
    assert days(["01/10/2026", "02/10/2026", "13/10/2026"]) == [date(2026, 10, n) for n in (1, 2, 13)]
    assert days(["10/01/2026", "10/02/2026 11:00", "10/13/2026 4:05 PM"]) == [date(2026, 10, n) for n in (1, 2, 13)]
    far_below = ["01/10/2026"] * 6_000 + ["10/13/2026"]
    assert set(days(far_below)) == {date(2026, 1, 10), date(2026, 10, 13)}


def test_order_that_nothing_tells_is_asked_for_once_with_both_readings() -> None:
    expected = "day_order=day_first (1 October 2026) or day_order=month_first (10 January 2026)"
    message = "can be read in two ways, and no row tells which is meant"
    asked = faults(["05/05/2026", "01/10/2026 09:00", "02/10/2026", "2026-10-13", ""], answered_on=YEAR)
    assert asked == [("row 3, column tanggal", message, expected)]


def test_order_is_not_asked_for_where_it_does_not_matter() -> None:
    found = column(["05/05/2026", "2026-10-01", "1 Oktober 2026"])
    assert [row.day for row in found.rows] == [date(2026, 5, 5), date(2026, 10, 1), date(2026, 10, 1)]
    assert found.days is not None
    assert found.days.day_order is None


def test_order_that_is_said_is_obeyed() -> None:
    assert days(["01/10/2026"], day_order="day_first") == [date(2026, 10, 1)]
    assert days(["01/10/2026"], day_order="month_first") == [date(2026, 1, 10)]


def test_year_of_two_digits_is_asked_for_unless_a_row_tells_where_it_stands() -> None:
    """20210105 and 21 January 2005 are both written 21/01/05."""
    two = "day_order=day_first (21 January 2005) or day_order=year_first (5 January 2021)"
    three = (
        "day_order=day_first (5 January 2007) or day_order=month_first (1 May 2007) "
        "or day_order=year_first (7 January 2005)"
    )
    told = "and no row tells which is meant"
    assert faults(["21/01/05", "21/01/06"]) == [("row 2, column tanggal", f"can be read in two ways, {told}", two)]
    assert faults(["05/01/07"]) == [("row 2, column tanggal", f"can be read in three ways, {told}", three)]
    assert days(["21/01/05", "27/01/05"]) == [date(2005, 1, 21), date(2005, 1, 27)]
    assert days(["21/01/05", "21/01/26"], day_order="year_first") == [date(2021, 1, 5), date(2021, 1, 26)]


def test_year_first_is_contradicted_by_a_day_that_does_not_begin_with_its_year() -> None:
    found = faults(["21/01/05", "31/01/21", "21/02/30", "05/01/2021", "2021-01-05"], day_order="year_first")
    assert [(where, message) for where, message, _ in found] == [
        ("row 3, column tanggal", "lies in the future"),
        ("row 4, column tanggal", "is no day of the calendar"),
        ("row 5, column tanggal", "has day and month the other way round"),
    ]
    assert found[2][2] == "days written year first, in two digits, as day_order says"


def test_year_in_front_is_told_by_no_slip_of_the_pen_and_by_no_year_of_four_digits() -> None:
    (fault,) = faults(["05/01/21", "00/01/21", "28/01/21"])
    assert fault[:2] == ("row 3, column tanggal", "is no day of the calendar")
    assert [fault[1] for fault in faults(["21/01/05", "13/01/2021"])] == [
        "can be read in two ways, and no row tells which is meant"
    ]
    assert days(["26/12/01"]) == [date(2001, 12, 26)]  # 1 December 2026 is yet to come


def test_order_is_told_by_a_respondent_though_a_sum_above_has_the_same_day() -> None:
    header = ["respondent", "date", *SKM.codes]
    people = [["R1", "01/05/2021", *"333333333"], ["R2", "01/13/2021", *"333333333"]]
    rows = [header, people[0], ["Subtotal", "01/13/2021", *["6"] * 9], people[1]]
    rules, faults = Rules(SKM), Faults()
    (found,) = read_rows(rows, rules, faults, days=Days(rules, lambda: rows))
    assert [row.day for row in found] == [date(2021, 1, 5), date(2021, 1, 13)]


@pytest.mark.parametrize("day", ["13/01/2021", "01/13/2021", "01/02/2021"], ids=["told", "told otherwise", "open"])
def test_day_of_a_sum_between_respondents_neither_tells_nor_asks_for_the_order(day: str) -> None:
    header = ["respondent", "date", *SKM.codes]
    people = [["R1", "05/05/2021", *"333333333"], ["R2", "03/02/2021", *"333333333"]]
    rows = [header, people[0], ["Subtotal", day, *["6"] * 9], people[1]]
    rules, faults = Rules(SKM), Faults()
    assert [*read_rows(rows, rules, faults, days=Days(rules, lambda: rows))] == []
    assert [fault.field for fault in faults] == ["row 4, column date"]


@pytest.mark.parametrize("label", ["Jepara,", "Dicetak", "Dibuat oleh Budi"])
def test_day_of_a_signature_is_nobodys(label: str) -> None:
    header = ["respondent", "date", *SKM.codes]
    people = [[f"R{n}", f"0{n}/01/2021", *"333333333"] for n in range(1, 7)]
    rows = [header, *people, [label, "31/12/2021", *[""] * 9]]
    rules, faults = Rules(SKM), Faults()
    assert [*read_rows(rows, rules, faults, days=Days(rules, lambda: rows))] == []
    assert [fault.field for fault in faults] == ["row 3, column date"]
    said = Rules(SKM, day_order="month_first")
    days, faults, notes = Days(said), Faults(), Notes()
    (found,) = read_rows(rows, said, faults, days=days, notes=notes)
    taken = days.days_taken()
    assert (faults, len(found), [passed.row for passed in notes.passed_over]) == ([], 6, [8])
    assert taken is not None
    assert (taken.first, taken.last) == (date(2021, 1, 1), date(2021, 6, 1))


def test_order_that_the_file_contradicts_is_a_fault_at_its_row() -> None:
    for said, why in (({"day_order": "day_first"}, "as day_order says"), ({}, "as others in this column are")):
        found = faults(["13/10/2026", "10/14/2026", "02/10/2026"], **said)
        message = "has day and month the other way round"
        assert found == [("row 3, column tanggal", message, f"days written day first, {why}")]


# -- rows and files that tell no day ----------------------------------------------------------------------------


def test_row_without_a_day_is_of_those_that_were_said() -> None:
    found = column(["2026-10-01", "", " "], answered_on=YEAR)
    assert [row.day for row in found.rows] == [date(2026, 10, 1), None, None]
    assert found.days == DaysTaken(
        first=YEAR.first, last=date(2026, 10, 1), column="tanggal", by_column=1, by_answered_on=2
    )


def test_days_that_were_taken_are_told_with_where_they_are_from() -> None:
    found = column(["13/10/2026", "01/10/2026"], name="Tanggal Pengisian").days
    assert found is not None
    assert (found.first, found.last) == (date(2026, 10, 1), date(2026, 10, 13))
    assert (found.column, found.by_column, found.by_answered_on, found.day_order) == (
        ("Tanggal Pengisian", 2, 0, "day_first")
    )
    assert read(GOOD, answered_on=YEAR).days == DaysTaken(first=YEAR.first, last=YEAR.last, by_answered_on=2)
    assert read(GOOD).days is None


def test_file_without_days_is_refused_with_the_ways_on() -> None:
    (fault,) = read(GOOD, needs_days=True).faults
    assert (fault.field, fault.message) == ("answered_on", "is missing: no column has the day of each answer")
    way = "answered_on=DAY or FROM..TO (--answered-on), or a column of days: mapping="
    assert fault.expected == f"{way}COLUMN:date"
    jepara = (
        "rid,mulai,selesai,loket,kode,a,b," + ",".join(SLUGS) + "\n"
        "R1,2021-01-05 04:21:54,05/01/2021,3,45931,1 Mei 2021,2021-01-01," + ",".join("3" * 9) + "\n"
        "R2,,06/01/2021,2021-01-05,45932,2 Mei 2021,2021-01-01," + ",".join("3" * 9) + "\n"
    )
    (fault,) = read(jepara, needs_days=True, ignore_others=True).faults
    assert fault.expected == f"{way}mulai:date or selesai:date or a:date"
    (fault,) = read(jepara, "mulai:-,selesai:comment", needs_days=True, ignore_others=True).faults
    assert fault.expected == f"{way}mulai:date or a:date or b:date"
    assert read(jepara, "mulai:date", needs_days=True, ignore_others=True, answered_on=YEAR).faults == []


@pytest.mark.parametrize(
    "name",
    [
        "date",
        "Tanggal",
        "TGL",
        "Tanggal Survei",
        "tanggal_pengisian",
        "Tanggal Wawancara",
        "Timestamp",
        "Stempel Waktu",
        "Cap waktu",
        "submitdate",
        "_submission_time",
        "submitted_at",
        "answered_on",
        "answered_at",
    ],
)
def test_column_of_days_is_known_by_the_names_that_people_and_tools_give_it(name: str) -> None:
    assert days(["2026-10-01"], name=name) == [date(2026, 10, 1)]


def test_second_column_of_days_is_told_how_to_pass_it_over() -> None:
    content = with_facts(f"{PERSON}2020-03-30,").replace(FACTS, f"{FACTS}Timestamp,")
    (fault,) = read(content).faults
    assert fault.field == "row 1, column Timestamp"
    assert "mapping=Timestamp:-" in fault.expected
    assert [row.day for row in read(content, "Timestamp:-").rows] == [date(2020, 3, 31)]
    assert [row.day for row in read(content, "Tanggal:-").rows] == [date(2020, 3, 30)]


def test_order_that_no_row_tells_is_looked_for_once_however_many_rows_there_are() -> None:
    rows = [["respondent", "date", *SKM.codes]]
    rows += [[f"R{n}", f"0{n % 9 + 1}/10/2020 08:{n % 60:02d}:00", *["3"] * 9] for n in range(200)]
    rules, faults, looks = Rules(SKM), Faults(), 0

    def again() -> Iterator[list[str]]:
        nonlocal looks
        looks += 1
        return iter(rows)

    assert [*read_rows(rows, rules, faults, days=Days(rules, again))] == []
    assert (looks, [fault.message for fault in faults]) == (
        1,
        ["can be read in two ways, and no row tells which is meant"],
    )


@pytest.mark.parametrize("footer", ["31/12/2020", "12/31/2020"])
def test_order_is_not_told_by_a_row_that_is_no_respondent(footer: str) -> None:
    header = ["respondent", "date", *SKM.codes]
    rows = [header, ["R1", "01/10/2020", *"333333333"], ["Jumlah", footer, *["3"] * 9]]
    rules, faults = Rules(SKM), Faults()
    assert [*read_rows(rows, rules, faults, days=Days(rules, lambda: rows))] == []
    assert [fault.message for fault in faults] == ["can be read in two ways, and no row tells which is meant"]
