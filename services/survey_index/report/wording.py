"""Figures, days and enumerations as Indonesian writes them (CLDR, by babel), and strangers' texts made plain."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

NOTHING = "-"
_LOCALE = "id"
_SPACES = frozenset(["Cc", "Cs", "Zl", "Zp"])
_JOINERS = "\u200c\u200d"


def figure(value: Decimal | float | None, decimals: int = 2) -> str:
    """89,72, with a fixed number of decimals; "-" where there is none."""
    return NOTHING if value is None else format_decimal(value, f"#,##0.{'0' * decimals}", _LOCALE)


def count(value: int | None) -> str:
    """1.234; "-" where there is none."""
    return NOTHING if value is None else format_decimal(value, "#,##0", _LOCALE)


def percent(value: Decimal | None) -> str:
    """67,16%, two decimals; "-" where there is none."""
    return NOTHING if value is None else f"{figure(value)}%"


def day(value: date) -> str:
    """1 Januari 2020."""
    return format_date(value, "d MMMM y", _LOCALE)


def short_day(value: date) -> str:
    """1 Jan 2020, for a narrow column."""
    return format_date(value, "d MMM y", _LOCALE)


def period(first: date | None, last: date | None) -> str:
    """From which day to which, either of which may be open."""
    if first and last:
        return day(first) if first == last else f"{day(first)} sampai dengan {day(last)}"
    if first:
        return f"sejak {day(first)}"
    return f"sampai dengan {day(last)}" if last else "tidak ditetapkan"


def listed(names: Sequence[str]) -> str:
    """a, b, dan c."""
    return format_list(list(names), locale=_LOCALE)


def plain(text: str) -> str:
    """One line that every printer can set: without control characters, halves of characters, and signs that nobody
    sees, of which some turn the direction of what stands beside them. What joins letters and emoji stays.
    """
    kept = (
        " " if unicodedata.category(sign) in _SPACES else sign
        for sign in text
        if unicodedata.category(sign) != "Cf" or sign in _JOINERS
    )
    return " ".join("".join(kept).split())
