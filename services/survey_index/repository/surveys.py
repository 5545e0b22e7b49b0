"""Surveys, and their plans of follow-up."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.domain.profile import CodeList
from services.survey_index.domain.scope import folded
from services.survey_index.models import FollowUp, Survey

_RULES = """unit, services, opens_on, closes_on, edition, missing, code_list, zone, population, min_age, selection,
    response_percent, invitation_days, recontact_days, priorities, questions_assumed, closed_at, published_at"""
_SURVEY = f"""code, title, CAST(definition AS text) AS definition, instrument_edition, CAST(codes AS text) AS codes,
    {_RULES}"""


async def get_survey(session: AsyncSession, code: str, *, hold: bool = False) -> Survey | None:
    """A survey; with `hold` it is not closed before the transaction ends."""
    lock = "FOR SHARE" if hold else ""
    result = await session.execute(
        text(f"SELECT {_SURVEY} FROM survey_index.surveys WHERE code = :code {lock}"), {"code": code}
    )
    row = result.one_or_none()
    return _survey(row) if row else None


async def surveys_of_units(session: AsyncSession, units: Collection[str], now: datetime) -> dict[str, Survey]:
    """The survey that each of these units (as `folded`) runs of its own and invites to; the newest of many."""
    result = await session.execute(
        text(f"""
        SELECT DISTINCT ON (lower(unit)) {_SURVEY} FROM survey_index.surveys
        WHERE lower(unit) = ANY(:units) AND selection <> 'nobody' AND closed_at IS NULL
          AND CAST(CAST(:now AS timestamptz) AT TIME ZONE zone AS date)
              BETWEEN coalesce(opens_on, '-infinity') AND coalesce(closes_on, 'infinity')
        ORDER BY lower(unit), created_at DESC, code
        """),
        {"units": list(units), "now": now},
    )
    return {folded(survey.unit): survey for survey in map(_survey, result)}


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
        "instrument_edition": survey.instrument.edition,
        "codes": survey.codes.model_dump_json(),
        "services": list(survey.services),
        "now": now,
    }
    del values["instrument"]
    result = await session.execute(
        text(f"""
        INSERT INTO survey_index.surveys (code, title, definition, instrument_edition, codes, {_RULES}, created_at)
        VALUES (:code, :title, CAST(:definition AS jsonb), :instrument_edition, CAST(:codes AS jsonb), :unit, :services,
                :opens_on, :closes_on, :edition, :missing, :code_list, :zone, :population, :min_age, :selection,
                :response_percent, :invitation_days, :recontact_days, :priorities, :questions_assumed, :closed_at,
                :published_at, :now)
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
    values["services"] = tuple(values["services"])
    instrument = _instrument(values.pop("definition"), values.pop("instrument_edition"))
    return Survey(instrument=instrument, codes=_codes(values.pop("codes")), **values)


@lru_cache(maxsize=256)
def _instrument(definition: str, edition: Edition | None) -> Instrument:
    """A definition never changes, so the one that was read before serves every figure of its survey. Of one that an
    earlier release kept, the edition is that of the software's own of the same code.
    """
    found = Instrument.model_validate_json(definition)
    own = builtin().get(found.code, found)
    return found.model_copy(update={"edition": edition or own.edition})


@lru_cache(maxsize=256)
def _codes(definition: str) -> CodeList:
    return CodeList.model_validate_json(definition)


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
    return [FollowUp(**row._mapping) for row in result]


async def lock_follow_up(session: AsyncSession, survey: str, item: UUID) -> FollowUp | None:
    result = await session.execute(
        text("""
        SELECT id, survey, element, action, responsible, due_on, planned, realised FROM survey_index.follow_ups
        WHERE survey = :survey AND id = :id FOR UPDATE
        """),
        {"survey": survey, "id": item},
    )
    row = result.one_or_none()
    return FollowUp(**row._mapping) if row else None


async def realise_follow_up(session: AsyncSession, item: UUID, realised: int) -> None:
    await session.execute(
        text("UPDATE survey_index.follow_ups SET realised = :realised WHERE id = :id"),
        {"id": item, "realised": realised},
    )
