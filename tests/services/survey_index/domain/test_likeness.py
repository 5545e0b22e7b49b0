"""When two files are held to be the same one, corrected."""

import pytest

from services.survey_index.domain.likeness import By, is_alike


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
