"""The route of the figures of a booth."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.intake.api.booths import BoothName
from services.intake.schemas.booth_figures import BoothFiguresOut
from services.intake.service.booth_figures import BoothFigures
from shared.auth import staff
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.wiring import Now, wired

WiredFigures = Annotated[BoothFigures, Depends(wired(BoothFigures))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.get(
    "/booths/{booth}/figures",
    dependencies=[Depends(staff("figures:read", is_recorded=False))],
)
async def show_figures(
    session: Reading,
    now: Now,
    figures: WiredFigures,
    booth: BoothName,
    first: Annotated[date, Query(alias="from", description="The first day, the booth's own")],
    last: Annotated[date, Query(alias="to", description="The last day")],
) -> BoothFiguresOut:
    """How well the booth served: visitors, waits, and the share called within five minutes, by service and day."""
    return await figures.show(session, booth, first, last, now)
