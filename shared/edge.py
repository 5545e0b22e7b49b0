"""The edge: a request id on every answer, a limit on every body, an answer without secrets when something broke, and
HEAD wherever GET is.

Pure ASGI middleware only: the convenience class of Starlette leaks database connections when a client goes away.
"""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.db import is_bad_value, is_outage
from shared.errors import Invalid, Refusal, TooLarge, Unavailable, UnsupportedEncoding
from shared.ids import new_raw_id
from shared.problems import BodyRefused, problem
from shared.telemetry import REQUESTS, log

_SAFE_ID = re.compile(  # a UUID (with its hyphens, or none, as a W3C trace id is), or a ULID
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}|[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}"
)
"""What a caller may call a request, for logs, events and trails repeat it: nothing that holds a telephone number, a NIK
or a name, which any freer form would."""
_FILE = re.compile(r"/v\d+/(?:.*:(?:import|preview)|mails)", re.DOTALL)
"""The paths of routes that take whole files."""
HEAD_ALONE = "head_alone"
"""Where in a request's state it stands that no body is sent: one without an end need not begin."""
RATE_LIMIT = "rate_limit"
"""Where in a request's state the headers stand that tell how a key stands to its limit."""
REFUSAL = "refusal"
"""Where in a request's state the server leaves why it takes no more of it (`shared.connection`)."""


_requests = lru_cache(256)(REQUESTS.labels)
"""To find a counter by its labels costs more than to count."""


class Edge:
    """Gives each request its ids, counts its body, and turns what nobody caught into an answer without secrets."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, max_import_bytes: int, bounds_itself: Collection[str] = ()
    ) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._import_limit = max_import_bytes
        self._bounds_itself = bounds_itself

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, method = dict(scope["headers"]), scope["method"]
        request_id = new_raw_id().hex
        given = headers.get(b"x-correlation-id", b"").decode("latin-1")
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["correlation_id"] = given if _SAFE_ID.fullmatch(given) else request_id
        if method == "HEAD":  # a copy: by the method in its own, the server knows to send no body
            scope = {**scope, "method": "GET"}
            state[HEAD_ALONE] = True
        limit = self._limit_of(scope["path"])
        seen, asked, started = 0, False, False

        async def limited_receive() -> Message:
            nonlocal seen, asked
            asked = True
            message = await receive()
            if REFUSAL in state:
                raise BodyRefused(state[REFUSAL])
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyRefused(TooLarge(limit))
            return message

        async def limited_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                message["headers"] += state.get(RATE_LIMIT, ())
                if not asked and b"expect" in headers:  # nobody can tell whether the body comes now or not at all
                    message["headers"].append((b"connection", b"close"))
                _requests(method, message["status"]).inc()
            await send(message)

        try:
            refusal = state.get(REFUSAL) or _refusal_by(headers, scope["headers"], limit)
            if refusal:
                await problem(refusal, request_id)(scope, receive, limited_send)
                return
            await self._app(scope, limited_receive, limited_send)
        except Exception as error:
            log.error("request.failed", request_id=request_id, path=_template(scope), exc_info=error)
            if started:
                raise
            await problem(_refusal_of(error), request_id)(scope, receive, limited_send)

    def _limit_of(self, path: str) -> int:
        """How many bytes a body may have. A path that bounds it itself reads as much as it wants to, and so does
        one below a name that ends with `/`.
        """
        if path in self._bounds_itself or path[: path.rfind("/") + 1] in self._bounds_itself:
            return sys.maxsize
        return self._import_limit if _FILE.fullmatch(path) else self._limit


def _refusal_by(headers: Mapping[bytes, bytes], lines: Iterable[tuple[bytes, bytes]], limit: int) -> Refusal | None:
    """What the headers alone show to be in vain. `lines` has also those whose name comes more than once."""
    if b"content-encoding" in headers and any(_is_coded(value) for name, value in lines if name == b"content-encoding"):
        return UnsupportedEncoding()
    length = headers.get(b"content-length", b"")
    return TooLarge(limit) if length.isdigit() and int(length) > limit else None


def _is_coded(coding: bytes) -> bool:
    return coding.strip().lower() not in (b"", b"identity")


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
