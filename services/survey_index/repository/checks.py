"""Back-checks: a fifth of the responses, drawn by lot, whose respondents are asked again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.models import Part
from services.survey_index.repository.parts import of_responses

_DRAWN = """
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM survey_index.responses WHERE survey = :survey
    ) AS numbered
    WHERE place % 5 = get_byte(sha256(:key || int8send(place / 5)), 0) % 5
    UNION SELECT b.response_id FROM survey_index.back_checks b JOIN survey_index.responses r ON r.id = b.response_id
    WHERE r.survey = :survey
"""
"""One of every five responses in the order in which they came, by a lot that nobody can choose, so that who was drawn
stays drawn when more come. Of those that come at once a long import commits last, and moves the places of others: who
was asked again by then stays on the list. So does a file that is taken back."""


async def kept_lots(session: AsyncSession) -> str | None:
    """The sealed key of the lots, once there was a draw."""
    sealed: str | None = await session.scalar(text("SELECT key_sealed FROM survey_index.lots"))
    return sealed


async def keep_lots(session: AsyncSession, sealed: str) -> None:
    """Keeps the key of the lots, unless one is kept already."""
    await session.execute(
        text("INSERT INTO survey_index.lots (key_sealed) VALUES (:sealed) ON CONFLICT DO NOTHING"), {"sealed": sealed}
    )


async def list_checks(
    session: AsyncSession, survey: str, key: bytes, *, after: UUID | None = None, only: UUID | None = None, limit: int
) -> list[Row[Any]]:
    """What is needed to ask those who were drawn, and what came of it: a number or a case, no name."""
    result = await session.execute(
        text(f"""
        SELECT r.id, r.respondent, r.first_day, r.day, r.unit, r.service, r.channel, r.interviewer_name,
               r.interviewer_nip, i.tracking_code, b.result, b.note, b.checked_at
        FROM survey_index.responses r
        LEFT JOIN survey_index.invitations i ON i.id = r.invitation_id
        LEFT JOIN survey_index.back_checks b ON b.response_id = r.id
        WHERE r.id IN ({_DRAWN}) AND (CAST(:after AS uuid) IS NULL OR r.id > :after)
          AND (CAST(:only AS uuid) IS NULL OR r.id = :only)
        ORDER BY r.id LIMIT :limit
        """),
        {"survey": survey, "key": key, "after": after, "only": only, "limit": limit},
    )
    return list(result)


async def count_checks(session: AsyncSession, survey: str, part: Part) -> dict[str, int]:
    """How many responses of a part were checked again, by what was found."""
    where, values = of_responses(part)
    result = await session.execute(
        text(f"""
        SELECT b.result, count(*) AS number FROM survey_index.back_checks b
        JOIN survey_index.responses r ON r.id = b.response_id WHERE r.survey = :survey {where} GROUP BY b.result
        """),
        {"survey": survey, **values},
    )
    return {row.result: row.number for row in result}


async def save_check(
    session: AsyncSession, survey: str, key: bytes, response_id: UUID, *, result: str, note: str, by: str, now: datetime
) -> bool:
    """Writes down what a check found; a later word replaces an earlier one. False if the response was not drawn.

    The file that it came in is held meanwhile: a response that is being taken back is not there any more.
    """
    await session.execute(
        text("""
        SELECT 1 FROM survey_index.imports
        WHERE id = (SELECT import_id FROM survey_index.responses WHERE id = :id) FOR SHARE
        """),
        {"id": response_id},
    )
    done = await session.execute(
        text(f"""
        INSERT INTO survey_index.back_checks (response_id, result, note, checked_by, checked_at)
        SELECT id, :result, :note, :by, :now FROM ({_DRAWN}) AS drawn WHERE id = :id
        ON CONFLICT (response_id) DO UPDATE
        SET result = excluded.result, note = excluded.note, checked_by = excluded.checked_by,
            checked_at = excluded.checked_at
        """),
        {"id": response_id, "survey": survey, "key": key, "result": result, "note": note, "by": by, "now": now},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
