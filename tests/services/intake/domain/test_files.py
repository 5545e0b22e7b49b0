"""Names of files, and which files a form takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.files import plain_name
from services.intake.domain.forms import MOST_FILES, MOST_FILES_BYTES, fault_of

MB = 1_048_576


@given(st.text())
def test_name_is_one_line_without_folders_that_is_not_changed_again(written: str) -> None:
    name = plain_name(written)
    assert len(name) <= 200
    assert not set(name) & set("/\\\n\r\0")
    name.encode()
    assert plain_name(name).strip() == name.strip()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("bukti.pdf", "bukti.pdf"),
        ("C:\\foto\\ktp.jpg", "ktp.jpg"),
        ("../../etc/passwd", "passwd"),
        ("gaji\u202efdp.exe", "gajifdp.exe"),
        ("x" * 300, "x" * 200),
    ],
)
def test_name_is_what_stands_behind_the_folders(written: str, name: str) -> None:
    assert plain_name(written) == name


@pytest.mark.parametrize(
    ("sizes", "fault"),
    [
        ([], None),
        ([0] * MOST_FILES, None),
        ([0] * (MOST_FILES + 1), "too_many"),
        ([MB], None),
        ([MB + 1], "too_large"),
        ([MB + 1] + [0] * MOST_FILES, "too_large"),
    ],
)
def test_files_of_a_form_are_few_and_small(sizes: list[int], fault: str | None) -> None:
    assert fault_of(sizes, MB) == fault


def test_files_of_a_form_are_small_together() -> None:
    half = MOST_FILES_BYTES // 2
    assert fault_of([half, half], MOST_FILES_BYTES) is None
    assert fault_of([half, half + 1], MOST_FILES_BYTES) == "too_large"
