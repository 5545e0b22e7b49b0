"""Figures, days and enumerations as Indonesian writes them (CLDR, by babel), and strangers' texts made plain."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from services.survey_index.domain.period import Kind, Period

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


def days(first: date, last: date) -> str:
    """From which day to which, both included."""
    return day(first) if first == last else f"{day(first)} sampai dengan {day(last)}"


def period_name(period: Period) -> str:
    """What the days of a period are: of the survey, or only of its answers."""
    return _PERIOD_NAMES[period.kind]


def period_days(period: Period, *, n: int) -> str:
    """Its days, or why there are none to tell of `n` respondents."""
    if period.first is None or period.last is None:
        return "tanggal jawaban tidak diketahui" if n else "belum ada jawaban"
    return days(period.first, period.last)


_PERIOD_NAMES: Mapping[Kind, str] = {
    "opened_to_closed": "Periode survei (dibuka sampai ditutup)",
    "opened": "Periode survei (dibuka sampai hari laporan, belum ditutup)",
    "answers": "Periode jawaban (pertama sampai terakhir)",
    "told": "Periode jawaban (hari tiap jawaban tidak semuanya dicatat)",
    "part": "Periode yang dilaporkan (sebagian dari survei)",
    "unknown": "Periode",
}


def listed(names: Sequence[str]) -> str:
    """a, b, dan c; where a name has a comma of its own, the names are parted by semicolons."""
    if len(names) > 1 and any("," in name for name in names):
        return f"{'; '.join(names[:-1])}; dan {names[-1]}"
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
