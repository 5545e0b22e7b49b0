"""Which routes a script in somebody's page may call (CORS), from the origins that `SATUATAP_ALLOWED_ORIGINS` names.

Only those whose permission the script holds itself: a tracking code, an invitation, a chat's token, a widget's key.
Nothing a browser would add on its own (cookies) is ever a credential here, so no request is made with them.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import FieldError, Refusal
from shared.ids import new_id
from shared.problems import problem

FOR_PAGES = ("/v1/chats", "/v1/hours", "/v1/track", "/v1/invitations", "/v1/responses")
"""Each of them, and what is below."""
_METHODS = ("GET", "POST")
_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Correlation-ID")
_FAULTS = {
    "origin": FieldError("Origin", "is of no page that may call this", "an origin that SATUATAP_ALLOWED_ORIGINS names"),
    "method": FieldError("Access-Control-Request-Method", "is none that pages may use", " or ".join(_METHODS)),
    "headers": FieldError("Access-Control-Request-Headers", "has others than pages may send", ", ".join(_HEADERS)),
}
"""What is wrong, by the library's word for it."""


class PageRefused(Refusal):
    """A browser asked whether a script may do this, and it may not."""

    status, code, title = 400, "page_refused", "A script in that page may not do this"


class _ForPages(CORSMiddleware):
    """Starlette's, whose refusals say here as all others do what was wrong."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < PageRefused.status:
            return answer
        said = bytes(answer.body).decode()
        faults = [fault for word, fault in _FAULTS.items() if word in said]
        request_id = new_id().hex
        kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        refusal = PageRefused(
            "The browser will not send the request.", errors=faults, headers={**kept, "X-Request-ID": request_id}
        )
        return problem(refusal, request_id)


class Cors:
    """Answers the browser's question before a request, and lets a script read answers and refusals."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._for_pages = _ForPages(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=("Retry-After", "X-Request-ID"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_for_pages = any(path == place or path.startswith(f"{place}/") for place in FOR_PAGES)
        await (self._for_pages if is_for_pages else self._app)(scope, receive, send)
