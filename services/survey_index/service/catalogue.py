"""Instruments and code lists: those of the regulations come with the software, a unit's own are added to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.domain.profile import CodeList, code_lists
from services.survey_index.repository import catalogue
from shared.errors import Conflict, FieldError, Invalid, NotFound


class Exists(Conflict):
    """There is one of that name already, and it stays as it is."""

    code, title = "exists", "There is one of that name already"


async def every_instrument(session: AsyncSession) -> Sequence[Instrument]:
    """Every instrument: those of the regulations, and units' own in each version."""
    return [*builtin().values(), *await catalogue.list_instruments(session)]


async def find_instrument(session: AsyncSession, code: str, version: int | None = None) -> Instrument:
    """An instrument in its newest version, or in the one asked for. Raises `NotFound`."""
    known = [*builtin().values()] if code in builtin() else await catalogue.list_instruments(session, code)
    for instrument in known:
        if instrument.code == code and version in (None, instrument.version):
            return instrument
    raise NotFound(
        "There is no such instrument.", errors=[FieldError("instrument", "is not known", "see GET /v1/instruments")]
    )


async def add_instrument(session: AsyncSession, instrument: Instrument, *, by: str, now: datetime) -> None:
    """Keeps a unit's own instrument. A version is never changed: what is changed is the next version."""
    if instrument.code in builtin() or not await catalogue.insert_instrument(session, instrument, by=by, now=now):
        errors = [FieldError("version", "exists already", "another code, or the next version")]
        raise Exists("This version of this instrument exists.", errors=errors)


async def every_code_list(session: AsyncSession) -> Mapping[str, CodeList]:
    """Every code list, by its code."""
    return {**code_lists(), **await catalogue.list_code_lists(session)}


async def find_code_list(session: AsyncSession, code: str) -> CodeList:
    """The code list that a new survey names. Raises `Invalid`."""
    found = code_lists().get(code) or await catalogue.get_code_list(session, code)
    if found is None:
        errors = [FieldError("code_list", "is not a known code list", "see GET /v1/code-lists")]
        raise Invalid("There is no such code list.", errors=errors)
    return found


async def add_code_list(session: AsyncSession, code: str, codes: CodeList, *, by: str, now: datetime) -> None:
    """Keeps a unit's own code list. It is never changed: what is changed is a list of another code."""
    if code in code_lists() or not await catalogue.insert_code_list(session, code, codes, by=by, now=now):
        errors = [FieldError("code", "is taken", "a code of its own, such as the unit's and the year")]
        raise Exists("There is a code list of this code.", errors=errors)
