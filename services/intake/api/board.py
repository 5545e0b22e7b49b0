"""The route of the screen at a booth: polled, or followed."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from services.intake.api.booths import BoothName
from services.intake.schemas.board import BoardOut
from services.intake.schemas.streams import Closed
from services.intake.service.board import Boards
from services.intake.service.board_streams import BoardStreams
from services.intake.service.streams import TooManyStreams
from shared import event_streams
from shared.auth import integration
from shared.edge import HEAD_ALONE
from shared.event_streams import STILL_HERE, EventStreamResponse, frame
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

WiredBoards = Annotated[Boards, Depends(wired(Boards))]
WiredBoardStreams = Annotated[BoardStreams, Depends(wired(BoardStreams))]
_MEDIA_TYPE = "text/event-stream"

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.get(
    "/booths/{booth}/board",
    response_model=BoardOut,
    dependencies=[Depends(integration("booths:write", "booth", is_recorded=False))],
    responses={200: {"content": {_MEDIA_TYPE: {}}}, **refusals(TooManyStreams)},
)
async def show_board(
    request: Request,
    session: Reading,
    now: Now,
    boards: WiredBoards,
    streams: WiredBoardStreams,
    booth: BoothName,
    accept: Annotated[str, Header(description="`text/event-stream` to follow the board")] = "",
) -> BoardOut | Response:
    """What a screen shows: who is served where, who waits, and for how long. Numbers only.

    With `Accept: text/event-stream` it goes on (server-sent events): a message with the whole board at first, and
    whenever it has changed; `closed` says why it ends: come back then.
    """
    if _MEDIA_TYPE not in accept:
        return await boards.show(session, booth, now)
    streams.check_room()
    return BoardEvents(booth, streams, is_silent=HEAD_ALONE in request.scope["state"])


class BoardEvents(EventStreamResponse):
    """Says how a board is, each time that it is another one."""

    def __init__(self, booth: str, streams: BoardStreams, *, is_silent: bool) -> None:
        super().__init__(is_silent=is_silent)
        self._booth, self._streams = booth, streams

    async def frames(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        until = loop.time() + event_streams.RENEW_SECONDS
        stream = self._streams.open(self._booth)
        try:
            while not stream.ending:
                board = await stream.next(event_streams.HEARTBEAT_SECONDS)
                yield frame(board) if board else STILL_HERE
                if loop.time() > until:
                    stream.end("renew")
            yield frame(Closed(reason=stream.ending), "closed")
        finally:
            self._streams.forget(stream)
