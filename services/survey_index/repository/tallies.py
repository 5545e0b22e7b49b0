"""Tallies: arrays of counts that an index is a sum of, by day and by month, for everybody and by profile.

Answers that are known only to lie between two days are of no day and of no month: the `grain` of their tallies is the
first of these days, in ISO, and `day` the last. They count in a period that holds both.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.limits import EARLIEST, LATEST
from services.survey_index.domain.period import Period, period_of_answers
from services.survey_index.domain.profile import PROFILE
from services.survey_index.models import Part, Survey
from services.survey_index.repository.counting import Counted, PlaceOfTally, difference
from services.survey_index.repository.parts import within

By = Literal["unit", "service", "channel", "month", "quarter", "semester", "year", "sex", "education", "occupation"]
_IS_SPAN = "grain < 'day'"
"""Whether a row is of answers between two days: digits come before letters, and 'day' before 'month'."""
_PERIODS: Mapping[str, str] = {
    "month": "to_char({day}, 'YYYY-MM')",
    "quarter": "to_char({day}, 'YYYY-\"Q\"Q')",
    "semester": "to_char({day}, 'YYYY-\"S\"') || CASE WHEN extract(month FROM {day}) <= 6 THEN '1' ELSE '2' END",
    "year": "to_char({day}, 'YYYY')",
}
"""What a day's month, quarter, half or whole year is called."""
_KEYS: Mapping[str, str] = {
    "unit": "unit",
    "service": "service",
    "channel": "channel",
    "sex": "value",
    "education": "value",
    "occupation": "value",
}


async def add(session: AsyncSession, counted: Counted) -> None:
    """Adds what was counted, in a fixed order of rows: two writers wait for each other, and never in a ring."""
    await _write(session, counted.survey, counted.rows())


async def change(session: AsyncSession, added: Counted, removed: Counted) -> None:
    """Adds what was counted, and takes away what was counted before. A group that nobody is left in is gone.

    Both are one writing, in the same order of rows: two writings, one after the other, could wait in a ring.
    """
    rows = difference(added, removed)
    await _write(session, added.survey, rows)
    await session.execute(
        text(f"""
        DELETE FROM survey_index.tallies AS t USING {_GIVEN}
        WHERE t.survey = :survey AND 0 = ALL(t.counts)
          AND (t.dimension, t.grain, t.day, t.unit, t.service, t.channel, t.complete, t.value)
              = (n.dimension, n.grain, n.day, n.unit, n.service, n.channel, n.complete, n.value)
        """),
        _columns(added.survey, rows),
    )


async def _write(session: AsyncSession, survey: Survey, rows: Sequence[tuple[PlaceOfTally, list[int]]]) -> None:
    await session.execute(
        text(f"""
        INSERT INTO survey_index.tallies AS t
            (survey, dimension, grain, day, unit, service, channel, complete, value, counts)
        SELECT :survey, dimension, grain, day, unit, service, channel, complete, value, CAST(counts AS bigint[])
        FROM {_GIVEN}
        ON CONFLICT (survey, dimension, grain, day, unit, service, channel, complete, value)
        DO UPDATE SET counts = ARRAY(SELECT a + b
                                     FROM unnest(t.counts, excluded.counts) WITH ORDINALITY AS u(a, b, place)
                                     ORDER BY place)
        """),
        _columns(survey, rows),
    )


_GIVEN = """
    unnest(CAST(:dimensions AS text[]), CAST(:grains AS text[]), CAST(:days AS date[]), CAST(:units AS text[]),
           CAST(:services AS text[]), CAST(:channels AS text[]), CAST(:complete AS boolean[]),
           CAST(:values AS text[]), CAST(:counts AS text[]))
    AS n(dimension, grain, day, unit, service, channel, complete, value, counts)
"""
_COLUMNS = ("dimensions", "grains", "days", "units", "services", "channels", "complete", "values")


def _columns(survey: Survey, rows: Sequence[tuple[PlaceOfTally, list[int]]]) -> dict[str, Any]:
    """Rows of tallies as the columns of `_GIVEN`."""
    places = [list(column) for column in zip(*(place for place, _ in rows), strict=True)] or [[]] * len(_COLUMNS)
    counts = ["{" + ",".join(map(str, cells)) + "}" for _, cells in rows]
    return {"survey": survey.code, **dict(zip(_COLUMNS, places, strict=True)), "counts": counts}


async def read(
    session: AsyncSession, survey: Survey, part: Part, *, by: By | None = None, complete_only: bool = False
) -> dict[str, list[int]]:
    """The counts of a part of a survey (see `domain.tallies.Layout`), for each value of `by`, in its order.

    Without `by` there is one, under the empty name. Whole months are read from the tallies of months.
    """
    where, values = within(part)
    periods, days = _periods(part)
    key = _key(by) if by else "''"
    result = await session.execute(
        text(f"""
        SELECT key, array_agg(total ORDER BY place) AS counts FROM (
            SELECT {key} AS key, place, CAST(sum(count) AS bigint) AS total
            FROM survey_index.tallies, unnest(counts) WITH ORDINALITY AS u(count, place)
            WHERE survey = :survey AND dimension = :dimension AND ({periods}) {where}
              {"AND complete" if complete_only else ""}
            GROUP BY 1, 2
        ) AS sums GROUP BY key ORDER BY key
        """),
        {"survey": survey.code, "dimension": by if by in PROFILE else "", **values, **days},
    )
    return {row.key: list(row.counts) for row in result}


def _key(by: By) -> str:
    """What the rows are taken apart by. A span within one month is of that month; another is of its first to its last,
    `2021-01..2021-12`.
    """
    period = _PERIODS.get(by)
    if period is None:
        return _KEYS[by]
    first, last = period.format(day="CAST(grain AS date)"), period.format(day="day")
    of_span = f"CASE WHEN {first} = {last} THEN {last} ELSE {first} || '..' || {last} END"
    return f"CASE WHEN {_IS_SPAN} THEN {of_span} ELSE {last} END"  # a grain is cast to a day where it is one


async def answered_in(session: AsyncSession, survey: Survey, *, complete_only: bool = False) -> Period:
    """The period of a survey's respondents. Who answered nothing is none."""
    result = await session.execute(
        text(f"""
        SELECT min(CASE WHEN {_IS_SPAN} THEN CAST(grain AS date) ELSE day END) AS first, max(day) AS last,
               coalesce(bool_or({_IS_SPAN}), false) AS in_spans
        FROM survey_index.tallies
        WHERE survey = :survey AND dimension = '' AND grain <> 'month' AND counts[1] > 0
          {"AND complete" if complete_only else ""}
        """),
        {"survey": survey.code},
    )
    row = result.one()
    return period_of_answers(row.first, row.last, in_spans=row.in_spans)


async def read_astride(session: AsyncSession, survey: Survey, part: Part, *, complete_only: bool = False) -> list[int]:
    """The counts of those of whom it is only known that they answered within days that the period of a part cuts: they
    are in none of its figures. Nothing but noughts where there is no period.
    """
    nobody = [0] * survey.layout.size
    if part.first is None and part.last is None:
        return nobody
    where, values = within(part)
    result = await session.execute(
        text(f"""
        SELECT CAST(sum(count) AS bigint)
        FROM survey_index.tallies, unnest(counts) WITH ORDINALITY AS u(count, place)
        WHERE survey = :survey AND dimension = '' AND {_IS_SPAN}
          AND grain <= :last AND day >= :first_day AND (grain < :first OR day > :last_day) {where}
          {"AND complete" if complete_only else ""}
        GROUP BY place ORDER BY place
        """),
        {
            "survey": survey.code,
            "first": str(part.first or EARLIEST),
            "last": str(part.last or LATEST),
            "first_day": part.first or EARLIEST,
            "last_day": part.last or LATEST,
            **values,
        },
    )
    return list(result.scalars()) or nobody


def _periods(part: Part) -> tuple[str, dict[str, date | str]]:
    """Which rows hold the days of a part: whole months by their month, what is left at both ends by its days, and
    spans that lie wholly within.
    """
    days: dict[str, date | str] = {}
    whole, ends, spans = ["grain = 'month'"], [], [_IS_SPAN]
    if part.first:
        days["first"], days["first_whole"] = part.first, part.first if part.first.day == 1 else _next_month(part.first)
        days["first_grain"] = str(part.first)
        spans.append("grain >= :first_grain")
        whole.append("day >= :first_whole")
        ends.append("day < :first_whole")
    if part.last:
        days["last"], days["after_whole"] = part.last, (part.last + timedelta(days=1)).replace(day=1)
        spans.append("day <= :last")
        whole.append("day < :after_whole")
        ends.append("day >= :after_whole")
    if not ends:
        return f"{whole[0]} OR {_IS_SPAN}", days
    bounds = [*(["day >= :first"] if part.first else []), *(["day <= :last"] if part.last else [])]
    at_both_ends = f"grain = 'day' AND ({' OR '.join(ends)}) AND {' AND '.join(bounds)}"
    return f"({' AND '.join(whole)}) OR ({at_both_ends}) OR ({' AND '.join(spans)})", days


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
