"""How many must be asked (Krejcie and Morgan), and who is drawn (docs/domain.md, "Sampling")."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain import sampling
from services.survey_index.domain.sampling import Draw, lot, required_sample, to_invite

KEY, OTHER = b"a key of this installation", b"a key of another"


@pytest.mark.parametrize(
    ("population", "size"), [(10, 10), (100, 80), (1_200, 291), (1_700, 313), (10_000, 370), (40_000, 380)]
)
def test_published_sizes(population: int, size: int) -> None:
    assert required_sample(population) == size


def test_longer_chi_square_would_miss_the_published_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """3.8416 instead of 3.841 gives one too many for 1,700 and for 40,000."""
    monkeypatch.setattr(sampling, "_CHI_SQUARE", Fraction("3.8416"))
    assert [required_sample(population) for population in (1_700, 10_000, 40_000)] == [314, 370, 381]


@given(population=st.integers(1, 10**9))
def test_nobody_is_asked_twice_and_more_people_never_need_fewer(population: int) -> None:
    assert 1 <= required_sample(population) <= min(population, 384)
    assert required_sample(population) <= required_sample(population + 1)


@given(population=st.integers(1, 10**6), percent=st.integers(1, 100))
def test_as_many_are_invited_as_must_be_for_enough_to_answer(population: int, percent: int) -> None:
    invited, required = to_invite(population, percent), required_sample(population)
    assert invited == population or (invited - 1) * percent < required * 100 <= invited * percent
    assert required <= invited <= population


# -- the draw ---------------------------------------------------------------------------------------------------


def drawn(draw: Draw, lots: Sequence[Fraction | None]) -> Iterator[bool]:
    """Who is drawn of those who come with these lots, None being somebody who cannot be asked."""
    for lot_ in lots:
        yes = lot_ is not None and lot_ < draw.chance
        draw = draw.after(can_be_asked=lot_ is not None, is_drawn=yes)
        yield yes


shares = st.fractions(0, 1).filter(lambda share: share < 1)


@given(st.data())
def test_sample_hits_its_size_exactly(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 60))
    wanted = data.draw(st.integers(1, population))
    more = data.draw(st.integers(0, 20))
    lots = data.draw(st.lists(shares, min_size=population + more, max_size=population + more))
    assert sum(drawn(Draw(population, wanted), lots)) == wanted


@given(st.data())
def test_who_cannot_be_asked_is_not_drawn_and_nobody_beyond_the_sample(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 40))
    wanted = data.draw(st.integers(1, population))
    lots = data.draw(st.lists(st.none() | shares, min_size=population, max_size=population + 5))
    found = [*drawn(Draw(population, wanted), lots)]
    assert sum(found) <= min(wanted, sum(lot_ is not None for lot_ in lots))
    assert not any(yes for yes, lot_ in zip(found, lots, strict=True) if lot_ is None)


def test_where_a_quarter_cannot_be_asked_the_size_is_hit_but_for_a_few_and_early_and_late_alike() -> None:
    chance = random.Random(6)
    halves = [0, 0]
    for _ in range(30):
        lots = [None if chance.random() < 0.25 else Fraction(chance.getrandbits(32), 2**32) for _ in range(400)]
        found = [*drawn(Draw(400, 196), lots)]
        assert 190 <= sum(found) <= 196
        halves = [halves[0] + sum(found[:200]), halves[1] + sum(found[200:])]
    assert abs(halves[0] - halves[1]) < 0.1 * sum(halves)


def test_every_sample_of_a_size_is_as_likely_as_any_other() -> None:
    chances = {}
    for sample in combinations(range(6), 3):
        draw, chance = Draw(6, 3), Fraction(1)
        for case in range(6):
            chance *= draw.chance if case in sample else 1 - draw.chance
            draw = draw.after(can_be_asked=True, is_drawn=case in sample)
        chances[sample] = chance
    assert set(chances.values()) == {Fraction(1, 20)}


def test_when_more_come_than_were_expected_they_fill_what_is_missing_and_no_more() -> None:
    nobody = [None] * 5
    assert [*drawn(Draw(5, 2), [*nobody, *[Fraction(9, 10)] * 4])] == [*[False] * 5, True, True, False, False]


@given(case=st.uuids())
def test_lot_is_a_share_of_one_and_always_the_same(case: UUID) -> None:
    assert 0 <= lot(KEY, case) < 1
    assert lot(KEY, case) == lot(KEY, case) != lot(OTHER, case)


def test_lots_are_spread_evenly() -> None:
    below = [sum(lot(KEY, UUID(int=n)) < Fraction(tenth, 10) for n in range(2_000)) for tenth in range(11)]
    assert all(abs(count - 200 * tenth) < 110 for tenth, count in enumerate(below))
