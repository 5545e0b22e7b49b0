"""Which routes a script in somebody's page may call (CORS), from the origins that `SATUATAP_ALLOWED_ORIGINS` names.

Only those whose permission the script holds itself: a tracking code, an invitation, a chat's token, a widget's key.
Nothing a browser would add on its own (cookies) is ever a credential here, so no request is made with them.
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

FOR_PAGES = ("/v1/chats", "/v1/track", "/v1/invitations", "/v1/responses")
"""Each of them, and what is below."""


class Cors:
    """Answers the browser's question before a request, and lets a script read answers and refusals."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._for_pages = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "X-Correlation-ID"),
            expose_headers=("Retry-After", "X-Request-ID"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_for_pages = any(path == place or path.startswith(f"{place}/") for place in FOR_PAGES)
        await (self._for_pages if is_for_pages else self._app)(scope, receive, send)
