"""Files that responses came in."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sheet.notes import ElementsNamedBy
from services.survey_index.domain.span import DaysTaken
from services.survey_index.domain.tallies import Answers
from services.survey_index.models import Import
from services.survey_index.repository.counting import PlaceOfAnswer, grain_of
from shared import locks

_BATCH = 5_000
_IMPORT = """
    id AS import_id, rows, mapping AS read_as, imported_by, imported_at, withdrawn_by, withdrawn_at, replaces,
    first_day, last_day, days_by, elements_named_by
"""
_OF_DAYS = {"column", "by_column", "by_answered_on", "day_order"}
"""What `days_by` keeps, as JSON."""


async def one_after_another(session: AsyncSession, survey: str) -> None:
    """Waits until no other file is being imported into the survey, and has others wait until the commit.

    Of two files with the same people that come at once, the second is held against the first. Whoever waits for an
    import, for its rows or for tallies does so after this: nobody waits in a ring.
    """
    await locks.hold(session, f"imports of {survey}")


async def insert_import(
    session: AsyncSession,
    *,
    import_id: UUID,
    survey: str,
    content_sha256: str,
    mapping: str,
    rows: int,
    has_numbers: bool,
    replaces: UUID | None,
    imported_by: str,
    now: datetime,
    days: DaysTaken | None,
    elements_named_by: ElementsNamedBy,
) -> bool:
    """Whether this is the first time that the file is imported into the survey."""
    new = await session.scalar(
        text("""
        INSERT INTO survey_index.imports (id, survey, content_sha256, mapping, rows, imported_by, imported_at,
                                          has_numbers, replaces, first_day, last_day, days_by,
                                          elements_named_by)
        VALUES (:id, :survey, :sha, :mapping, :rows, :by, :now, :has_numbers, :replaces, :first_day, :last_day,
                :days_by, :elements_named_by)
        ON CONFLICT (survey, content_sha256) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id
        """),
        {
            "id": import_id,
            "survey": survey,
            "sha": content_sha256,
            "mapping": mapping,
            "rows": rows,
            "by": imported_by,
            "now": now,
            "has_numbers": has_numbers,
            "replaces": replaces,
            "first_day": days.first if days else None,
            "last_day": days.last if days else None,
            "days_by": days.model_dump_json(include=_OF_DAYS) if days else "",
            "elements_named_by": elements_named_by,
        },
    )
    return new is not None


async def find_import(session: AsyncSession, survey: str, content_sha256: str) -> Import | None:
    """An import of the same cells that was done before, and stands; None if there is none."""
    result = await session.execute(
        text(f"""
        SELECT {_IMPORT} FROM survey_index.imports
        WHERE survey = :survey AND content_sha256 = :sha AND withdrawn_at IS NULL
        """),
        {"survey": survey, "sha": content_sha256},
    )
    row = result.one_or_none()
    return _import(row) if row else None


async def list_imports(session: AsyncSession, survey: str, *, before: UUID | None, limit: int) -> list[Import]:
    """The files of a survey, the newest first."""
    result = await session.execute(
        text(f"""
        SELECT {_IMPORT} FROM survey_index.imports
        WHERE survey = :survey AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit
        """),
        {"survey": survey, "before": before, "limit": limit},
    )
    return [_import(row) for row in result]


async def imports_that_stand(session: AsyncSession, survey: str) -> list[Import]:
    """The files of a survey that were not taken back, the oldest first."""
    result = await session.execute(
        text(f"""
        SELECT {_IMPORT} FROM survey_index.imports WHERE survey = :survey AND withdrawn_at IS NULL ORDER BY id
        """),
        {"survey": survey},
    )
    return [_import(row) for row in result]


async def imports_with(session: AsyncSession, survey: str, ids: Collection[UUID]) -> list[Import]:
    """These files of a survey, the oldest first."""
    result = await session.execute(
        text(f"SELECT {_IMPORT} FROM survey_index.imports WHERE survey = :survey AND id = ANY(:ids) ORDER BY id"),
        {"survey": survey, "ids": list(ids)},
    )
    return [_import(row) for row in result]


async def lock_import(session: AsyncSession, survey: str, import_id: UUID) -> Import | None:
    """One file, held until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {_IMPORT} FROM survey_index.imports WHERE survey = :survey AND id = :id FOR UPDATE"),
        {"survey": survey, "id": import_id},
    )
    row = result.one_or_none()
    return _import(row) if row else None


def _import(row: Row[Any]) -> Import:
    values = dict(row._mapping)
    days = days_kept(*(values.pop(name) for name in ("first_day", "last_day", "days_by")))
    return Import(**values, days=days)


def days_kept(first: date | None, last: date | None, days_by: str) -> DaysTaken | None:
    """The days of a file out of its columns; None of one from before they were written down."""
    return DaysTaken.model_validate({**json.loads(days_by), "first": first, "last": last}) if first else None


async def answers_of(
    session: AsyncSession, survey: str, import_id: UUID
) -> AsyncIterator[tuple[PlaceOfAnswer, Sequence[str], Answers]]:
    """What each row of a file was counted by: its place, what the respondent told of himself, and the answers."""
    result = await session.stream(
        text("""
        SELECT first_day, day, unit, service, channel, complete, sex, education, occupation, answers
        FROM survey_index.responses WHERE survey = :survey AND import_id = :id
        """),
        {"survey": survey, "id": import_id},
    )
    async for batch in result.partitions(_BATCH):
        for first_day, day, unit, service, channel, complete, sex, education, occupation, answers in batch:
            place = (grain_of(first_day), day, unit, service, channel, complete)
            yield place, (sex, education, occupation), answers


async def delete_answers(session: AsyncSession, survey: str, import_id: UUID) -> None:
    """Deletes the rows of a file, and what was noted when some of them were asked again."""
    values = {"survey": survey, "id": import_id}
    ours = "SELECT id FROM survey_index.responses WHERE survey = :survey AND import_id = :id"
    await session.execute(text(f"DELETE FROM survey_index.back_checks WHERE response_id IN ({ours})"), values)
    await session.execute(text("DELETE FROM survey_index.responses WHERE survey = :survey AND import_id = :id"), values)


async def replacement_of(session: AsyncSession, survey: str, import_id: UUID) -> UUID | None:
    """The file that took the place of another, and stands."""
    found: UUID | None = await session.scalar(
        text("""
        SELECT id FROM survey_index.imports
        WHERE survey = :survey AND replaces = :id AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1
        """),
        {"survey": survey, "id": import_id},
    )
    return found


async def note_replaced(session: AsyncSession, import_id: UUID, replaces: UUID) -> None:
    """Writes down which file this one took the place of, unless it took that of another before."""
    await session.execute(
        text("UPDATE survey_index.imports SET replaces = coalesce(replaces, :replaces) WHERE id = :id"),
        {"id": import_id, "replaces": replaces},
    )


async def withdraw(session: AsyncSession, import_id: UUID, *, by: str, now: datetime) -> None:
    await session.execute(
        text("UPDATE survey_index.imports SET withdrawn_by = :by, withdrawn_at = :now WHERE id = :id"),
        {"id": import_id, "by": by, "now": now},
    )
