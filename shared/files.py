"""Files that are sent, as the body of a request or as the field `file` of a form: never whole in memory."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, TypeVar, cast

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message

from shared.errors import FieldError, Invalid, Refusal, TooLarge
from shared.http import read_form

_IN_MEMORY = 1 << 20
"""As Starlette's forms: what is longer goes to disk while it comes in."""

T = TypeVar("T")


class SenderLeft(Refusal):
    """Whoever sent the file did not wait for the answer; nobody is told this."""

    status, code, title = 499, "sender_left", "The sender left"


@asynccontextmanager
async def received_file(request: Request) -> AsyncIterator[UploadFile]:
    """The file that was sent, to its last byte; it is gone when the block ends. Raises `Invalid`."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with read_form(request) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                expected = "a CSV file or a workbook in the field `file`, or as the body of the request"
                raise Invalid("The form has no file.", errors=[FieldError("file", "is missing", expected)])
            yield file
        return
    body = UploadFile(cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY)))  # noqa: SIM115 - closed below
    try:
        async for piece in request.stream():
            await body.write(piece)
        yield body
    finally:
        await body.close()


@asynccontextmanager
async def form_up_to(request: Request, most_bytes: int) -> AsyncIterator[tuple[FormData, bool]]:
    """The form that was sent, as far as `most_bytes`, and whether it was longer. Of one with files, what stands before
    the end is whole. Raises `Invalid`, and `TooLarge` for a longer form without files.
    """
    bounded = _Bounded(request, most_bytes)
    async with read_form(Request(request.scope, bounded.receive)) as form:
        if bounded.is_cut and not bounded.boundary:
            raise TooLarge(most_bytes)
        yield form, bounded.is_cut


class _Bounded:
    """The body of a request, up to a limit. Of a form with files, the part that is cut ends there."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        _, options = parse_options_header(request.headers.get("content-type"))
        self.boundary = options.get(b"boundary", b"")
        self.is_cut = False
        self._receive = request.receive
        self._left = most_bytes

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        self.is_cut = True
        end = b"\r\n--" + self.boundary + b"--\r\n" if self.boundary else b""
        return {"type": "http.request", "body": end, "more_body": False}


async def unless_sender_leaves(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to. It is cancelled when the sender of `request` leaves, whose body must have been read.

    Raises `SenderLeft`.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_client_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise SenderLeft("Nobody waits for this answer.")
        return await working
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})


async def _client_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
