"""How many must be asked, who is drawn, and whether enough answered (docs/domain.md, "Sampling")."""

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


def to_invite(population: int, response_percent: int) -> int:
    """How many must be invited for as many to answer as are required."""
    return min(population, -(-required_sample(population) * 100 // response_percent))


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample of `size` out of `population`, drawn case by case while they come in: of those `seen` so far `reached`
    could be asked, and `drawn` are.

    Selection sampling (Fan, Muller and Rezucha 1962; Knuth, The Art of Computer Programming, 3.4.2, algorithm S): who
    comes is drawn with the chance `still to draw / still to come`. If all can be asked, every sample of that size is as
    likely as any other, and the size is hit exactly. Where some cannot be asked (no address, asked lately), so many of
    those to come are expected as of those seen; the size is hit but for a few, and early and late are drawn alike. When
    more come than the population says, they fill what is missing, and no more.
    """

    population: int
    size: int
    seen: int = 0
    reached: int = 0
    drawn: int = 0

    @property
    def chance(self) -> Fraction:
        """The chance of the one who comes next, if he can be asked."""
        missing = max(0, self.size - self.drawn)
        to_come = (self.population - self.seen) * Fraction(self.reached + 1, self.seen + 1)
        return missing / max(Fraction(missing), to_come) if missing else Fraction(0)

    def after(self, *, can_be_asked: bool, is_drawn: bool) -> "Draw":
        """The draw when one more has come."""
        reached, drawn = self.reached + can_be_asked, self.drawn + is_drawn
        return Draw(self.population, self.size, self.seen + 1, reached, drawn)


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
