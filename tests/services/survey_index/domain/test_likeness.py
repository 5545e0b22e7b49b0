"""When two files are held to be the same one, corrected."""

from datetime import date

import pytest

from services.survey_index.domain.likeness import By, are_dated_alike, is_alike
from services.survey_index.domain.span import DaysTaken


@pytest.mark.parametrize(
    ("by", "in_common", "rows", "others_rows", "alike"),
    [
        ("numbers", 0, 400, 400, False),
        ("numbers", 1, 400, 400, True),
        ("rows", 0, 1, 1, False),
        ("rows", 1, 1, 1, True),
        ("rows", 199, 400, 400, False),
        ("rows", 200, 400, 400, True),
        ("rows", 200, 1_000, 400, True),
        ("rows", 200, 400, 1_000, True),
        ("rows", 199, 400, 1_000, False),
        ("rows", 0, 400, 0, False),
    ],
)
def test_one_number_or_half_of_the_rows_of_the_shorter_file_is_enough(
    by: By, in_common: int, rows: int, others_rows: int, alike: bool
) -> None:
    assert is_alike(by, in_common, rows, others_rows) is alike


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
