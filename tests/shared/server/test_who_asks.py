"""Whoever is refused before there is a request reads it as he can: a browser a page, and never JSON."""

from collections.abc import Sequence

import pytest
from fastapi.responses import HTMLResponse

from shared.edge import Edge
from shared.errors import HeadTooLarge, NotHttp, RequestTimeout, Unavailable
from shared.pages import Pages, answer_to_unread
from shared.problems import PROBLEM
from tests.conftest import eventually
from tests.serving import listening
from tests.shared.server.given import HALF_OPEN, Connect, discreet
from tests.shared.server.test_crowd import answering_when_told

BROWSER = [(b"host", b"x"), (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8")]
PROGRAM = [(b"accept", b"*/*")]
PAGE, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"


@pytest.mark.parametrize("refusal", [HeadTooLarge(9), NotHttp(), RequestTimeout("Late."), Unavailable("Full.")])
@pytest.mark.parametrize(
    ("url", "headers", "kind"),
    [
        (b"/s/abc", BROWSER, PAGE),
        (b"/v1/contacts", BROWSER, PAGE),
        (b"/s/abc", [], PAGE),
        (b"/", [], PAGE),
        (b"/s/abc", PROGRAM, PROBLEM),
        (b"/v1/contacts", [], PROBLEM),
        (b"/readyz", [], PROBLEM),
        (b"", [], TEXT),
    ],
)
def test_refusal_is_told_by_what_is_known_of_who_asks(
    refusal: HeadTooLarge, url: bytes, headers: Sequence[tuple[bytes, bytes]], kind: str
) -> None:
    answer = answer_to_unread(url, headers, refusal, "id")
    assert (answer.status_code, answer.headers["content-type"]) == (refusal.status, kind)
    if kind == PAGE:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert b'<html lang="id">' in bytes(answer.body)


async def test_browser_with_a_head_too_large_reads_a_page(connect: Connect) -> None:
    asked = b"GET /s/abc HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nCookie: "
    for sent in (asked + b"c" * 70_000, b"GET /s/abc?fbclid=" + b"c" * 70_000):
        async with listening(discreet) as server:
            raw = await connect(server.config.port, sent)
            status, headers, told = await raw.answer()
            assert (status, headers["content-type"], headers["connection"]) == (431, PAGE, "close")
            assert "terlalu panjang" in told.decode()
            raw.writer.close()


async def test_browser_for_which_there_is_no_place_reads_the_page_of_its_service(connect: Connect) -> None:
    slow, may_answer = answering_when_told()
    edge = Edge(slow, max_body_bytes=1, max_import_bytes=1)
    pages = Pages(edge, places={"s"}, page=lambda *_: HTMLResponse("<h1>Penuh</h1>"))
    async with listening(pages, connections=1) as server:
        served = await connect(server.config.port, HALF_OPEN["idle"])

        async def waits() -> bool:
            return len(server.server_state.tasks) == 1

        await eventually(waits)
        raw = await connect(server.config.port, b"GET /s/abc HTTP/1.1\r\nHost: x\r\n\r\n")
        status, headers, told = await raw.answer()
        assert (status, headers["content-type"], headers["retry-after"]) == (503, PAGE, "1")
        assert told == b"<h1>Penuh</h1>"
        may_answer.set()
        assert (await served.answer())[0] == 200
