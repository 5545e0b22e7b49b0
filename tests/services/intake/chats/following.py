"""A reader of server-sent events, as a browser reads them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

PATIENCE_SECONDS = 10


@dataclass
class Frame:
    """What came between two empty lines."""

    id: str | None = None
    event: str = "message"
    data: Any = None
    comment: str | None = None


@dataclass
class Reader:
    """An open stream, and what was read of it. `last_id` is what a browser sends back when it comes again."""

    answer: httpx.Response
    _lines: AsyncIterator[str]
    last_id: str | None = None
    read: list[Frame] = field(default_factory=list)

    async def frame(self) -> Frame:
        """The next frame, comments too. Raises `StopAsyncIteration` at the end of the stream."""
        frame, is_empty = Frame(), True
        while line := await anext(self._lines):
            name, _, value = line.partition(":")
            value, is_empty = value.removeprefix(" "), False
            if not name:
                frame.comment = value
            elif name == "data":
                frame.data = orjson.loads(value)
            elif name == "id":
                frame.id = self.last_id = value
            elif name == "event":
                frame.event = value
        if is_empty:
            return await self.frame()
        self.read.append(frame)
        return frame

    async def next(self, event: str = "message") -> Any:
        """The data of the next frame of this kind."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame = await self.frame()
                if frame.event == event and frame.data is not None:
                    return frame.data

    async def lines(self, count: int) -> list[tuple[int, str]]:
        """The next lines, as place and text."""
        found = [await self.next() for _ in range(count)]
        return [(line["id"], line["body"]) for line in found]

    async def rest(self) -> list[Frame]:
        """All that comes until the stream ends."""
        found = []
        while True:
            try:
                found.append(await self.frame())
            except StopAsyncIteration:
                return found


@asynccontextmanager
async def following(
    http: httpx.AsyncClient, chat: Any, headers: Mapping[str, str] | None = None, **query: Any
) -> AsyncIterator[Reader]:
    """A stream of `chat`, with its own token unless `headers` say another, open until the block ends."""
    path = f"/v1/chats/{chat['chat_id']}/events"
    credential = {"Authorization": f"Bearer {chat['chat_token']}"} if headers is None else headers
    async with http.stream("GET", path, headers=credential, params=query, timeout=PATIENCE_SECONDS) as answer:
        if not answer.is_success:
            await answer.aread()
        yield Reader(answer, answer.aiter_lines())
