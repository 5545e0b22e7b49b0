"""Who brings complaints: his cases, and whether two are one person."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.tickets.api.parameters import Reader, ticket_out
from services.tickets.api.suggestions import page_out
from services.tickets.domain.change import Act
from services.tickets.domain.citizen_merges import CitizenMerged, MergedIntoItself, NotMerged
from services.tickets.domain.citizens import Handle
from services.tickets.schemas.citizens import CitizenDetail, CitizenMergeIn, HandleOut
from services.tickets.schemas.matching import SuggestionPage
from services.tickets.service import citizens, suggestions
from shared.auth import staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction, trace
from shared.idempotency import KeyedRoute
from shared.privacy import masked_address, masked_number
from shared.refusals import refusals
from shared.visibility import Visibility
from shared.wiring import Now

OF_EVERY_UNIT = staff("cases:work")
router = APIRouter(prefix="/v1", route_class=KeyedRoute)


async def _act(request: Request, caller: Annotated[Caller, Depends(OF_EVERY_UNIT)], now: Now) -> Act:
    return Act(caller.subject, trace(request), now, caller.sees, f"api {request.scope['state']['request_id']}")


EverybodysAct = Annotated[Act, Depends(_act)]


@router.get("/citizens/{citizen_id}", tags=["citizens"], responses=refusals(NotFound))
async def get_citizen(session: Reading, sees: Reader, citizen_id: UUID) -> CitizenDetail:
    """A citizen with his newest cases, for whoever sees one of them. What he could be found by is masked."""
    return await _detail(session, sees, citizen_id)


@router.get("/citizens/{citizen_id}/suggestions", tags=["citizens"], responses=refusals(NotFound))
async def list_suggestions(session: Reading, sees: Reader, citizen_id: UUID) -> SuggestionPage:
    """Who may be the same person, the newest first; also what a person decided."""
    found = await suggestions.suggestions_of(session, sees, "citizens", citizen_id)
    return page_out(found, citizen_id)


@router.post(
    "/citizens/{citizen_id}/merge",
    tags=["citizens"],
    responses=refusals(NotFound, MergedIntoItself, CitizenMerged),
)
async def merge(session: Transaction, act: EverybodysAct, citizen_id: UUID, form: CitizenMergeIn) -> CitizenDetail:
    """Makes this citizen the one called `into`, with his handles and his cases, which one who sees every unit may do.

    Answers that one. What moved is written down, so that `unmerge` moves exactly that back.
    """
    into = await citizens.merge(session, citizen_id, form.into, act, reason=form.reason)
    return await _detail(session, act.sees, into.id)


@router.post(
    "/citizens/{citizen_id}/unmerge", tags=["citizens"], responses=refusals(NotFound, NotMerged, CitizenMerged)
)
async def unmerge(session: Transaction, act: EverybodysAct, citizen_id: UUID) -> CitizenDetail:
    """Parts this citizen again from the one whom he was merged into, and keeps them apart. Answers this one."""
    citizen = await citizens.unmerge(session, citizen_id, act)
    return await _detail(session, act.sees, citizen.id)


async def _detail(session: Reading, sees: Visibility, citizen_id: UUID) -> CitizenDetail:
    citizen = await citizens.get_citizen(session, sees, citizen_id)
    theirs = await citizens.cases_of(session, sees, citizen)
    return CitizenDetail(
        id=citizen.id,
        name=citizen.name,
        merged_into=citizen.merged_into,
        handles=[_handle(each) for each in citizen.handles],
        tickets=[ticket_out(standing) for standing in theirs],
    )


def _handle(handle: Handle) -> HandleOut:
    value = masked_number(handle.last4) if handle.value is None else masked_address(handle.value)
    return HandleOut(kind=handle.kind, sureness=handle.sureness, value=value, first_seen_at=handle.first_seen_at)
