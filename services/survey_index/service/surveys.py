"""Instruments and surveys: set up, found, closed, published."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.models import Survey
from services.survey_index.repository import surveys
from shared.errors import Conflict, FieldError, Invalid, NotFound, Refusal


class Exists(Conflict):
    """There is one of that name already, and it stays as it is."""

    code, title = "exists", "There is one of that name already"


class SurveyClosed(Refusal):
    """The survey has not begun, or takes no more answers."""

    status, code, title = 410, "survey_closed", "This survey takes no answers now"


class StillOpen(Conflict):
    """A survey is published after it was closed: until then its figures move."""

    code, title = "still_open", "The survey is still open"


async def find(session: AsyncSession, code: str, *, hold: bool = False) -> Survey:
    """The survey called `code`; with `hold` it is not closed before the transaction ends. Raises `NotFound`."""
    survey = await surveys.get_survey(session, code, hold=hold)
    if survey is None:
        expected = "the code of a survey that was set up or imported"
        raise NotFound("There is no such survey.", errors=[FieldError("survey", "is not known", expected)])
    return survey


async def find_instrument(session: AsyncSession, code: str, version: int | None = None) -> Instrument:
    """An instrument in its newest version, or in the one asked for. Raises `NotFound`."""
    known = [*builtin().values()] if code in builtin() else await surveys.list_instruments(session, code)
    for instrument in known:
        if instrument.code == code and version in (None, instrument.version):
            return instrument
    raise NotFound(
        "There is no such instrument.", errors=[FieldError("instrument", "is not known", "see GET /v1/instruments")]
    )


async def add_instrument(session: AsyncSession, instrument: Instrument, *, by: str, now: datetime) -> None:
    """Keeps a unit's own instrument. A version is never changed: what is changed is the next version."""
    if instrument.code in builtin() or not await surveys.insert_instrument(session, instrument, by=by, now=now):
        errors = [FieldError("version", "exists already", "another code, or the next version")]
        raise Exists("This version of this instrument exists.", errors=errors)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which instrument a new survey begins with, and whether it asks for the score of NPS as well."""

    instrument: str
    version: int | None
    ask_nps: bool


async def begin(session: AsyncSession, survey: Survey, now: datetime) -> None:
    """Sets a survey up. Raises `Exists`, `Invalid`."""
    if survey.opens_on and survey.closes_on and survey.closes_on < survey.opens_on:
        errors = [FieldError("closes_on", "is before `opens_on`", "a later day")]
        raise Invalid("The survey closes before it opens.", errors=errors)
    if not await surveys.insert_survey(session, survey, now):
        errors = [FieldError("code", "is taken", "a code of its own")]
        raise Exists("There is a survey of this code.", errors=errors)


async def instrument_of(session: AsyncSession, wish: Wish) -> Instrument:
    """The instrument as a survey will keep it."""
    instrument = await find_instrument(session, wish.instrument, wish.version)
    return instrument.asking_nps() if wish.ask_nps else instrument


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
