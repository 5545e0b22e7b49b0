"""In which portions the parser writes what it found."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.intake.jobs.parser import portions


def sizes(counts: Sequence[int], most: int) -> list[list[int]]:
    return list(portions(counts, lambda size: size, most))


def test_portion_holds_so_much_at_most_and_what_is_larger_by_itself_stands_alone() -> None:
    assert sizes([100, 99, 1, 1, 700, 3], 200) == [[100, 99, 1], [1], [700], [3]]
    assert sizes([], 200) == []


@given(counts=st.lists(st.integers(0, 9), max_size=20))
def test_portions_are_all_that_was_parsed_in_its_order(counts: list[int]) -> None:
    found = sizes(counts, 5)
    assert [size for portion in found for size in portion] == counts
    assert all(sum(portion) <= 5 or len(portion) == 1 for portion in found)
