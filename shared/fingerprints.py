"""When two requests are the same request: their fingerprints are equal."""

import asyncio
import hashlib

import orjson
from fastapi import Request
from starlette.datastructures import UploadFile

from shared.http import form_of

_LONG = 65_536
"""From how many bytes on it would hold up others to hash them."""


def fingerprint(route: str, content: bytes) -> str:
    """What a request says, as 64 hex digits: equal for equal JSON, whatever the order of its fields.

    It is made of what was sent and not of what we understood, so that no later release, with a field more or a better
    way to write a telephone number, finds another request in it. `route` is part of it, so that one key cannot name
    two different things.
    """
    return _mark(route, _canonical(content))


def _mark(route: str, canonical: bytes) -> str:
    return hashlib.sha256(route.encode() + b"\n" + canonical).hexdigest()


def _canonical(content: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(content or b"{}"), option=orjson.OPT_SORT_KEYS)
    except (ValueError, TypeError):  # a file, or JSON that only others read: numbers like NaN, a thousand levels
        return hashlib.sha256(content).hexdigest().encode()


async def fingerprint_of(request: Request, body: UploadFile | None = None) -> str:
    """The fingerprint of `request`: method, path and query, and the content. `body` is one that was received as a file.

    Such a file is never taken for JSON: to look would be to hold all of it, many times over.
    """
    query = request.scope["query_string"].decode("latin-1")
    route = f"{request.method} {request.scope['path']}" + (f"?{query}" if query else "")
    if body is not None and not _is_form(request):
        return _mark(route, (await _digest(body)).encode())
    content = await _content(request)
    if len(content) < _LONG:
        return fingerprint(route, content)
    return await asyncio.to_thread(fingerprint, route, content)


async def _content(request: Request) -> bytes:
    """What was sent, without the boundaries of a form with files, which are others each time."""
    if not _is_form(request):
        return await request.body()
    form = await form_of(request)
    fields: list[tuple[str, object]] = []
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.append((name, value))
        else:
            fields.append((name, {"sha256": await _digest(value)}))
    return orjson.dumps(fields)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def _digest(file: UploadFile) -> str:
    """SHA-256 of a whole file, in hex. The file stands at its beginning afterwards."""
    await file.seek(0)
    digest = await asyncio.to_thread(hashlib.file_digest, file.file, "sha256")  # type: ignore[arg-type]
    await file.seek(0)
    return digest.hexdigest()
