"""CSAT in three levels (docs/domain.md, "CSAT")."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.csat import csat
from services.survey_index.domain.instruments import builtin

CSAT = builtin()["csat3"]


def test_levels_of_the_ptsa_article_and_how_they_are_printed() -> None:
    found = csat({"csat": {3: 230, 2: 30, 1: 10}}, CSAT)
    assert [(level.name, str(level.percent), str(level.printed)) for level in found.levels] == [
        ("Puas", "85.19", "85"),
        ("Cukup Puas", "11.11", "11"),
        ("Belum Puas", "3.70", "4"),
    ]
    assert (found.n, found.score, found.exact) == (270, found.levels[0].percent, Fraction(23_000, 270))


def test_without_answers_there_is_no_share() -> None:
    found = csat({}, CSAT)
    assert (found.n, found.score, found.exact) == (0, None, None)
    assert [level.share for level in found.levels] == [None] * 3


def test_instrument_that_does_not_ask_has_no_levels() -> None:
    found = csat({}, builtin()["skm14_2017"])
    assert (found.n, found.levels, found.score, found.exact) == (0, (), None, None)


@given(counts=st.dictionaries(st.integers(1, 3), st.integers(1, 10_000), min_size=1))
def test_shares_are_a_whole(counts: dict[int, int]) -> None:
    found = csat({"csat": counts}, CSAT)
    assert sum(level.share or 0 for level in found.levels) == 1
    assert {level.value: level.count for level in found.levels if level.count} == counts
