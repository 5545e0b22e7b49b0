"""When a file of answers is held to be one that a survey has already, corrected: its people must not count twice."""

from typing import Literal

from services.survey_index.domain.span import DaysTaken

By = Literal["numbers", "rows"]
"""By what two files are held against each other: by their respondents' numbers where both have them, else by rows."""


def is_alike(by: By, in_common: int, rows: int, others_rows: int) -> bool:
    """Whether two files, of `rows` and `others_rows` respondents, may be the same one.

    One number in both is enough, for it is one respondent's. Rows are the same by chance as well: half of them, of the
    shorter file, for a correction adds some or takes some out.
    """
    return in_common > 0 if by == "numbers" else 0 < min(rows, others_rows) <= 2 * in_common


def are_dated_alike(days: DaysTaken | None, others_days: DaysTaken | None) -> bool:
    """Whether rows of two files can be told apart by their days: all of them stand in a column, read in the same way.

    Days that were said of a file, or read from another column or in another order, may be what a correction corrects.
    """
    if days is None or others_days is None or days.by_answered_on or others_days.by_answered_on:
        return False
    return (days.column, days.day_order) == (others_days.column, others_days.day_order)
