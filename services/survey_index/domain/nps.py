"""NPS: promoters (9, 10) less detractors (0 to 6), in points, with its interval (docs/domain.md, "NPS")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from services.survey_index.domain.skm import half_up

_PROMOTER, _PASSIVE = 9, 7
_Z95 = 1.959963984540054
# Labels differ between publishers, so they are data: above which score each begins
LABELS: Sequence[tuple[int, str]] = ((80, "World class"), (50, "Excellent"), (20, "Favourable"), (0, "Good"))


@dataclass(frozen=True, slots=True)
class Nps:
    """The score of `n` answers. `interval` is the adjusted Wald interval at 95 %. Without answers all is None."""

    n: int
    promoters: int
    passives: int
    detractors: int
    exact: Fraction | None
    score: Decimal | None
    interval: tuple[Decimal, Decimal] | None
    label: str | None


def nps(counts: Mapping[int, int]) -> Nps:
    """The score from counts of the answers 0 to 10."""
    promoters = sum(count for value, count in counts.items() if value >= _PROMOTER)
    passives = sum(count for value, count in counts.items() if _PASSIVE <= value < _PROMOTER)
    detractors = sum(count for value, count in counts.items() if value < _PASSIVE)
    n = promoters + passives + detractors
    if n == 0:
        return Nps(0, 0, 0, 0, None, None, None, None)
    exact = Fraction(100 * (promoters - detractors), n)
    label = next((name for above, name in LABELS if exact > above), None)
    return Nps(
        n,
        promoters,
        passives,
        detractors,
        exact,
        half_up(exact, 2),
        _interval(n, promoters, detractors),
        label,
    )


def _interval(n: int, promoters: int, detractors: int) -> tuple[Decimal, Decimal]:
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    margin = _Z95 * 100 * sqrt((p + d - (p - d) ** 2) / (n + 3))
    middle = 100 * (p - d)
    low, high = max(-100.0, middle - margin), min(100.0, middle + margin)
    return half_up(Fraction(low), 2), half_up(Fraction(high), 2)
