"""What may be shown to everybody."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.privacy import FEWEST, masked, without_small_groups


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


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("NIK saya 3174012345670001, tolong", "NIK saya ••••••••••••0001, tolong"),
        ("hubungi 0812-3456-7890 ya", "hubungi ••••••••••7890 ya"),
        ("+62 812 3456 7890", "•••••••••••••7890"),
        ("NIK 3201  0101  0190  0001", "NIK ••••••••••••••••••0001"),
        ("HP (0812) 3456\u20137890", "HP ••••••••••••7890"),
        ("0812\u200b3456\u200b7890", "••••••••••7890"),
        ("surel warga@surel.example saja", "surel (alamat surel) saja"),
        ("antre 45 menit di loket 3, 12.30", "antre 45 menit di loket 3, 12.30"),
    ],
)
def test_citizens_own_words_are_told_without_what_he_may_be_found_by(said: str, left: str) -> None:
    assert masked(said) == left
