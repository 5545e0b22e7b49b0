"""An answer that goes on (server-sent events), until its reader leaves or it ends. It holds no connection to a
database.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator

from fastapi import Response
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

HEARTBEAT_SECONDS = 15
"""Proxies cut what is silent for a minute."""
RENEW_SECONDS = 1_800
"""So long a stream lasts at the most: then its permission is asked for anew."""
STILL_HERE = b": still here\n\n"
_COME_BACK = b"retry: 2000\n\n"
_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class EventStreamResponse(Response, ABC):
    """Says what `frames` yields. `is_silent`: the answer to HEAD."""

    media_type = "text/event-stream"

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._is_silent = is_silent

    @abstractmethod
    def frames(self) -> AsyncGenerator[bytes, None]:
        """What is said, piece by piece. It is closed when the reader leaves."""

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._is_silent:
            await send({"type": "http.response.body", "body": b""})
            return
        saying = asyncio.create_task(self._say(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            done, _ = await asyncio.wait((saying, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            saying.cancel()
            await asyncio.gather(saying, leaving, return_exceptions=True)
        for task in done:
            task.result()

    async def _say(self, send: Send) -> None:
        await send({"type": "http.response.body", "body": _COME_BACK, "more_body": True})
        frames = self.frames()
        try:
            async for piece in frames:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            await frames.aclose()
        await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    """Waits until the reader has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def frame(data: BaseModel, name: str = "") -> bytes:
    """A message, of a kind if it has a `name`."""
    kind = b"event: %s\n" % name.encode() if name else b""
    return b"%sdata: %s\n\n" % (kind, data.model_dump_json().encode())
