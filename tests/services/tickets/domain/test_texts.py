"""How alike two texts are: the same in other words much, another case little, and what says nothing not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.texts import gist_of, likeness_of, numbers_differ

WORDS = "lampu jalan Kenanga 12 tidak nyala tdk padam 🙏 yang insentif belum cair gang 7 %"
TEXTS = st.lists(st.sampled_from(WORDS.split())).map(" ".join)
CASE = "Lampu penerangan jalan di Jl. Kenanga gang 12 padam sudah seminggu, mohon diperbaiki"


@given(one=TEXTS, other=TEXTS)
def test_likeness_is_symmetric_and_between_nothing_and_all(one: str, other: str) -> None:
    found = likeness_of(gist_of(one), gist_of(other))
    assert found == pytest.approx(likeness_of(gist_of(other), gist_of(one)))
    assert 0 <= found <= 1
    assert likeness_of(gist_of(one), gist_of(one)) in (0, pytest.approx(1))


@pytest.mark.parametrize(
    ("other", "at_least", "at_most"),
    [
        ("Assalamualaikum min, lmpu penerangan jln Kenanga gg 12 pdm sdh seminggu, tlg diperbaiki ya", 0.7, 1),
        ("lampu jalan kenangga gang 12 padam", 0.6, 1),
        ("Lampu penerangan jalan di Jl. Melati gang 3 padam sudah seminggu, mohon diperbaiki", 0.3, 0.77),
        ("Insentif saya belum cair padahal pelatihan sudah selesai", 0, 0.2),
        ("Terima kasih banyak, mohon segera ditindaklanjuti ya pak", 0, 0.1),
        ("", 0, 0),
    ],
)
def test_likeness_follows_what_a_text_is_about(other: str, at_least: float, at_most: float) -> None:
    assert at_least <= likeness_of(gist_of(CASE), gist_of(other)) <= at_most


def test_numbers_differ_where_both_name_some_and_none_is_the_same() -> None:
    twelve, twelve_and_one, three, none = map(gist_of, ("gang 12", "gang 012 rt 1", "gang 3", "gang"))
    assert numbers_differ(twelve, three)
    assert not numbers_differ(twelve, twelve_and_one)
    assert not numbers_differ(twelve, none)


def test_gist_of_a_text_counts_no_tracking_code() -> None:
    assert gist_of("[7K3Q-WM9X-TB40] lampu").numbers == frozenset()
