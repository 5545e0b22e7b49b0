"""What a file has in common with those that were imported into its survey before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.likeness import By
from services.survey_index.domain.span import DaysTaken
from services.survey_index.repository import responses
from services.survey_index.repository.imports import days_kept
from services.survey_index.repository.responses import Record


class Rows(StrEnum):
    """The table that the rows of a file are in."""

    KEPT = "survey_index.responses"
    SENT = "pg_temp.sent"


_NUMBER = "hashtextextended(ltrim(lower(respondent), '0'), 0)"  # a spreadsheet makes 1 of 001
_ROW = "hash_record_extended(ROW(answers, age, comment), 0)"  # the rest may be mapped, or said, in a correction only
_DATED_ROW = "hash_record_extended(ROW(day, answers, age, comment), 0)"


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
        Standing(import_id, imported_at, rows, has_numbers, days_kept(first, last, days_by))
        for import_id, imported_at, rows, has_numbers, first, last, days_by in result
    ]


async def in_common(
    session: AsyncSession, survey: str, import_id: UUID, others: Sequence[UUID], by: By, *, dated: bool, rows: Rows
) -> tuple[dict[UUID, int], int]:
    """How many rows of a file each of the others has, too, and how many of its rows any of them has.

    A row that is twice in both is two. Rows are of the same day, too, if they are `dated`. Those of the file are in
    `rows`, under its `import_id`.
    """
    mark = _NUMBER if by == "numbers" else _DATED_ROW if dated else _ROW
    as_it_was = await session.scalar(text("SELECT current_setting('enable_nestloop')"))
    await session.execute(text("SET LOCAL enable_nestloop = off"))  # nothing is known yet of rows that came just now
    result = await session.execute(
        text(f"""
        WITH ours AS (
            SELECT {mark} AS mark, count(*) AS n FROM {rows.value}
            WHERE survey = :survey AND import_id = :id GROUP BY 1
        ), theirs AS (
            SELECT import_id, {mark} AS mark FROM survey_index.responses
            WHERE survey = :survey AND import_id = ANY(:others)
        ), both_have AS (
            SELECT import_id, mark, least(ours.n, count(*)) AS n FROM ours JOIN theirs USING (mark)
            GROUP BY import_id, mark, ours.n
        )
        SELECT import_id, CAST(sum(n) AS bigint) FROM both_have GROUP BY import_id
        UNION ALL SELECT NULL, count(DISTINCT mark) FROM both_have
        """),
        {"survey": survey, "id": import_id, "others": list(others)},
    )
    found = {other: n for other, n in result}  # noqa: C416 - a Row is no pair to mypy
    await session.execute(text("SELECT set_config('enable_nestloop', :was, true)"), {"was": as_it_was})
    return found, found.pop(None)


async def lay_out(session: AsyncSession) -> None:
    """Makes the table `Rows.SENT` for the rows of a file that is only looked at. It is gone with the transaction."""
    await session.execute(
        text(f"CREATE TEMPORARY TABLE {Rows.SENT.value} (LIKE {Rows.KEPT.value}) ON COMMIT DROP")  # without indices
    )


async def send(session: AsyncSession, records: Sequence[Record]) -> None:
    """Adds rows to the table `Rows.SENT`."""
    schema, _, table = Rows.SENT.partition(".")
    await responses.copy(session, records, schema=schema, table=table)
