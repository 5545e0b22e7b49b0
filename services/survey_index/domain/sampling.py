"""How many must be asked, who is drawn, and whether enough answered (DOMAIN.md section 1)."""

import hashlib
import hmac
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

_CHI_SQUARE = Fraction("3.841")
_P = Fraction(1, 2)
_ERROR = Fraction("0.05")
_LOTS = 2**64


def required_sample(population: int) -> int:
    """Krejcie and Morgan (1970) at 5 %, half up: 10 of 10, 80 of 100, 380 of 40,000."""
    spread = _CHI_SQUARE * _P * (1 - _P)
    exact = spread * population / (_ERROR**2 * (population - 1) + spread)
    return min(population, (2 * exact.numerator + exact.denominator) // (2 * exact.denominator))


def rate(population: int | None, response_percent: int) -> Fraction:
    """Which share of the cases to invite, so that as many answer as are required; all when the population is open."""
    if not population:
        return Fraction(1)
    return min(Fraction(1), Fraction(required_sample(population) * 100, population * response_percent))


def lot(key: bytes, case: UUID) -> Fraction:
    """A number in [0, 1) that anybody with the key can draw again: nobody chooses who is asked."""
    digest = hmac.digest(key, case.bytes, hashlib.sha256)
    return Fraction(int.from_bytes(digest[:8]), _LOTS)


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Whether enough answered: Krejcie and Morgan's size for the population, if that is known."""

    population: int | None
    required: int | None
    reached: int

    @property
    def is_enough(self) -> bool | None:
        return None if self.required is None else self.reached >= self.required


def adequacy(population: int | None, reached: int) -> Adequacy:
    return Adequacy(population, required_sample(population) if population else None, reached)
