"""SKM/IKM: the satisfaction index, exactly (DOMAIN.md section 1).

NRR(element) = sum of values / number of filled answers; index = sum of NRR x weight x 25. Counts are integers, the
arithmetic is rational, and a figure is rounded once, half up, to two decimals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.survey_index.domain.editions import Band, band_of
from services.survey_index.domain.instruments import Instrument

Counts = Mapping[str, Mapping[int, int]]
"""question → value → how often it was given."""

Weighting = Literal["exact", "0.111", "0.11"]
Missing = Literal["per_question", "complete_rows"]
_CONVERSION = 25


@dataclass(frozen=True, slots=True)
class ElementIndex:
    """One unsur: `sum` of values over `n` filled answers. Without answers there is no NRR, no index and no grade."""

    slug: str
    name: str
    sum: int
    n: int
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
    scale: int = 10**decimals
    doubled = abs(value) * scale * 2
    units = (doubled.numerator // doubled.denominator + 1) // 2
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def weight(weighting: Weighting, elements: int) -> Fraction:
    """The weight of one element: 1/n, or the truncated figure that some offices print."""
    return Fraction(1, elements) if weighting == "exact" else Fraction(weighting)


def skm(counts: Counts, n: int, instrument: Instrument, *, edition: str, weighting: Weighting = "exact") -> Index:
    """The index from counts. `counts` holds only what the missing-answer policy lets in."""
    elements = tuple(_element(slug.slug, slug.name, counts.get(slug.slug, {}), edition) for slug in instrument.elements)
    ratios = [element.nrr for element in elements if element.nrr is not None]
    if len(ratios) < len(elements):
        return Index(n, elements, None, None, None)
    exact = sum(ratios, Fraction()) * weight(weighting, len(elements)) * _CONVERSION
    index = half_up(exact, 2)
    return Index(n, elements, exact, index, band_of(index, edition))


def _element(slug: str, name: str, counts: Mapping[int, int], edition: str) -> ElementIndex:
    n = sum(counts.values())
    total = sum(value * count for value, count in counts.items())
    if n == 0:
        return ElementIndex(slug, name, 0, 0, None, None, None)
    nrr = Fraction(total, n)
    index = half_up(nrr * _CONVERSION, 2)
    return ElementIndex(slug, name, total, n, nrr, index, band_of(index, edition))
