"""SKM/IKM and IPAK: an index of four-point answers, exactly (docs/domain.md, "Index").

NRR(element) = sum of values / number of filled answers, or the mean of these over its questions; index = sum of
NRR x weight x 25. Counts are integers, the arithmetic is rational, and a figure is rounded once, half up, to two
decimals, and graded after that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.survey_index.domain.editions import Band, band_of
from services.survey_index.domain.instruments import Element, Instrument
from services.survey_index.domain.tallies import Counts

Weighting = Literal["exact", "0.1111", "0.111", "0.11"]
"""`exact`, or a truncated weight that some offices print: to reproduce a published figure, never the default."""
Missing = Literal["per_question", "complete_rows"]
"""Each question has its own denominator, or only those count who answered everything."""
Scored = Literal["ikm", "ipak"]
_CONVERSION = 25


@dataclass(frozen=True, slots=True)
class ElementIndex:
    """One unsur: `sum` of values over `n` filled answers, of as many `people` at least as answered one question of it.
    Without answers there is no NRR, no index and no grade.
    """

    slug: str
    name: str
    sum: int
    n: int
    people: int
    weight: Fraction
    nrr: Fraction | None
    index: Decimal | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class Index:
    """The index of `n` respondents. `exact` is the unrounded figure; None while an element has no answer at all."""

    n: int
    elements: tuple[ElementIndex, ...]
    exact: Fraction | None
    index: Decimal | None
    band: Band | None


def half_up(value: Fraction, decimals: int) -> Decimal:
    """`value` rounded once, half away from zero."""
    doubled = abs(value.numerator) * 10**decimals * 2 // value.denominator
    units = (doubled + 1) // 2
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


_TRUNCATED_ELEMENTS = 9


def weighting_fits(weighting: Weighting, instrument: Instrument) -> bool:
    """Whether this weighting means anything here: the truncated ones are a ninth, cut off after two to four digits."""
    is_ninth = len(instrument.of("ikm")) == _TRUNCATED_ELEMENTS and not instrument.has_own_weights
    return weighting == "exact" or is_ninth


def skm(
    counts: Counts,
    n: int,
    instrument: Instrument,
    *,
    edition: str,
    weighting: Weighting = "exact",
    measure: Scored = "ikm",
) -> Index:
    """The index of one measure from counts. `counts` holds only what the missing-answer policy lets in.

    Truncated weights are for IKM where `weighting_fits`; everything else is exact.
    """
    if measure != "ikm" or not weighting_fits(weighting, instrument):
        weighting = "exact"
    elements = tuple(_element(element, counts, instrument, edition, weighting) for element in instrument.of(measure))
    ratios = [element.nrr * element.weight for element in elements if element.nrr is not None]
    if not elements or len(ratios) < len(elements):
        return Index(n, elements, None, None, None)
    exact = sum(ratios, Fraction()) * _CONVERSION
    index = half_up(exact, 2)
    return Index(n, elements, exact, index, band_of(index, edition))


def _element(
    element: Element, counts: Counts, instrument: Instrument, edition: str, weighting: Weighting
) -> ElementIndex:
    asked = [counts.get(question.code, {}) for question in instrument.questions if question.element == element.slug]
    n, total, people = sum(map(_filled, asked)), sum(map(_sum, asked)), max(map(_filled, asked))
    weight = instrument.weight_of(element) if weighting == "exact" else Fraction(weighting)
    if not all(map(_filled, asked)):
        return ElementIndex(element.slug, element.name.id, total, n, people, weight, None, None, None)
    means = [Fraction(_sum(values), _filled(values)) for values in asked]
    nrr = means[0] if len(means) == 1 else sum(means, Fraction()) / len(means)
    index = half_up(nrr * _CONVERSION, 2)
    return ElementIndex(element.slug, element.name.id, total, n, people, weight, nrr, index, band_of(index, edition))


def _filled(values: Mapping[int, int]) -> int:
    return sum(values.values())


def _sum(values: Mapping[int, int]) -> int:
    return sum(value * count for value, count in values.items())
