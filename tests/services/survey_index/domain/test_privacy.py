"""What may be shown to everybody."""

from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.privacy import FEWEST, shown


def test_small_groups_are_hidden_and_one_alone_takes_the_next_smallest_with_it() -> None:
    assert shown({"a": 3, "b": 10, "c": 7}) == {"a": None, "b": 10, "c": None}
    assert shown({"a": 3, "b": 2, "c": 70}) == {"a": None, "b": None, "c": 70}
    assert shown({"a": 5, "b": 0}) == {"a": 5, "b": 0}
    assert shown({}) == {}


@given(counts=st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=6))
def test_no_small_group_is_shown_nor_can_be_found_by_subtraction(counts: dict[str, int]) -> None:
    visible = shown(counts)
    assert visible.keys() == counts.keys()
    hidden = [key for key, count in visible.items() if count is None]
    assert all(visible[key] == counts[key] for key in counts if key not in hidden)
    assert not any(count is not None and 0 < count < FEWEST for count in visible.values())
    people = [key for key, count in counts.items() if count]
    assert len(hidden) != 1 or hidden == people
