"""Fractions as they are shown: exact, and beside it a figure that people read."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from pydantic import BaseModel


class Ratio(BaseModel):
    """A fraction, exact, in lowest terms, and beside it as a percentage or a number with two decimals, half up."""

    numerator: int
    denominator: int
    rounded: str


def percentage(exact: Fraction | None) -> Ratio | None:
    """A share, rounded as a percentage."""
    return ratio(exact, 100)


def ratio(exact: Fraction | None, times: int = 1) -> Ratio | None:
    """The fraction, and beside it `times` of it with two decimals, half up."""
    if exact is None:
        return None
    hundredths = floor(exact * times * 100 + Fraction(1, 2))
    return Ratio(numerator=exact.numerator, denominator=exact.denominator, rounded=f"{Decimal(hundredths) / 100:.2f}")
