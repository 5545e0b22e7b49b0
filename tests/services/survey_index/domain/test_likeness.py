"""When two files are held to be the same one, corrected."""

from datetime import date

import pytest

from services.survey_index.domain.likeness import InCommon, are_dated_alike, are_written_alike
from services.survey_index.domain.span import DaysTaken


@pytest.mark.parametrize(
    ("in_common", "rows", "others_rows", "most"),
    [
        (0, 1, 1, False),
        (1, 1, 1, True),
        (199, 400, 400, False),
        (200, 400, 400, True),
        (200, 1_000, 400, True),
        (200, 400, 1_000, True),
        (199, 400, 1_000, False),
        (0, 400, 0, False),
    ],
)
def test_half_of_the_rows_of_the_shorter_file_are_most(in_common: int, rows: int, others_rows: int, most: bool) -> None:
    assert InCommon(in_common).has_most_of(rows, others_rows) is most


@pytest.mark.parametrize(
    ("alone", "least_alone", "tells", "most"),
    [(2, 4, False, True), (2, 5, True, False), (3, 5, True, True), (49, 99, True, False), (50, 99, True, True)],
)
def test_half_of_the_rows_that_are_alone_are_most_and_five_are_enough(
    alone: int, least_alone: int, tells: bool, most: bool
) -> None:
    found = InCommon(1_000, alone, least_alone)
    assert (found.is_telling, found.has_most_alone) == (tells, most)


@pytest.mark.parametrize(
    ("number", "others", "alike"),
    [
        ("R-007", "r-1", True),
        ("2026-Q1-001", "2026-Q2-072", True),
        ("R00001", "00001", False),
        ("1", "1.0", False),
        ("A-001", "B-001", False),
    ],
)
def test_numbers_are_written_alike_that_differ_in_their_digits_alone(number: str, others: str, alike: bool) -> None:
    assert are_written_alike(number, others) is alike


IN_A_COLUMN = DaysTaken(
    first=date(2026, 3, 1), last=date(2026, 3, 4), column="tanggal", by_column=4, day_order="day_first"
)


@pytest.mark.parametrize(
    ("others", "alike"),
    [
        (IN_A_COLUMN, True),
        (IN_A_COLUMN.model_copy(update={"first": date(2026, 2, 1), "by_column": 9}), True),
        (IN_A_COLUMN.model_copy(update={"by_answered_on": 1}), False),
        (IN_A_COLUMN.model_copy(update={"column": "", "by_column": 0, "by_answered_on": 4}), False),
        (IN_A_COLUMN.model_copy(update={"column": "diisi"}), False),
        (IN_A_COLUMN.model_copy(update={"day_order": "month_first"}), False),
        (None, False),
    ],
)
def test_files_are_dated_alike_where_one_column_tells_all_days_of_both(others: DaysTaken | None, alike: bool) -> None:
    assert are_dated_alike(IN_A_COLUMN, others) is alike
    assert are_dated_alike(others, IN_A_COLUMN) is alike
