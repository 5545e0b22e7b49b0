"""Surveys: their beginning and end, their checks, and the plan that follows from them."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.api.parameters import Officer, SurveyPath, may_read, may_run
from services.survey_index.domain.editions import DEFAULT_EDITION
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import half_up
from services.survey_index.models import FollowUp, Survey
from services.survey_index.schemas.surveys import (
    CheckIn,
    CheckOut,
    CheckPage,
    FollowUpIn,
    FollowUpOut,
    FollowUpPage,
    RealisedIn,
    SurveyDetail,
    SurveyIn,
    SurveyOut,
    SurveyPage,
)
from services.survey_index.service import catalogue, surveys
from services.survey_index.service.catalogue import Exists
from services.survey_index.service.checks import Checks
from services.survey_index.service.follow_ups import add_follow_up, plan_of, realise
from services.survey_index.service.invitations import forget
from services.survey_index.service.surveys import StillOpen
from shared.auth import staff
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.paging import first_of
from shared.refusals import refusals
from shared.wiring import Now, wired

WiredChecks = Annotated[Checks, Depends(wired(Checks))]
router = APIRouter(prefix="/v1", tags=["surveys"], route_class=KeyedRoute)


@router.get("/surveys", dependencies=[Depends(may_read)])
async def list_surveys(
    session: Reading,
    cursor: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> SurveyPage:
    """Surveys, by their code."""
    found, next_cursor = await surveys.page(session, after=cursor, limit=limit)
    return SurveyPage(items=[_survey(survey) for survey in found], next_cursor=next_cursor)


@router.post("/surveys", status_code=201, dependencies=[Depends(may_run)], responses=refusals(NotFound, Exists))
async def begin(session: Transaction, now: Now, form: SurveyIn) -> SurveyDetail:
    """Sets a survey up. It keeps the instrument and the code list as they are today."""
    instrument = await catalogue.find_instrument(session, form.instrument, form.instrument_version)
    codes = await catalogue.find_code_list(session, form.code_list)
    values = form.model_dump(exclude={"instrument", "instrument_version", "ask_nps", "services"})
    survey = Survey(
        instrument=instrument.asking_nps() if form.ask_nps else instrument,
        codes=codes,
        services=tuple(form.services),
        **values | {"edition": form.edition or instrument.edition or DEFAULT_EDITION},
    )
    await surveys.begin(session, survey, now)
    return await _detail(session, survey)


@router.get("/surveys/{survey}", dependencies=[Depends(may_read)], responses=refusals(NotFound))
async def read_survey(session: Reading, survey: SurveyPath) -> SurveyDetail:
    """One survey, its questions, and the frame of cases that its sample is drawn from."""
    return await _detail(session, await surveys.find(session, survey))


@router.post("/surveys/{survey}/close", dependencies=[Depends(may_run)], responses=refusals(NotFound))
async def close(session: Transaction, now: Now, survey: SurveyPath) -> SurveyOut:
    """Takes no more answers."""
    return _survey(await surveys.close(session, survey, now))


@router.post("/surveys/{survey}/publish", dependencies=[Depends(may_run)], responses=refusals(NotFound, StillOpen))
async def publish(session: Transaction, now: Now, survey: SurveyPath) -> SurveyOut:
    """Shows the figures of a survey that has ended to everybody, at `/p/{survey}`."""
    return _survey(await surveys.publish(session, survey, now))


@router.get("/surveys/{survey}/follow-ups", dependencies=[Depends(may_read)], responses=refusals(NotFound))
async def list_follow_ups(session: Reading, survey: SurveyPath) -> FollowUpPage:
    """The plan of follow-up (rencana tindak lanjut), and how much of it is done."""
    items = await plan_of(session, survey)
    planned = sum(item.planned for item in items)
    progress = _percent(sum(item.realised for item in items), planned) if planned else None
    return FollowUpPage(items=[_follow_up(item) for item in items], progress=progress)


@router.post(
    "/surveys/{survey}/follow-ups", status_code=201, dependencies=[Depends(may_run)], responses=refusals(NotFound)
)
async def plan(session: Transaction, now: Now, survey: SurveyPath, form: FollowUpIn) -> FollowUpOut:
    """Adds a line to the plan."""
    return _follow_up(await add_follow_up(session, survey, form.model_dump(), now))


@router.post(
    "/surveys/{survey}/follow-ups/{item}/realise", dependencies=[Depends(may_run)], responses=refusals(NotFound)
)
async def realised(session: Transaction, survey: SurveyPath, item: UUID, form: RealisedIn) -> FollowUpOut:
    """Says how much of a line is done by now."""
    return _follow_up(await realise(session, survey, item, form.realised))


@router.get("/surveys/{survey}/back-checks", dependencies=[Depends(may_run)], responses=refusals(NotFound))
async def list_checks(
    session: Reading,
    checks: WiredChecks,
    survey: SurveyPath,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> CheckPage:
    """The fifth of the responses that is checked again, drawn by lot."""
    drawn, count = await checks.draw(session, survey, after=cursor, limit=limit + 1)
    page, next_cursor = first_of(drawn, limit, lambda row: row.id)
    items = [CheckOut.model_validate({**row._mapping, "response_id": row.id}) for row in page]
    return CheckPage(responses=count, items=items, next_cursor=next_cursor)


@router.post("/surveys/{survey}/back-checks/{response_id}", responses=refusals(NotFound))
async def check(
    session: Transaction,
    now: Now,
    checks: WiredChecks,
    survey: SurveyPath,
    response_id: UUID,
    caller: Officer,
    form: CheckIn,
) -> CheckOut:
    """Writes down what was found when a respondent was asked again."""
    row = await checks.note(session, survey, response_id, form.result, form.note, by=caller.subject, now=now)
    return CheckOut.model_validate({**row._mapping, "response_id": row.id})


@router.post(
    "/cases/{ticket_id}/forget",
    status_code=204,
    dependencies=[Depends(staff("surveys:configure"))],
    responses=refusals(NotFound),
)
async def forget_case(session: Transaction, ticket_id: UUID) -> None:
    """Erases who it was that a resolved case belonged to, and his own words. Every figure stays as it is."""
    await forget(session, ticket_id)


def _survey(survey: Survey) -> SurveyOut:
    values = {name: getattr(survey, name) for name in SurveyOut.model_fields if hasattr(survey, name)}
    values |= {
        "instrument": survey.instrument.code,
        "instrument_version": survey.instrument.version,
        "instrument_edition": survey.instrument.edition,
        "required": adequacy(survey.population, 0).required,
    }
    return SurveyOut(**values)


async def _detail(session: AsyncSession, survey: Survey) -> SurveyDetail:
    frame = await surveys.frame_of(session, survey)
    return SurveyDetail(**_survey(survey).model_dump(), definition=survey.instrument, codes=survey.codes, cases=frame)


def _follow_up(item: FollowUp) -> FollowUpOut:
    values = {name: getattr(item, name) for name in FollowUpOut.model_fields if hasattr(item, name)}
    return FollowUpOut(**values, progress=_percent(item.realised, item.planned))


def _percent(part: int, whole: int) -> Decimal:
    return half_up(Fraction(100 * part, whole), 2)
