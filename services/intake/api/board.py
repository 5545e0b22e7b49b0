"""The route of the screen at a booth."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.intake.api.booths import BoothName
from services.intake.schemas.board import BoardOut
from services.intake.service.board import Boards
from shared.auth import integration
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.wiring import Now, wired

WiredBoards = Annotated[Boards, Depends(wired(Boards))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.get("/booths/{booth}/board", dependencies=[Depends(integration("booths:write", "booth", is_recorded=False))])
async def show_board(session: Reading, now: Now, boards: WiredBoards, booth: BoothName) -> BoardOut:
    """What a screen shows: who is served where, who waits, and for how long. Numbers only; poll it."""
    return await boards.show(session, booth, now)
