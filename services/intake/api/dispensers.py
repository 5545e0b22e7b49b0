"""The route by which dispensers bring what they printed while they were offline."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.intake.api.booths import BoothName
from services.intake.schemas.dispensers import SyncIn, SyncOut
from services.intake.service.dispensers import Dispensers
from shared.auth import integration
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.wiring import Now, wired

WiredDispensers = Annotated[Dispensers, Depends(wired(Dispensers))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.post("/booths/{booth}/visits:sync", dependencies=[Depends(integration("booths:write", "booth"))])
async def sync(session: Transaction, now: Now, dispensers: WiredDispensers, booth: BoothName, form: SyncIn) -> SyncOut:
    """Takes what a dispenser printed by itself: each paper once, by its sequence, with the number that it bears.

    What was sent before may be sent again, in whatever pieces. What is wrong with a paper stands beside it, and keeps
    none of the others.
    """
    return await dispensers.sync(session, booth, form, now)
