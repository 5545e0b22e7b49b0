"""From an index to a grade: bands are versioned data, chosen per survey (docs/domain.md, "Editions").

Only the lower bounds are kept, so no value can fall between two bands; a figure is graded after it is rounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Edition = Literal["kep25_2004", "permenpanrb14_2017"]
DEFAULT_EDITION: Edition = "permenpanrb14_2017"


@dataclass(frozen=True, slots=True)
class Band:
    grade: str
    performance: str
    lowest: Decimal


def _bands(d: str, c: str, b: str, a: str) -> tuple[Band, ...]:
    return (
        Band("A", "Sangat Baik", Decimal(a)),
        Band("B", "Baik", Decimal(b)),
        Band("C", "Kurang Baik", Decimal(c)),
        Band("D", "Tidak Baik", Decimal(d)),
    )


EDITIONS: Mapping[str, tuple[Band, ...]] = {
    "kep25_2004": _bands("25.00", "43.76", "62.51", "81.26"),
    "permenpanrb14_2017": _bands("25.00", "65.00", "76.61", "88.31"),
}


EDITION_NAMES: Mapping[str, str] = {
    "kep25_2004": "Keputusan Menteri PAN Nomor KEP/25/M.PAN/2/2004",
    "permenpanrb14_2017": "Peraturan Menteri PANRB Nomor 14 Tahun 2017",
}


def band_of(index: Decimal, edition: str) -> Band:
    """The band of an index that was rounded to two decimals. Truncated weights may push it below 25: that is D."""
    bands = EDITIONS[edition]
    return next((band for band in bands if index >= band.lowest), bands[-1])
