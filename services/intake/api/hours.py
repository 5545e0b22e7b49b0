"""When somebody is there to answer."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.intake.schemas.hours import ServiceHoursOut
from services.intake.service.hours import ServiceHours
from shared.auth import PUBLIC
from shared.wiring import Now, wired

router = APIRouter(prefix="/v1", tags=["chats"])
WiredHours = Annotated[ServiceHours, Depends(wired(ServiceHours))]


@router.get("/hours", dependencies=[PUBLIC])
async def read_hours(hours: WiredHours, now: Now) -> ServiceHoursOut:
    """Whether somebody answers chats now, until when, and when the next time. For a widget to show: what counts is
    when a line comes, and its answer says it.
    """
    return hours.now(now)
