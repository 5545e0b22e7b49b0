"""What channels brought and nobody could understand: it waits here for a person, or for a later release."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.intake.schemas.raw import RawOut, RawPage
from services.intake.service import raw
from services.intake.service.raw import RawKeeper
from shared.auth import staff
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

Supervisor = Depends(staff("raw:handle"))
router = APIRouter(prefix="/v1", tags=["raw"], route_class=KeyedRoute)


@router.get("/raw", dependencies=[Supervisor])
async def list_faulty(
    session: Reading,
    channel: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: UUID | None = None,
) -> RawPage:
    """What could not be understood, wholly or in parts, the newest first: where, and what was expected there."""
    page, next_cursor = await raw.list_faulty(session, channel, cursor, limit)
    return RawPage(items=[RawOut.model_validate(each, from_attributes=True) for each in page], next_cursor=next_cursor)


@router.post("/raw/{raw_id}/parse", status_code=202, dependencies=[Supervisor], responses=refusals(NotFound))
async def parse_again(
    session: Transaction, now: Now, keeper: Annotated[RawKeeper, Depends(wired(RawKeeper))], raw_id: UUID
) -> None:
    """Has it parsed once more, as after a release that understands it. Nothing becomes a contact a second time."""
    await keeper.parse_again(session, raw_id, now)
