"""Days off in Indonesia, as the government names them for each year (docs/domain.md, "Deadlines")."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal

import holidays

Language = Literal["id", "en_US"]


def public_holidays(year: int) -> Mapping[date, str]:
    """Hari libur nasional, with what they are called in Indonesian."""
    return _named("public", year, "id")


def joint_leave(year: int) -> Mapping[date, str]:
    """Cuti bersama: days on which the offices of the state are closed, too."""
    return _named("government", year, "id")


def in_english(day: date, named: str) -> str:
    """What a day off is called in English that is called `named` in Indonesian; that itself, where nobody knows."""
    in_all = (_named(category, day.year, "en_US").get(day) for category in ("public", "government"))
    return next((name for name in in_all if name), named)


def is_decreed(year: int) -> bool:
    """Whether the decree of a year is known: only it names cuti bersama. Before it, feasts are estimates."""
    return bool(joint_leave(year))


@cache
def _named(category: str, year: int, language: Language) -> Mapping[date, str]:
    return dict(holidays.country_holidays("ID", years=year, categories=(category,), language=language))
