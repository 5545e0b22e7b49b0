"""The routes by which supervisors describe a booth."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.intake.schemas.booths import NAME, BoothIn, BoothOut
from services.intake.service.booths import Booths, ServiceInUse
from shared.auth import staff
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

BoothName = Annotated[str, Path(pattern=NAME)]
WiredBooths = Annotated[Booths, Depends(wired(Booths))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.get("/booths/{booth}", dependencies=[Depends(staff("booths:serve"))])
async def read_booth(session: Reading, booths: WiredBooths, booth: BoothName) -> BoothOut:
    """The booth: its zone, services, counters, dispensers and rules, or the usual ones where nobody described it."""
    return await booths.show(session, booth)


@router.put("/booths/{booth}", dependencies=[Depends(staff("channels:configure"))], responses=refusals(ServiceInUse))
async def describe_booth(
    session: Transaction, now: Now, booths: WiredBooths, booth: BoothName, form: BoothIn
) -> BoothOut:
    """Describes the booth, whatever was said of it before. Papers that were printed keep their numbers."""
    return await booths.describe(session, booth, form, now)
