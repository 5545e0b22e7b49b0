"""Surveys: set up, found, closed, published."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.models import CaseOutcome, Survey
from services.survey_index.repository import cases, surveys
from services.survey_index.service.catalogue import Exists
from shared.errors import Conflict, FieldError, Invalid, NotFound, Refusal
from shared.paging import first_of


class SurveyClosed(Refusal):
    """The survey has not begun, or takes no more answers."""

    status, code, title = 410, "survey_closed", "This survey takes no answers now"
    fault = FieldError("survey", "does not run", "a survey that is open on that day")


class StillOpen(Conflict):
    """A survey is published after it was closed: until then its figures move."""

    code, title = "still_open", "The survey is still open"
    fault = FieldError("survey", "is still open", "a survey that was closed")


async def find(session: AsyncSession, code: str, *, hold: bool = False) -> Survey:
    """The survey called `code`; with `hold` it is not closed before the transaction ends. Raises `NotFound`."""
    survey = await surveys.get_survey(session, code, hold=hold)
    if survey is None:
        expected = "the code of a survey that was set up or imported"
        raise NotFound("There is no such survey.", errors=[FieldError("survey", "is not known", expected)])
    return survey


async def page(session: AsyncSession, *, after: str, limit: int) -> tuple[Sequence[Survey], str | None]:
    """Surveys by their code, and where the next page begins."""
    found = await surveys.list_surveys(session, after=after, limit=limit + 1)
    return first_of(found, limit, lambda survey: survey.code)


async def frame_of(session: AsyncSession, survey: Survey) -> Mapping[CaseOutcome, int]:
    """The resolved cases that a survey's sample is drawn from: how many were asked, and why others were not."""
    return await cases.count_cases(session, survey.code)


async def begin(session: AsyncSession, survey: Survey, now: datetime) -> None:
    """Sets a survey up. Raises `Exists`, `Invalid`."""
    if survey.opens_on and survey.closes_on and survey.closes_on < survey.opens_on:
        errors = [FieldError("closes_on", "is before `opens_on`", "a later day")]
        raise Invalid("The survey closes before it opens.", errors=errors)
    if survey.selection == "simple_random" and survey.population is None:
        errors = [FieldError("population", "is missing", "how many are served in the period: the sample is of them")]
        raise Invalid("A sample needs a population.", errors=errors)
    if not await surveys.insert_survey(session, survey, now):
        errors = [FieldError("code", "is taken", "a code of its own")]
        raise Exists("There is a survey of this code.", errors=errors)


async def close(session: AsyncSession, code: str, now: datetime) -> Survey:
    """Takes no more answers. Closing twice is closing once."""
    await find(session, code)
    await surveys.close_survey(session, code, now)
    return await find(session, code)


async def publish(session: AsyncSession, code: str, now: datetime) -> Survey:
    """Shows the figures to everybody. Raises `StillOpen`: published figures do not move."""
    survey = await find(session, code)
    if survey.closed_at is None:
        raise StillOpen("Close it first: published figures do not move.")
    await surveys.publish_survey(session, code, now)
    return await find(session, code)
