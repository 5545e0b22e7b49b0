"""Days off in Indonesia, as the government names them for each year (docs/domain.md, "Deadlines")."""

from datetime import date
from functools import cache

import holidays


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Hari libur nasional."""
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public",)))


@cache
def joint_leave(year: int) -> frozenset[date]:
    """Cuti bersama: days on which the offices of the state are closed, too."""
    return frozenset(holidays.country_holidays("ID", years=year, categories=("government",)))
