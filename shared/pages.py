"""Pages for people, beside routes for programs: whatever happens where people come, they read a page and no JSON."""

import re
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import RateLimited, Refusal
from shared.idempotency import KeyedRoute
from shared.problems import PROBLEM, problem

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}


class Pages:
    """Answers with a page, whatever happens, wherever people come (`places`, how their paths begin): also where the
    edge or the framework refuses, which tell programs so in JSON. It stands around the edge, and says with each page
    what it may not do. `page` makes the page of a refusal from the request, the status, and the place.
    """

    def __init__(self, app: ASGIApp, *, places: Collection[str], page: Callable[[Request, int, str], Response]) -> None:
        self._app = app
        self._places = places
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place, below = _place_of(scope)
        if place is None or place not in self._places:
            await self._app(scope, receive, send)
            return
        refused: Message | None = None

        async def send_page(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({name: value for name, value in _HEADERS.items() if name not in headers})
                if headers.get("content-type") == PROBLEM:
                    refused = message  # it goes with the page, whose length it has to tell
                    return
            elif refused is not None:
                page = self._page(Request(scope), refused["status"], place)
                MutableHeaders(scope=refused).update(
                    {"content-type": page.headers["content-type"], "content-length": page.headers["content-length"]}
                )
                await send(refused)
                message = {**message, "body": page.body}
            await send(message)

        below = below or ("/" if place else "")  # `/s` is a link that was cut off, as `/s/` is
        await self._app({**scope, "path": f"/{place}{below}"}, receive, send_page)


def _place_of(scope: Scope) -> tuple[str | None, str]:
    """How a path begins, in small letters, for keyboards make the first of a word a capital; and what is below."""
    path = scope["path"] if scope["type"] == "http" else ""
    if not path.startswith("/"):
        return None, ""
    place, slash, rest = path[1:].partition("/")
    return place.lower(), slash + rest


class PageRoute(KeyedRoute):
    """A route that answers with a page, also to those who come too often: `wait_page` says when to press again."""

    media_type = "text/html"
    takes_any_query = True
    """`fbclid`, `utm_source`: what others add to a link that they pass on."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        """The page that says when to come again, with what was filled in. It asks no database."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except RateLimited as refusal:
                page = await self.wait_page(request, refusal)
                page.headers.update(refusal.headers)
                return page

        return handle_page


_FOR_PROGRAMS = re.compile(rb"/(?:v\d|livez|readyz|metrics|docs|openapi)")
_UNREAD: Mapping[int, tuple[str, str]] = {
    408: ("Kiriman ini tidak sampai seluruhnya", "Mohon coba lagi bila sambungan Anda lebih lancar."),
    431: (
        "Alamat ini terlalu panjang",
        "Buka kembali tautan yang Anda terima, tanpa tambahan di belakangnya. Bila masih gagal, hapus kuki situs ini.",
    ),
    503: ("Halaman ini sedang tidak dapat dibuka", "Terlalu banyak yang membukanya. Mohon coba lagi sebentar lagi."),
}
"""What a page says of what was never read as a request, and what to do, by status."""
_NOT_READ = ("Permintaan ini tidak dapat dibaca", "Buka kembali tautan yang Anda terima.")
_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>body {{ font-family: sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }}
</style></head><body><h1>{title}</h1><p>{way}</p></body></html>
"""


def answer_to_unread(url: bytes, headers: Iterable[tuple[bytes, bytes]], refusal: Refusal, request_id: str) -> Response:
    """The answer to what never became a request, from what is known of it: to a browser a page, to a program problem
    details, and where nobody can tell (no HTTP, nothing sent yet) a text that either can show.
    """
    title, way = _UNREAD.get(refusal.status, _NOT_READ)
    accepted = [value for name, value in headers if name == b"accept"]
    if not accepted and not url.startswith(b"/"):
        text = f"{title}. {way}\n{refusal.title}. {refusal.detail}\n"
        return PlainTextResponse(text, refusal.status, headers=refusal.headers)
    if any(b"text/html" in value for value in accepted) if accepted else not _FOR_PROGRAMS.match(url):
        page = _PAGE.format(title=title, way=way)
        return HTMLResponse(page, refusal.status, headers=_HEADERS | refusal.headers)
    return problem(refusal, request_id)
