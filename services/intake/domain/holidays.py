"""Days on which nobody is there, whatever the day of the week (docs/domain.md, "Service hours")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.holidays import joint_leave, public_holidays

NATIONAL, JOINT_LEAVE = "ID", "ID/cuti-bersama"
_OF_YEAR = {NATIONAL: public_holidays, JOINT_LEAVE: joint_leave}


@dataclass(frozen=True, slots=True)
class Holidays:
    """Single days, and all of a kind that the government names each year."""

    days: frozenset[date] = frozenset()
    kinds: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.days or self.kinds)

    def __contains__(self, day: date) -> bool:
        return day in self.days or any(day in _OF_YEAR[kind](day.year) for kind in self.kinds)


NO_HOLIDAYS = Holidays()


def holidays_of(texts: Iterable[str]) -> Holidays:
    """Holidays as an operator writes them: dates such as `2026-12-31`, `ID`, `ID/cuti-bersama`. Raises `ValueError`."""
    given = frozenset(texts)
    kinds = given & _OF_YEAR.keys()
    try:
        return Holidays(frozenset(map(date.fromisoformat, given - kinds)), kinds)
    except ValueError:
        raise ValueError(f"holidays are dates such as 2026-12-31, {NATIONAL} and {JOINT_LEAVE}") from None
