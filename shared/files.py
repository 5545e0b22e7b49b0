"""Files that are sent, as the body of a request or as the field `file` of a form: never whole in memory."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, TypeVar, cast

from fastapi import Request
from starlette.datastructures import UploadFile

from shared.errors import FieldError, Invalid, Refusal
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
