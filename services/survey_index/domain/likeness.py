"""When a file of answers is held to be one that a survey has already, corrected: its people must not count twice.

Where both files have respondents' numbers, one number in both is enough, for it is one respondent's. Rows are the same
by chance as well: in a real survey more than half of them say 4 to everything. So two files are told apart by the rows
that are the only ones of their kind: of a file that was corrected nearly all of these are there again, of two samples
of the same service a seventh (the median of 200 pairs each of 20 to 1,000 rows out of 2,404 real ones; 0.37 at most,
from 50 rows on). Only where hardly any row is alone, as in a short file, must half of all rows decide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.survey_index.domain.instruments import REGULATION_ORDER, Instrument
from services.survey_index.domain.span import DaysTaken

By = Literal["numbers", "rows"]
"""By what two files are held against each other: by their respondents' numbers where both have them, and by rows."""
_ENOUGH_ALONE = 5
_DIGITS = re.compile(r"\d+")
_TAKEN_FOR_EACH_OTHER = frozenset(REGULATION_ORDER[-2:])
"""The elements that some questionnaires swap: what a file's columns hold is the first that a correction corrects."""


@dataclass(frozen=True, slots=True)
class InCommon:
    """What two files have in common: how many rows, and how many of those that are the only one of their kind in both;
    `least_alone` is how many such rows the file has that has fewer.
    """

    rows: int = 0
    alone: int = 0
    least_alone: int = 0

    @property
    def is_telling(self) -> bool:
        """Whether enough rows are alone in both files to tell by them whether they are the same."""
        return self.least_alone >= _ENOUGH_ALONE

    @property
    def has_most_alone(self) -> bool:
        """Whether half of the rows that are alone in the one file are alone in the other, too."""
        return 2 * self.alone >= self.least_alone

    def has_most_of(self, rows: int, others_rows: int) -> bool:
        """Whether half of the rows of the shorter file are in the other: a correction adds some or takes some out."""
        return 0 < min(rows, others_rows) <= 2 * self.rows


def are_written_alike(number: str, others: str) -> bool:
    """Whether two files write their respondents' numbers in one way, as `R-007` and `R-123` are: then numbers of which
    the files have none in common are of others, and nothing else needs to be compared.
    """
    return _DIGITS.sub("0", number.casefold()) == _DIGITS.sub("0", others.casefold())


def are_dated_alike(days: DaysTaken | None, others_days: DaysTaken | None) -> bool:
    """Whether rows of two files can be told apart by their days: all of them stand in a column, read in the same way.

    Days that were said of a file, or read from another column or in another order, may be what a correction corrects.
    """
    if days is None or others_days is None or days.by_answered_on or others_days.by_answered_on:
        return False
    return (days.column, days.day_order) == (others_days.column, others_days.day_order)


def places_taken_for_each_other(instrument: Instrument) -> Sequence[int]:
    """Where those two stand among the answers that questionnaires swap, from 0 on; nowhere if not both are asked.

    Rows of two files are the same in whichever order they have the two. Compared so, two samples of the same service
    are no more alike than before: 0.45 of the rows that are alone, at most, from 50 rows on.
    """
    found = [n for n, question in enumerate(instrument.questions) if question.element in _TAKEN_FOR_EACH_OTHER]
    return found if len(found) == len(_TAKEN_FOR_EACH_OTHER) else ()
