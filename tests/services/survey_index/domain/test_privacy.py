"""What may be shown to everybody."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.privacy import FEWEST, without_small_groups


def test_small_groups_are_hidden_with_the_smallest_of_the_others() -> None:
    assert without_small_groups({"a": 3, "b": 10, "c": 7}) == {"a": None, "b": 10, "c": None}
    assert without_small_groups({"a": 1, "b": 1, "c": 20, "d": 0}) == {"a": None, "b": None, "c": None, "d": 0}
    assert without_small_groups({"a": 5, "b": 0}) == {"a": 5, "b": 0}


def test_where_all_are_small_nothing_is_shown() -> None:
    assert without_small_groups({"a": 4, "b": 4}) == {}
    assert without_small_groups({}) == {}


@given(counts=st.dictionaries(st.text(max_size=3), st.integers(0, 12), max_size=5))
def test_who_knows_the_rule_and_the_sum_cannot_tell_a_small_group(counts: dict[str, int]) -> None:
    """Every table of the same sum that would look the same is a possible one: no hidden cell is the same in all."""
    visible = without_small_groups(counts)
    hidden = [key for key, count in visible.items() if count is None]
    assert all(count is None or count == 0 or count >= FEWEST for count in visible.values())
    assert all(visible[key] in (None, counts[key]) for key in visible)
    left = sum(counts[key] for key in hidden)
    possible = [
        dict(zip(hidden, values, strict=True))
        for values in product(range(1, left + 1), repeat=len(hidden))
        if sum(values) == left
    ]
    alike = [table for table in possible if without_small_groups(counts | table) == visible]
    assert all(len({table[key] for table in alike}) > 1 for key in hidden)
