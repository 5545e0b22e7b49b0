"""The Net Promoter Score, its label and its interval (docs/domain.md, "NPS")."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.nps import nps
from services.survey_index.domain.skm import half_up


@pytest.mark.parametrize(
    ("counts", "score", "label"),
    [
        ({10: 114, 8: 186, 0: 100}, "3.50", "Good"),
        ({10: 115, 8: 185, 0: 100}, "3.75", "Good"),
        ({9: 1}, "100.00", "World class"),
        ({6: 1}, "-100.00", None),
        ({7: 1, 8: 1}, "0.00", None),
        ({9: 1, 6: 1}, "0.00", None),
        ({9: 1_001, 6: 1_000}, "0.05", "Good"),
        ({9: 60, 6: 40}, "20.00", "Good"),
        ({9: 61, 6: 40}, "20.79", "Favourable"),
        ({9: 75, 6: 25}, "50.00", "Favourable"),
        ({9: 76, 6: 25}, "50.50", "Excellent"),
        ({9: 90, 6: 10}, "80.00", "Excellent"),
        ({9: 91, 6: 10}, "80.20", "World class"),
    ],
)
def test_score_and_its_label(counts: dict[int, int], score: str, label: str | None) -> None:
    result = nps(counts)
    assert (result.score, result.label) == (Decimal(score), label)


def test_who_is_a_promoter_and_who_a_detractor() -> None:
    result = nps(dict.fromkeys(range(11), 1))
    assert (result.promoters, result.passives, result.detractors, result.n) == (2, 2, 7, 11)


def test_without_answers_nothing_is_said() -> None:
    result = nps({})
    assert (result.n, result.exact, result.score, result.interval, result.label) == (0, None, None, None, None)


def test_interval_is_the_adjusted_wald_interval() -> None:
    """114 and 100 of 400: p = 114.75/403, d = 100.75/403, SE = 3.6385, so 3.4739 less and more 7.1314."""
    assert nps({10: 114, 8: 186, 0: 100}).interval == (Decimal("-3.66"), Decimal("10.61"))


COUNTS = st.dictionaries(st.integers(0, 10), st.integers(0, 10_000))


@given(counts=COUNTS)
def test_score_is_promoters_less_detractors_in_points(counts: dict[int, int]) -> None:
    result = nps(counts)
    n = sum(counts.values())
    assert result.n == result.promoters + result.passives + result.detractors == n
    if n == 0:
        assert result.exact is None
        return
    above, below = (sum(c for v, c in counts.items() if v in group) for group in ({9, 10}, set(range(7))))
    assert result.exact == Fraction(100 * (above - below), n)
    assert result.score == half_up(result.exact, 2)
    assert -100 <= result.exact <= 100


@given(counts=COUNTS.filter(lambda counts: sum(counts.values()) >= 10))
def test_interval_holds_the_score_and_stays_on_the_scale(counts: dict[int, int]) -> None:
    result = nps(counts)
    assert result.interval is not None
    assert result.score is not None
    low, high = result.interval
    assert -100 <= low <= result.score <= high <= 100
    assert low < high


@given(counts=COUNTS.filter(lambda counts: sum(counts.values()) >= 10))
def test_more_answers_of_the_same_kind_narrow_the_interval(counts: dict[int, int]) -> None:
    once, more = nps(counts), nps({value: 4 * count for value, count in counts.items()})
    assert once.interval is not None
    assert more.interval is not None
    assert more.interval[1] - more.interval[0] < once.interval[1] - once.interval[0]
