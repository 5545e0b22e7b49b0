"""Rows that call their respondent in words where the others have numbers: a label that nobody knows does so, too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_USUAL = re.compile(r"[^\W\d_]{1,2}[\W_]?\d+")
"""The shape of most numbers, which needs no second look."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_WORD = 3
"""Letters: so many are a word, and fewer stand in front of a number."""
MOST_ROWS = 50
_MOST_SHAPES = 2_000
NEARLY_ALL = 5
"""Rows of the one shape that nearly all have, for each that has another."""


@dataclass(slots=True)
class _Shape:
    """How many rows have it, the first of them, and the last."""

    count: int = 0
    last: int = 0
    rows: list[int] = field(default_factory=list)


class UnnumberedRows:
    """Notes of which shape the respondents' numbers are (`7`; `R-007`, `S002-01`), and who has none (`Tertinggi`)."""

    def __init__(self) -> None:
        self._rows = 0
        self._shapes: dict[str, _Shape] = {}

    def look_at(self, row: int, respondent: str) -> None:
        """Notes a row that counts."""
        self._rows += 1
        shape = "a9" if _USUAL.fullmatch(respondent) else _shape(respondent)
        noted = self._shapes.get(shape)
        if noted is None:
            if len(self._shapes) >= _MOST_SHAPES:  # drawn by chance, as hexadecimal ids are: there is no one shape
                return
            noted = self._shapes[shape] = _Shape()
        noted.count += 1
        noted.last = row
        if len(noted.rows) < MOST_ROWS:
            noted.rows.append(row)

    @property
    def doubtful(self) -> Sequence[int]:
        """The rows that may be no respondents: those in words where nearly all have numbers of one shape, and names
        that stand below where all above have such numbers.
        """
        usual = max(self._shapes, key=lambda shape: self._shapes[shape].count, default="")
        if "9" not in usual:
            return ()
        numbers = self._shapes[usual]
        others = [(shape, noted) for shape, noted in self._shapes.items() if shape != usual]
        are_names_below = all("9" not in shape and noted.rows[0] > numbers.last for shape, noted in others)
        are_nearly_all = numbers.count >= NEARLY_ALL * (self._rows - numbers.count)
        if not are_nearly_all and not (are_names_below and numbers.count > 1):
            return ()
        return sorted(row for shape, noted in others if _is_in_words(shape) for row in noted.rows)[:MOST_ROWS]


def _shape(respondent: str) -> str:
    """`A-007` and `S002-01` as `a9`, `Responden 3` as `W9`: any number is as any other, and so is any word."""
    kinds = ["9" if token.isdecimal() else "a" if len(token) < _WORD else "W" for token in _TOKEN.findall(respondent)]
    return "".join(kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before or kind == "W")


def _is_in_words(shape: str) -> bool:
    return "9" not in shape or "W" in shape
