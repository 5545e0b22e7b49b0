"""The route that shows whether anything was lost."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from services.intake.schemas.gaps import GapsReport
from services.intake.service.gaps import Gaps
from shared.auth import staff
from shared.http import Reading
from shared.trail import RecordedRoute
from shared.wiring import Now, wired

Since = Annotated[
    AwareDatetime | date | None,
    Query(alias="from", description="A moment with its zone, or a day of the contact centre's; a day before `to`"),
]
Until = Annotated[AwareDatetime | date | None, Query(alias="to", description="The end, or the last day; now")]

router = APIRouter(prefix="/v1", tags=["gaps"], route_class=RecordedRoute)


@router.get("/intake/gaps", dependencies=[Depends(staff("gaps:read"))])
async def read_gaps(
    session: Reading,
    now: Now,
    gaps: Annotated[Gaps, Depends(wired(Gaps))],
    since: Since = None,
    until: Until = None,
) -> GapsReport:
    """What each source sent, what became a contact and what became a ticket, with the names of what is missing or there
    twice. Of 31 days at most, within the last 62.
    """
    return await gaps.report(session, since, until, now)
