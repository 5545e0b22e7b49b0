"""The edge: a request id on every answer, a limit on every body, an answer without secrets when something broke.

Pure ASGI middleware only: the convenience class of Starlette leaks database connections when a client goes away.
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.db import is_bad_value, is_outage
from shared.errors import Invalid, Refusal, Unavailable
from shared.ids import new_id
from shared.problems import BodyTooLarge, problem
from shared.telemetry import REQUESTS, log

_SAFE_ID = re.compile(  # a UUID (with its hyphens, or none, as a W3C trace id is), or a ULID
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}|[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}"
)
"""What a caller may call a request, for logs, events and trails repeat it: nothing that holds a telephone number, a NIK
or a name, which any freer form would."""
_FILES = (":import", ":preview")
"""How the paths of routes end that take whole files."""


class Edge:
    """Gives each request its ids, counts its body, and turns what nobody caught into an answer without secrets."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, max_import_bytes: int) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._import_limit = max_import_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = new_id().hex
        given = headers.get(b"x-correlation-id", b"").decode("latin-1")
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["correlation_id"] = given if _SAFE_ID.fullmatch(given) else request_id
        limit = self._import_limit if scope["path"].endswith(_FILES) else self._limit
        started = False

        async def limited_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                REQUESTS.labels(scope["method"], message["status"]).inc()
            await send(message)

        try:
            length = headers.get(b"content-length", b"")
            if length.isdigit() and int(length) > limit:
                response = problem(BodyTooLarge(limit).refusal, request_id)
                await response(scope, receive, limited_send)
                return
            await self._app(scope, _counting(receive, limit), limited_send)
        except Exception as error:
            log.error("request.failed", request_id=request_id, path=_template(scope), exc_info=error)
            if started:
                raise
            await problem(_refusal_of(error), request_id)(scope, receive, limited_send)


def _refusal_of(error: Exception) -> Refusal:
    """What nobody caught, as the caller is told it."""
    if is_outage(error):
        return Unavailable(
            "An engine behind this service is away. Please send it again, with the same Idempotency-Key if it had one."
        )
    if is_bad_value(error):
        return Invalid("The database cannot take one of the values, such as a text with the character U+0000.")
    return _Internal("This is our fault, not yours. Nothing was kept; the request id helps us to find it.")


class _Internal(Refusal):
    """A fault of ours."""

    status, code, title = 500, "internal_error", "Internal error"


def _template(scope: Scope) -> str:
    """The route's pattern: the path itself may hold a capability."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge(limit)
        return message

    return counted
