"""What surveys are made of: instruments, and the code lists by which respondents tell who they are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.survey_index.api.parameters import Officer, may_read
from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.profile import CodeList
from services.survey_index.schemas.catalogue import (
    CodeListIn,
    CodeListPage,
    InstrumentIn,
    InstrumentOut,
    InstrumentPage,
)
from services.survey_index.service import catalogue
from services.survey_index.service.catalogue import Exists
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

router = APIRouter(prefix="/v1", tags=["surveys"], route_class=KeyedRoute)


@router.get("/instruments", dependencies=[Depends(may_read)])
async def list_instruments(session: Reading) -> InstrumentPage:
    """Every instrument: those of the regulations, and units' own in each version."""
    return InstrumentPage(items=list(map(_instrument, await catalogue.every_instrument(session))))


@router.get("/instruments/{code}", dependencies=[Depends(may_read)], responses=refusals(NotFound))
async def read_instrument(
    session: Reading, code: str, version: Annotated[int | None, Query(ge=1, le=32_767)] = None
) -> InstrumentOut:
    """One instrument, in its newest version or in the one asked for."""
    return _instrument(await catalogue.find_instrument(session, code, version))


@router.post("/instruments", status_code=201, responses=refusals(Exists))
async def add_instrument(session: Transaction, now: Now, caller: Officer, instrument: InstrumentIn) -> InstrumentOut:
    """Keeps a unit's own instrument. Its weights, if it has any, must sum to exactly 1 in each measure."""
    await catalogue.add_instrument(session, instrument, by=caller.subject, now=now)
    return _instrument(instrument)


@router.get("/code-lists", dependencies=[Depends(may_read)])
async def list_codes(session: Reading) -> CodeListPage:
    """What respondents may be asked of themselves: the lists that come with the software, and units' own."""
    known = await catalogue.every_code_list(session)
    return CodeListPage(items=[CodeListIn(code=code, **dict(codes)) for code, codes in known.items()])


@router.post("/code-lists", status_code=201, responses=refusals(Exists))
async def add_codes(session: Transaction, now: Now, caller: Officer, form: CodeListIn) -> CodeListIn:
    """Keeps a unit's own code list. It never changes; a survey keeps the list that it began with."""
    codes = CodeList.model_validate(form.model_dump(exclude={"code"}))
    await catalogue.add_code_list(session, form.code, codes, by=caller.subject, now=now)
    return form


def _instrument(instrument: Instrument) -> InstrumentOut:
    return InstrumentOut(**{name: getattr(instrument, name) for name in Instrument.model_fields})
