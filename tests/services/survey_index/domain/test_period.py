"""The period that a report states: days that came to pass, and never an end that was only planned."""

from datetime import date

import pytest

from services.survey_index.domain.period import Ends, Period, Run, period_of_answers

JAN, MAR, JUN, DEC = date(2026, 1, 1), date(2026, 3, 10), date(2026, 6, 30), date(2026, 12, 31)
ANSWERS = period_of_answers(date(2026, 1, 5), date(2026, 3, 2))
NOBODY = period_of_answers(None, None)


@pytest.mark.parametrize(
    ("run", "answers", "today", "period"),
    [
        # its last day has passed
        (Run(JAN, JUN, None), ANSWERS, DEC, Period("opened_to_closed", JAN, JUN)),
        # it was closed earlier than planned
        (Run(JAN, DEC, MAR), ANSWERS, JUN, Period("opened_to_closed", JAN, MAR)),
        # somebody closed it long after its last day
        (Run(JAN, JUN, DEC), ANSWERS, DEC, Period("opened_to_closed", JAN, JUN)),
        # no end was planned, and it was closed
        (Run(JAN, None, JUN), ANSWERS, DEC, Period("opened_to_closed", JAN, JUN)),
        # it still runs: the planned end is not told, nor is its last day over
        (Run(JAN, DEC, None), ANSWERS, MAR, Period("opened", JAN, MAR)),
        (Run(JAN, JUN, None), ANSWERS, JUN, Period("opened", JAN, JUN)),
        # nobody wrote down when it was opened
        (Run(None, JUN, MAR), ANSWERS, DEC, ANSWERS),
        (Run(None, None, None), ANSWERS, DEC, ANSWERS),
        (Run(None, None, None), NOBODY, DEC, Period()),
        # it has not begun, or was closed before it began
        (Run(JUN, DEC, None), NOBODY, MAR, Period()),
        (Run(JUN, DEC, MAR), NOBODY, DEC, Period()),
    ],
)
def test_period_of_a_survey_is_of_days_that_came_to_pass(
    run: Run, answers: Period, today: date, period: Period
) -> None:
    assert run.period(answers, today) == period


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ((MAR, None), Period("part", MAR, JUN)),
        ((None, MAR), Period("part", JAN, MAR)),
        ((date(2025, 1, 1), DEC), Period("opened_to_closed", JAN, JUN)),
        ((JAN, JUN), Period("opened_to_closed", JAN, JUN)),
        ((DEC, None), Period()),
    ],
)
def test_period_of_a_part_lies_within_that_of_the_survey(asked: Ends, period: Period) -> None:
    assert Run(JAN, JUN, None).period(ANSWERS, DEC, asked) == period


@pytest.mark.parametrize(
    ("answers", "asked", "period"),
    [
        (ANSWERS, (JAN, DEC), Period("part", JAN, DEC)),
        (ANSWERS, (JAN, None), Period("part", JAN, ANSWERS.last)),
        (NOBODY, (JAN, MAR), Period("part", JAN, MAR)),
        (NOBODY, (JAN, date(2027, 1, 1)), Period("part", JAN, DEC)),
    ],
)
def test_period_of_a_part_is_as_asked_where_nobody_knows_when_the_survey_was_opened(
    answers: Period, asked: Ends, period: Period
) -> None:
    assert Run(None, None, None).period(answers, DEC, asked) == period


def test_period_of_answers_of_which_a_span_is_known_is_not_called_exact() -> None:
    assert period_of_answers(JAN, JUN, in_spans=True) == Period("told", JAN, JUN)
    assert Run(None, None, None).period(Period("told", JAN, JUN), DEC).kind == "told"
