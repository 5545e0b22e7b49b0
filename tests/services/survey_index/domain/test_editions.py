"""Grades: the two of docs/domain.md, "Editions", and that no figure falls between two bands."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.editions import DEFAULT_EDITION, EDITIONS, band_of
from services.survey_index.domain.skm import half_up

# As the regulations print them: grade, kinerja, from, to
PRINTED = {
    "kep25_2004": [
        ("D", "Tidak Baik", "25.00", "43.75"),
        ("C", "Kurang Baik", "43.76", "62.50"),
        ("B", "Baik", "62.51", "81.25"),
        ("A", "Sangat Baik", "81.26", "100.00"),
    ],
    "permenpanrb14_2017": [
        ("D", "Tidak Baik", "25.00", "64.99"),
        ("C", "Kurang Baik", "65.00", "76.60"),
        ("B", "Baik", "76.61", "88.30"),
        ("A", "Sangat Baik", "88.31", "100.00"),
    ],
}
GRADES = "DCBA"
edition = pytest.mark.parametrize("edition", PRINTED)


def test_there_are_two_editions_and_the_newer_is_the_default() -> None:
    assert EDITIONS.keys() == PRINTED.keys()
    assert DEFAULT_EDITION == "permenpanrb14_2017"


@edition
def test_every_figure_of_two_decimals_has_the_grade_that_is_printed(edition: str) -> None:
    for hundredths in range(25_00, 100_00 + 1):
        figure = Decimal(hundredths).scaleb(-2)
        (printed,) = [(g, k) for g, k, low, high in PRINTED[edition] if Decimal(low) <= figure <= Decimal(high)]
        band = band_of(figure, edition)
        assert (band.grade, band.performance) == printed, figure


@edition
@given(exact=st.fractions(25, 100, max_denominator=10**6), more=st.fractions(0, 75))
def test_figure_that_was_not_rounded_falls_into_no_gap(edition: str, exact: Fraction, more: Fraction) -> None:
    band, higher = (band_of(half_up(value, 2), edition) for value in (exact, exact + more))
    low, high = next((Decimal(low), Decimal(high)) for g, _, low, high in PRINTED[edition] if g == band.grade)
    assert low - Decimal("0.005") <= exact < high + Decimal("0.005")
    assert GRADES.index(band.grade) <= GRADES.index(higher.grade)


@pytest.mark.parametrize(
    ("exact", "grade"),
    [("76.605", "B"), ("76.6049999", "C"), ("64.995", "C"), ("64.994", "D"), ("88.305", "A"), ("88.3049", "B")],
)
def test_between_two_printed_figures_rounding_decides(exact: str, grade: str) -> None:
    assert band_of(half_up(Fraction(exact), 2), "permenpanrb14_2017").grade == grade


def test_what_truncated_weights_push_below_the_scale_is_still_the_lowest_grade() -> None:
    assert band_of(Decimal("24.75"), "kep25_2004").grade == "D"
