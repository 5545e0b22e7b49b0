"""How many must be asked (Krejcie and Morgan), and who is drawn (DOMAIN.md section 1)."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.sampling import lot, rate, required_sample

KEY, OTHER = b"a key of this installation", b"a key of another"


@pytest.mark.parametrize(
    ("population", "size"), [(10, 10), (100, 80), (1_200, 291), (1_700, 313), (10_000, 370), (40_000, 380)]
)
def test_the_published_sizes(population: int, size: int) -> None:
    assert required_sample(population) == size


@given(population=st.integers(1, 10**9))
def test_nobody_is_asked_twice_and_more_people_never_need_fewer(population: int) -> None:
    assert 1 <= required_sample(population) <= min(population, 384)
    assert required_sample(population) <= required_sample(population + 1)


@given(population=st.integers(1, 10**6), percent=st.integers(1, 100))
def test_as_many_are_invited_as_must_be_for_enough_to_answer(population: int, percent: int) -> None:
    expected = rate(population, percent) * population * percent / 100
    assert expected <= required_sample(population)
    assert expected == required_sample(population) or rate(population, percent) == 1


def test_when_nobody_knows_how_many_are_served_all_are_invited() -> None:
    assert rate(None, 50) == 1


@given(case=st.uuids())
def test_a_lot_is_a_share_of_one_and_always_the_same(case: UUID) -> None:
    assert 0 <= lot(KEY, case) < 1
    assert lot(KEY, case) == lot(KEY, case) != lot(OTHER, case)


def test_lots_are_spread_evenly() -> None:
    below = [sum(lot(KEY, UUID(int=n)) < Fraction(tenth, 10) for n in range(2_000)) for tenth in range(11)]
    assert all(abs(count - 200 * tenth) < 110 for tenth, count in enumerate(below))
