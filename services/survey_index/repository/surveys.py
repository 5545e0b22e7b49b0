"""Instruments, surveys, and their plans of follow-up."""

from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import Instrument
from services.survey_index.models import FollowUp, Survey

_RULES = """unit, services, opens_on, closes_on, edition, missing, code_list, zone, population, min_age, selection,
    response_percent, invitation_days, recontact_days, closed_at, published_at"""
_SURVEY = f"code, title, CAST(definition AS text) AS definition, {_RULES}"


async def insert_instrument(session: AsyncSession, instrument: Instrument, *, by: str, now: datetime) -> bool:
    """Keeps a unit's own instrument. False if this code has this version already."""
    result = await session.execute(
        text("""
        INSERT INTO survey_index.instruments (code, version, definition, created_by, created_at)
        VALUES (:code, :version, CAST(:definition AS jsonb), :by, :now) ON CONFLICT DO NOTHING
        """),
        {
            "code": instrument.code,
            "version": instrument.version,
            "definition": instrument.model_dump_json(),
            "by": by,
            "now": now,
        },
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def list_instruments(session: AsyncSession, code: str | None = None) -> list[Instrument]:
    """Units' own instruments, the newest version of each first."""
    result = await session.scalars(
        text("""
        SELECT CAST(definition AS text) FROM survey_index.instruments
        WHERE CAST(:code AS text) IS NULL OR code = :code ORDER BY code, version DESC
        """),
        {"code": code},
    )
    return [Instrument.model_validate_json(definition) for definition in result]


async def get_survey(session: AsyncSession, code: str, *, hold: bool = False) -> Survey | None:
    """A survey; with `hold` it is not closed before the transaction ends."""
    lock = "FOR SHARE" if hold else ""
    result = await session.execute(
        text(f"SELECT {_SURVEY} FROM survey_index.surveys WHERE code = :code {lock}"), {"code": code}
    )
    row = result.one_or_none()
    return _survey(row) if row else None


async def list_surveys(session: AsyncSession, *, after: str, limit: int) -> list[Survey]:
    """Surveys by their code, after the one called `after`."""
    result = await session.execute(
        text(f"SELECT {_SURVEY} FROM survey_index.surveys WHERE code > :after ORDER BY code LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_survey(row) for row in result]


async def insert_survey(session: AsyncSession, survey: Survey, now: datetime) -> bool:
    """Adds the survey. False if there is one of that code."""
    values = asdict(survey) | {
        "definition": survey.instrument.model_dump_json(),
        "services": list(survey.services),
        "now": now,
    }
    del values["instrument"]
    result = await session.execute(
        text(f"""
        INSERT INTO survey_index.surveys (code, title, definition, {_RULES}, created_at)
        VALUES (:code, :title, CAST(:definition AS jsonb), :unit, :services, :opens_on, :closes_on, :edition, :missing,
                :code_list, :zone, :population, :min_age, :selection, :response_percent, :invitation_days,
                :recontact_days, :closed_at, :published_at, :now)
        ON CONFLICT (code) DO NOTHING
        """),
        values,
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def close_survey(session: AsyncSession, code: str, now: datetime) -> None:
    """Writes down that a survey takes no more; the first time stays. Waits for answers that are being written."""
    await session.execute(
        text("UPDATE survey_index.surveys SET closed_at = coalesce(closed_at, :now) WHERE code = :code"),
        {"code": code, "now": now},
    )


async def publish_survey(session: AsyncSession, code: str, now: datetime) -> None:
    """Writes down that a survey is for everybody; the first time stays."""
    await session.execute(
        text("UPDATE survey_index.surveys SET published_at = coalesce(published_at, :now) WHERE code = :code"),
        {"code": code, "now": now},
    )


def _survey(row: Row[Any]) -> Survey:
    values = dict(row._mapping)
    return Survey(instrument=_instrument(values.pop("definition")), **values)


@lru_cache(maxsize=256)
def _instrument(definition: str) -> Instrument:
    """A definition never changes, so the one that was read before serves every figure of its survey."""
    return Instrument.model_validate_json(definition)


async def insert_follow_up(session: AsyncSession, item: FollowUp, now: datetime) -> None:
    await session.execute(
        text("""
        INSERT INTO survey_index.follow_ups (id, survey, element, action, responsible, due_on, planned, realised,
                                             created_at)
        VALUES (:id, :survey, :element, :action, :responsible, :due_on, :planned, :realised, :now)
        """),
        {**asdict(item), "now": now},
    )


async def list_follow_ups(session: AsyncSession, survey: str) -> list[FollowUp]:
    result = await session.execute(
        text("""
        SELECT id, survey, element, action, responsible, due_on, planned, realised FROM survey_index.follow_ups
        WHERE survey = :survey ORDER BY id
        """),
        {"survey": survey},
    )
    return [FollowUp(*row) for row in result]


async def lock_follow_up(session: AsyncSession, survey: str, item: UUID) -> FollowUp | None:
    result = await session.execute(
        text("""
        SELECT id, survey, element, action, responsible, due_on, planned, realised FROM survey_index.follow_ups
        WHERE survey = :survey AND id = :id FOR UPDATE
        """),
        {"survey": survey, "id": item},
    )
    row = result.one_or_none()
    return FollowUp(*row) if row else None


async def realise_follow_up(session: AsyncSession, item: UUID, realised: int) -> None:
    await session.execute(
        text("UPDATE survey_index.follow_ups SET realised = :realised WHERE id = :id"),
        {"id": item, "realised": realised},
    )
