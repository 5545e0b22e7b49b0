"""Rows at the end of a file without numbers that hold nothing but answers: averages may lie on the scale, too."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from services.survey_index.domain.sheet.header import Columns
from services.survey_index.domain.sheet.unnumbered import MOST_ROWS, NEARLY_ALL
from services.survey_index.domain.tallies import Answers

_FIGURE = re.compile(r"[\d.,%\s]*")
"""What tells nothing of anybody in a column that nobody knows: the sum of a row, say."""
_FEWEST_ANSWERS = 5
"""The averages of fewer questions are somebody's answers by chance. Of nine they were those of one row in a thousand,
in samples of ten out of 2,322 real ones, and of none in larger ones.
"""
_MOST_KINDS = 5_000


class UnnamedRows:
    """Notes which rows stand below those that are surely respondents': below an empty row, or below the last that says
    more than answers, if all others do; and else the last row, if it is the average of all others.
    """

    def __init__(self, columns: Columns, questions: Collection[str]) -> None:
        places = [(place, asks) for place, (_, asks) in enumerate(columns) if asks not in questions]
        self._facts = [place for place, asks in places if asks is not None]
        self._unknown = [place for place, asks in places if asks is None]
        self._above = 0
        self._below = 0
        self._rows_below: list[int] = []
        self._all_tell_more = True
        self._is_below_a_gap = False
        self._kinds: Counter[Answers] = Counter()
        self._last: tuple[int, Answers] = (0, ())

    def note_gap(self) -> None:
        """Notes an empty row."""
        self._is_below_a_gap = self._above > 0

    def look_at(self, row: int, cells: Sequence[str], answers: Answers) -> None:
        """Notes a row that counts."""
        if self._tells_more(cells):
            self._all_tell_more = self._all_tell_more and not self._below
            self._above += self._below + 1
            self._below, self._is_below_a_gap = 0, False
            self._rows_below.clear()
        elif self._is_below_a_gap or (self._all_tell_more and self._above):
            self._below += 1
            if self._below <= MOST_ROWS:
                self._rows_below.append(row)
        else:
            self._all_tell_more = False
            self._above += 1
            self._last = row, answers
            if len(self._kinds) < _MOST_KINDS:
                self._kinds[answers] += 1

    @property
    def doubtful(self) -> Sequence[int]:
        """The rows that may be no respondents."""
        if self._below:
            return self._rows_below if self._above >= NEARLY_ALL * self._below else ()
        row, answers = self._last
        return [row] if self._kinds[answers] == 1 and self._is_average(answers) else ()

    def _tells_more(self, cells: Sequence[str]) -> bool:
        for place in self._facts:
            if cells[place].strip():
                return True
        return any(not _FIGURE.fullmatch(cells[place]) for place in self._unknown)

    def _is_average(self, answers: Answers) -> bool:
        """Whether these are the averages of all others, as a spreadsheet shows them without decimals."""
        others = self._above - 1
        if others < NEARLY_ALL or self._kinds.total() < self._above or len(answers) < _FEWEST_ANSWERS:
            return False
        kinds = [(kind, count) for kind, count in self._kinds.items() if kind != answers]
        return all(_average(kinds, place) == answer for place, answer in enumerate(answers))


def _average(kinds: Sequence[tuple[Answers, int]], place: int) -> int | None:
    given = [(value, count) for kind, count in kinds if (value := kind[place]) is not None]
    many = sum(count for _, count in given)
    return (2 * sum(value * count for value, count in given) + many) // (2 * many) if given else None
