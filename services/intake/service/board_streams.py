"""The boards that are watched in this process. A board is made one time for all who watch it."""

import asyncio
from collections.abc import Collection
from datetime import datetime

from services.intake.domain.streams import Ending
from services.intake.schemas.board import BoardOut
from services.intake.service.board import Boards
from services.intake.service.streams import TooManyStreams
from shared.bell import Bell, rings_within
from shared.clock import Clock
from shared.db import Database
from shared.worker import Worker

LOOK_AGAIN_SECONDS = 5.0
"""So late a board shows what nobody told this process, and what time alone changes, such as midnight."""
_IDLE_SECONDS = 0.5


class BoardStream:
    """What one screen is to be shown next: the newest board alone, however many it has missed."""

    def __init__(self, booth: str) -> None:
        self.booth = booth
        self.ending: Ending | None = None
        self._board: BoardOut | None = None
        self._something = asyncio.Event()

    async def next(self, seconds: float) -> BoardOut | None:
        """Waits for another board, `seconds` at the most. None: it is as it was."""
        if not await rings_within(self._something, seconds):
            return None
        self._something.clear()
        board, self._board = self._board, None
        return board

    def bring(self, board: BoardOut) -> None:
        """Gives it a board to show."""
        self._board = board
        self._something.set()

    def end(self, ending: Ending) -> None:
        """Lets it end, and say why."""
        self.ending = ending
        self._something.set()


class BoardStreams(Worker):
    """Shows each change of a board to all who watch it. Without it boards are polled."""

    name, essential = "booth boards", False

    def __init__(self, *, db: Database, boards: Boards, clock: Clock, most: int) -> None:
        self._db = db
        self._boards = boards
        self._clock = clock
        self._most = most
        self._watching: dict[str, list[BoardStream]] = {}
        self._shown: dict[str, BoardOut] = {}
        self._woken: set[str] = set()
        self._is_stopping = False
        self._bell = Bell()
        self._look_again_at = float("-inf")

    def check_room(self) -> None:
        """Raises `TooManyStreams`."""
        if sum(map(len, self._watching.values())) >= self._most:
            raise TooManyStreams("Poll the board, without `Accept: text/event-stream`, until there is room.", 5)

    def open(self, booth: str) -> BoardStream:
        """A stream of this booth's board, which is shown to it as it is now, and whenever it changes."""
        stream = BoardStream(booth)
        self._watching.setdefault(booth, []).append(stream)
        if self._is_stopping:
            stream.end("restart")
        if booth in self._shown:
            stream.bring(self._shown[booth])
        self.wake([booth])
        return stream

    def forget(self, stream: BoardStream) -> None:
        """Shows it nothing more."""
        others = self._watching[stream.booth]
        others.remove(stream)
        if not others:
            del self._watching[stream.booth]
            self._shown.pop(stream.booth, None)

    def wake(self, booths: Collection[str]) -> None:
        """Something changed at these booths."""
        if woken := self._watching.keys() & booths:
            self._woken |= woken
            self._bell.ring()

    def let_go(self) -> None:
        self._is_stopping = True
        for streams in self._watching.values():
            for stream in streams:
                stream.end("restart")

    async def step(self) -> None:
        """Looks at the boards of the booths that were woken, or at all that are watched when it is time."""
        ring, now = self._bell.next, asyncio.get_running_loop().time()
        left = self._look_again_at - now
        if left <= 0:
            self._woken = set(self._watching)
            self._look_again_at = now + LOOK_AGAIN_SECONDS
        elif not self._woken and not await rings_within(ring, min(left, _IDLE_SECONDS)):
            return
        woken, self._woken = self._woken, set()
        await self._look(woken, self._clock())

    async def _look(self, booths: Collection[str], now: datetime) -> None:
        if not booths:
            return
        async with self._db.autocommit() as session:
            found = [await self._boards.show(session, booth, now) for booth in sorted(booths)]
        for board in found:
            if not _is_same(board, self._shown.get(board.booth)):
                self._show(board)

    def _show(self, board: BoardOut) -> None:
        streams = self._watching.get(board.booth, ())
        if streams:
            self._shown[board.booth] = board
        for stream in streams:
            stream.bring(board)


def _is_same(board: BoardOut, shown: BoardOut | None) -> bool:
    """Whether a screen that shows one of them need not show the other: only the moment differs."""
    return shown is not None and board == shown.model_copy(update={"at": board.at})
