"""What a file has in common with those that were imported into its survey before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.likeness import InCommon
from services.survey_index.domain.span import DaysTaken
from services.survey_index.repository import responses
from services.survey_index.repository.imports import days_kept
from services.survey_index.repository.responses import Record


class Rows(StrEnum):
    """The table that the rows of a file are in."""

    KEPT = "survey_index.responses"
    SENT = "pg_temp.sent"


Mark = Literal["number", "digits", "day", "answers", "age", "comment"]
"""What a row is known by: its respondent's number, or what is left of that without letters and signs, or what it says
itself. The rest of a row may be mapped, or said, in a correction only.
"""
BY_NUMBER: tuple[Mark, ...] = ("number",)
BY_ANSWERS: tuple[Mark, ...] = ("answers",)
_MARKS: Mapping[Mark, str] = {
    "number": "ltrim(lower(respondent), '0')",  # a spreadsheet makes 1 of 001
    "digits": r"ltrim(regexp_replace(respondent, '\D', '', 'g'), '0')",
    "day": "day",
    "answers": "answers",
    "age": "age",
    "comment": "comment",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A file that was imported and not taken back."""

    import_id: UUID
    imported_at: datetime
    rows: int
    has_numbers: bool
    days: DaysTaken | None
    """None of a file from before this was written down."""


async def standing(session: AsyncSession, survey: str, *, but: UUID | None = None) -> list[Standing]:
    """The files of a survey that stand, but for one; the newest first."""
    result = await session.execute(
        text("""
        SELECT id, imported_at, rows, has_numbers, first_day, last_day, days_by FROM survey_index.imports
        WHERE survey = :survey AND withdrawn_at IS NULL AND id IS DISTINCT FROM CAST(:but AS uuid) ORDER BY id DESC
        """),
        {"survey": survey, "but": but},
    )
    return [
        Standing(
            row.id, row.imported_at, row.rows, row.has_numbers, days_kept(row.first_day, row.last_day, row.days_by)
        )
        for row in result
    ]


async def a_number_of_each(
    session: AsyncSession, survey: str, import_id: UUID, others: Sequence[UUID], *, rows: Rows
) -> dict[UUID, str]:
    """How one of the respondents is numbered, in a file and in each of the others."""
    sent = f"UNION ALL SELECT import_id, respondent FROM {rows.value}" if rows is Rows.SENT else ""
    result = await session.execute(
        text(f"""
        SELECT import_id, min(respondent COLLATE "C") AS number
        FROM (SELECT import_id, respondent FROM survey_index.responses
              WHERE survey = :survey AND import_id = ANY(:files) {sent}) AS numbered
        GROUP BY import_id
        """),
        {"survey": survey, "files": [import_id, *others]},
    )
    return {row.import_id: row.number for row in result}


async def facts_told(
    session: AsyncSession, survey: str, import_id: UUID, others: Sequence[UUID], *, rows: Rows
) -> dict[UUID, frozenset[Mark]]:
    """Which of age and comment anybody told in a file and in each of the others: only what both have can differ."""
    result = await session.execute(
        text(f"""
        SELECT import_id, bool_or(age IS NOT NULL) AS age, bool_or(comment IS NOT NULL) AS comment
        FROM (SELECT import_id, age, comment FROM {rows.value} WHERE survey = :survey AND import_id = :id
              UNION ALL
              SELECT import_id, age, comment FROM survey_index.responses
              WHERE survey = :survey AND import_id = ANY(:others)) AS told
        GROUP BY import_id
        """),
        {"survey": survey, "id": import_id, "others": list(others)},
    )
    facts: tuple[Mark, ...] = ("age", "comment")
    return {row.import_id: frozenset(fact for fact in facts if getattr(row, fact)) for row in result}


async def in_common(
    session: AsyncSession,
    survey: str,
    import_id: UUID,
    others: Sequence[UUID],
    marks: Sequence[Mark],
    *,
    in_any_order: Sequence[int],
    rows: Rows,
) -> tuple[dict[UUID, InCommon], int]:
    """What a file has in common with each of the others that it has any row in common with, and how many of its rows
    any of them has.

    Rows are the same that agree in all `marks`; one that is twice in both is two. Two of the answers may stand
    `in_any_order`. The rows of the file are in `rows`, under its `import_id`.
    """
    columns = [_unordered(in_any_order) if name == "answers" and in_any_order else _MARKS[name] for name in marks]
    mark = f"hash_record_extended(ROW({', '.join(columns)}), 0)"
    as_it_was = await session.scalar(text("SELECT current_setting('enable_nestloop')"))
    await session.execute(text("SET LOCAL enable_nestloop = off"))  # nothing is known yet of rows that came just now
    result = await session.execute(
        text(f"""
        WITH ours AS (
            SELECT {mark} AS mark, count(*) AS n FROM {rows.value}
            WHERE survey = :survey AND import_id = :id GROUP BY 1
        ), theirs AS (
            SELECT import_id, {mark} AS mark, count(*) AS n FROM survey_index.responses
            WHERE survey = :survey AND import_id = ANY(:others) GROUP BY 1, 2
        ), both_have AS (
            SELECT import_id, mark, least(ours.n, theirs.n) AS n, greatest(ours.n, theirs.n) = 1 AS is_alone
            FROM ours JOIN theirs USING (mark)
        )
        SELECT import_id, CAST(sum(n) AS bigint) AS rows, count(*) FILTER (WHERE is_alone) AS alone,
               least((SELECT count(*) FROM ours WHERE n = 1),
                     (SELECT count(*) FROM theirs t WHERE t.import_id = both_have.import_id AND n = 1)) AS least_alone
        FROM both_have GROUP BY import_id
        UNION ALL SELECT NULL, count(DISTINCT mark), 0, 0 FROM both_have
        """),
        {"survey": survey, "id": import_id, "others": list(others)},
    )
    found = {row.import_id: InCommon(row.rows, row.alone, row.least_alone) for row in result}
    await session.execute(text("SELECT set_config('enable_nestloop', :was, true)"), {"was": as_it_was})
    known = found.pop(None)
    return found, known.rows


def _unordered(places: Sequence[int]) -> str:
    """The answers, with those at two places, from 0 on, in one order whichever they have."""
    first, second = (place + 1 for place in places)  # as PostgreSQL counts
    rest = f"answers[1:{first - 1}], answers[{first + 1}:{second - 1}], answers[{second + 1}:]"
    pair = f"coalesce(answers[{first}], 0), coalesce(answers[{second}], 0)"
    return f"{rest}, least({pair}), greatest({pair})"


async def lay_out(session: AsyncSession) -> None:
    """Makes the table `Rows.SENT` for the rows of a file that is only looked at. It is gone with the transaction."""
    await session.execute(
        text(f"CREATE TEMPORARY TABLE {Rows.SENT.value} (LIKE {Rows.KEPT.value}) ON COMMIT DROP")  # without indices
    )


async def send(session: AsyncSession, records: Sequence[Record]) -> None:
    """Adds rows to the table `Rows.SENT`."""
    schema, _, table = Rows.SENT.partition(".")
    await responses.copy(session, records, schema=schema, table=table)
