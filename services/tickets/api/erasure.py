"""What is known of a citizen, and its erasure (UU 27/2022): for administrators, each with its row in the trail."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.tickets.schemas.erasure import EraseIn, ErasureOut
from services.tickets.service import erasure
from shared.auth import staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Transaction, trace
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

ADMIN = staff("citizens:erase")
router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get(
    "/citizens/{citizen_id}:export", tags=["citizens"], dependencies=[Depends(ADMIN)], responses=refusals(NotFound)
)
async def export_citizen(session: Transaction, now: Now, citizen_id: UUID) -> dict[str, Any]:
    """All that tickets knows of a citizen, for him. `satuatap citizens export` adds what the other services keep."""
    return await erasure.known(session, await erasure.find(session, citizen_id, now))


@router.post("/citizens/{citizen_id}:erase", tags=["citizens"], responses=refusals(NotFound))
async def erase_citizen(
    request: Request, session: Transaction, now: Now, form: EraseIn, citizen_id: UUID, caller: Caller = Depends(ADMIN)
) -> ErasureOut:
    """Erases who a citizen is and what was written in his cases, here and in every service. It cannot be undone. His
    cases, their trails and all figures stay; what he brings afterwards is kept as of somebody new.
    """
    done = await erasure.erase(
        session, citizen_id, reason=form.reason, by=caller.subject, trace=trace(request), now=now
    )
    return ErasureOut.model_validate(done, from_attributes=True)
