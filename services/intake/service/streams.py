"""The open streams of this process. What is new in their chats is looked for in one query for all of them."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from services.intake.domain.chats import Side
from services.intake.domain.streams import Ending
from services.intake.models.chats import ChatLine, ChatNews, ChatState
from services.intake.repository.chats import news
from shared.bell import Bell, rings_within
from shared.db import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.worker import Worker

LOOK_AGAIN_SECONDS = 3.0
"""So late a line comes at the most of which nobody told this process."""
_IDLE_SECONDS = 0.5
_CHATS_AT_ONCE = 500


class TooManyStreams(Unavailable):
    """As many streams are open as one process holds; the lines can be polled meanwhile."""

    code, title = "too_many_streams", "No further stream can be opened just now"


@dataclass(frozen=True, slots=True)
class News:
    """What a stream says next; nothing of it, where all stayed as it was."""

    lines: Sequence[ChatLine] = ()
    state: ChatState | None = None
    typing: Side | None = None
    ending: Ending | None = None


class ChatStream:
    """What is to be said to one reader of a chat, until it is taken: one page of lines, so that whoever takes nothing
    costs little. `after` is the place of the last line that it was given.
    """

    def __init__(self, chat_id: UUID, side: Side, after: int, *, is_only: bool) -> None:
        self.id = new_id()
        self.chat_id, self.side, self.after, self.is_only = chat_id, side, after, is_only
        self.missed = False
        """Whether there may be more than it was given."""
        self._news = News()
        self._told: ChatState | None = None
        self._something = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether it has lines that are not taken yet."""
        return bool(self._news.lines)

    async def next(self, seconds: float) -> News | None:
        """Waits for news, `seconds` at the most. None: there were none."""
        return self.take() if await rings_within(self._something, seconds) else None

    def take(self) -> News:
        """Takes what it was given since the last time."""
        self._something.clear()
        taken, self._news = self._news, News()
        return taken

    def bring(self, found: ChatNews) -> None:
        """Gives it what is new to it of what was found in its chat."""
        lines = [line for line in found.lines if line.position > self.after]
        if lines:
            self.after = lines[-1].position
            self._add(replace(self._news, lines=lines))
        self.missed = found.more
        state = replace(found.state, last_position=0)  # which the lines tell
        if state != self._told:
            self._told = state
            self._add(replace(self._news, state=state))

    def tell_typing(self, side: Side) -> None:
        """Somebody is typing at the other side."""
        self._add(replace(self._news, typing=side))

    def end(self, ending: Ending) -> None:
        """Lets it say why it ends, as the last thing."""
        self._add(replace(self._news, ending=ending))

    def _add(self, changed: News) -> None:
        self._news = changed
        self._something.set()


class Streams(Worker):
    """Brings what is new to every open stream. Without it chats are polled, so the service is worth something yet."""

    name, essential = "chat streams", False

    def __init__(self, *, db: Database, most: int, look_again_seconds: float = LOOK_AGAIN_SECONDS) -> None:
        self._db = db
        self._most = most
        self._look_again_seconds = look_again_seconds
        self._by_chat: dict[UUID, list[ChatStream]] = {}
        self._count = 0
        self._is_stopping = False
        self._woken: set[UUID] = set()
        self._bell = Bell()
        self._looked_at = float("-inf")

    def check_room(self) -> None:
        """Raises `TooManyStreams`."""
        if self._count >= self._most:
            raise TooManyStreams("Poll `GET /v1/chats/{chat_id}/messages?after=` until there is room.", 5)

    def open(self, stream: ChatStream) -> None:
        """Begins to bring news to a stream. The only one of its reader takes the place of an older one."""
        if stream.is_only:
            self.replace_older(stream.chat_id, stream.id)
        self._by_chat.setdefault(stream.chat_id, []).append(stream)
        self._count += 1
        if self._is_stopping:
            stream.end("restart")
        self.wake([stream.chat_id])

    def forget(self, stream: ChatStream) -> None:
        """Brings it nothing more."""
        others = self._by_chat.get(stream.chat_id, [])
        if stream in others:
            others.remove(stream)
            self._count -= 1
        if not others:
            self._by_chat.pop(stream.chat_id, None)

    async def next(self, stream: ChatStream, seconds: float) -> News | None:
        """Waits for news of a stream, `seconds` at the most. None: there were none."""
        taken = await stream.next(seconds)
        if taken is not None and stream.missed:
            self.wake([stream.chat_id])
        return taken

    def replace_older(self, chat_id: UUID, newest: UUID) -> None:
        """Ends the one stream of a chat's own reader if it is older than `newest`, which is open here or elsewhere."""
        for stream in self._by_chat.get(chat_id, ()):
            if stream.is_only and stream.id < newest:
                stream.end("replaced")

    def wake(self, chats: Collection[UUID]) -> None:
        """Something is new in these chats."""
        if woken := self._by_chat.keys() & chats:
            self._woken |= woken
            self._bell.ring()

    def tell_typing(self, chat_id: UUID, side: Side) -> None:
        """Somebody types at one side of a chat: the other side sees it."""
        for stream in self._by_chat.get(chat_id, ()):
            if stream.side != side:
                stream.tell_typing(side)

    def let_go(self) -> None:
        self._is_stopping = True
        for streams in self._by_chat.values():
            for stream in streams:
                stream.end("restart")

    async def step(self) -> None:
        """Looks after the chats that were woken, or after all of them when nobody looked for some seconds."""
        ring, now = self._bell.next, asyncio.get_running_loop().time()
        left = self._looked_at + self._look_again_seconds - now
        if left <= 0:
            self._woken = set(self._by_chat)
            self._looked_at = now
        elif not self._woken and not await rings_within(ring, min(left, _IDLE_SECONDS)):
            return
        chats = set(islice(self._woken, _CHATS_AT_ONCE))
        self._woken -= chats
        await self._look(chats)

    async def _look(self, chats: Collection[UUID]) -> None:
        ready: dict[UUID, list[ChatStream]] = {}
        for chat_id in chats:
            for stream in self._by_chat.get(chat_id, ()):
                if stream.is_full:
                    stream.missed = True
                else:
                    ready.setdefault(chat_id, []).append(stream)
        if not ready:
            return
        async with self._db.autocommit() as session:
            found = await news(session, {chat: min(each.after for each in of) for chat, of in ready.items()})
        for chat_id, streams in ready.items():
            for stream in streams:
                if chat_id in found:
                    stream.bring(found[chat_id])
