"""Rows whose respondent has no number where the others have one: a label that nobody knows yet stands there, too."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[^\W\d_]*[\W_]*\d+[.)]?")
_HOLDS_A_DIGIT = re.compile(r"\d")
_MOST = 50
_NEARLY_ALL = 5
"""Numbered rows for each without a number."""


class UnnumberedRows:
    """Notes who has a plain number (`7`, `R-007`, `Responden 3`) and who has none (`Tertinggi`, `T o t a l`)."""

    def __init__(self) -> None:
        self._numbered = self._unnumbered = 0
        self._first: list[int] = []

    def look_at(self, row: int, respondent: str) -> None:
        """Notes a row that counts."""
        if respondent.isdecimal() or _NUMBER.fullmatch(respondent):
            self._numbered += 1
        elif not _HOLDS_A_DIGIT.search(respondent):
            self._unnumbered += 1
            if len(self._first) < _MOST:
                self._first.append(row)

    @property
    def doubtful(self) -> Sequence[int]:
        """The rows that may be no respondents: those without a number, where nearly all have one."""
        return self._first if self._numbered >= _NEARLY_ALL * self._unnumbered else ()
