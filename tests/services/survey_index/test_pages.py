"""Wherever people come there is a page in their language that says what to do, whoever refuses: never JSON."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from tests.services.survey_index.conftest import Running
from tests.services.survey_index.given import begin, post
from tests.services.survey_index.test_form import THANKS, Page
from tests.services.tickets.conftest import refusal

HTML = "text/html; charset=utf-8"
LINK, ADDRESS = "<h1>Tautan tidak dikenal</h1>", "<h1>Alamat ini tidak dikenal</h1>"
NOT_TAKEN, TOO_LARGE = "<h1>Kiriman seperti ini tidak diterima di sini</h1>", "<h1>Kiriman ini terlalu besar</h1>"
UNREAD = "<h1>Isian tidak dapat dibaca</h1>"


def is_page(answer: httpx.Response, status: int, heading: str) -> None:
    """That it is a page with this heading, of its own length, which says what it may not do."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, HTML)
    assert (heading in answer.text, "<p>" in answer.text) == (True, True)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]


async def same_head(http: httpx.AsyncClient, path: str) -> None:
    got, head = await http.get(path), await http.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/s", LINK),
        ("/s/", LINK),
        ("/S", LINK),
        ("/S/abc", LINK),
        ("/s/%00", LINK),
        ("/p", ADDRESS),
        ("/p/", ADDRESS),
        ("/P/", ADDRESS),
        ("/p/%00", ADDRESS),
        ("//s", ADDRESS),
        ("/p/nothing", "<h1>Belum ada yang diterbitkan</h1>"),
        ("/P/nothing", "<h1>Belum ada yang diterbitkan</h1>"),
    ],
)
async def test_address_that_leads_nowhere_is_a_page(
    running: Running, http: httpx.AsyncClient, path: str, heading: str
) -> None:
    is_page(await http.get(f"{http.base_url}{path}"), 404, heading)
    await same_head(http, f"{http.base_url}{path}")


async def test_home_says_what_the_address_is_and_lists_no_surveys(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, title="Survei yang terbit")
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    for path in ("/", "/?fbclid=x"):
        answer = await http.get(path)
        is_page(answer, 200, "<h1>Survei kepuasan masyarakat</h1>")
        assert "Survei yang terbit" not in answer.text
    await same_head(http, "/")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET, HEAD"),
        ("POST", "/p/x", "GET, HEAD"),
        ("POST", "/P/x", "GET, HEAD"),
        ("DELETE", "/p/x", "GET, HEAD"),
        ("PUT", "/s/abc", "GET, HEAD, POST"),
        ("OPTIONS", "/s/abc", "GET, HEAD, POST"),
    ],
)
async def test_verb_that_a_page_does_not_take_is_refused_with_a_page(
    http: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await http.request(method, path)
    is_page(answer, 405, NOT_TAKEN)
    assert answer.headers["allow"] == allowed


async def pieces(beginning: bytes, size: int) -> AsyncIterator[bytes]:
    yield beginning
    for _ in range(0, size, 65_536):
        yield b"x" * 65_536


@pytest.mark.parametrize("path", ["/s/abc", "/s/x:import", "/S/abc", "/s", "/p/x", "/"])
async def test_body_that_is_announced_too_large_is_refused_with_a_page(http: httpx.AsyncClient, path: str) -> None:
    is_page(await http.post(path, content=b"x" * 3_000_000), 413, TOO_LARGE)


async def test_body_that_turns_out_too_large_is_refused_with_a_page_and_the_link_stays(
    running: Running, http: httpx.AsyncClient
) -> None:
    path = f"/s/{await running.token()}"
    part = b'--x\r\nContent-Disposition: form-data; name="comment"\r\n\r\n'
    for kind, beginning in (
        ("application/x-www-form-urlencoded", b"comment="),
        ("multipart/form-data; boundary=x", part),
    ):
        answer = await http.post(path, content=pieces(beginning, 3_000_000), headers={"Content-Type": kind})
        is_page(answer, 413, TOO_LARGE)
    assert THANKS in (await http.post(path, data={"waktu": "4"})).text


async def test_form_that_is_no_form_is_refused_with_a_page(running: Running, http: httpx.AsyncClient) -> None:
    path = f"/s/{await running.token()}"
    unbounded = {"Content-Type": "multipart/form-data"}
    is_page(await http.post(path, content=b"waktu=4", headers=unbounded), 400, UNREAD)
    is_page(await http.post(path, content=b"waktu=4", headers={"Content-Encoding": "gzip"}), 415, UNREAD)
    is_page(await http.post(path, data={"waktu": "4"}, headers={"Idempotency-Key": "x" * 256}), 422, UNREAD)


async def test_form_behind_a_link_in_capitals_is_opened_and_taken(running: Running, http: httpx.AsyncClient) -> None:
    path = f"/S/{await running.token()}"
    is_page(opened := await http.get(path), 200, "<form")
    assert len(Page(opened.text).forms) == 1
    is_page(await http.post(path, data={"waktu": "4"}), 200, THANKS)
    assert len(await running.rows("SELECT 1 FROM responses")) == 1


async def test_publication_behind_an_address_in_capitals_is_shown(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    is_page(await http.get("/P/s"), 200, "<h1>Survei uji</h1>")


async def test_publication_that_fails_is_a_page(running: Running, http: httpx.AsyncClient) -> None:
    async with running.service.db.transaction() as session:
        await session.execute(text("ALTER TABLE surveys RENAME TO surveys_of_tomorrow"))
    is_page(await http.get("/p/s"), 500, "<h1>Halaman ini sedang tidak dapat dibuka</h1>")


async def test_program_is_told_as_before(running: Running, http: httpx.AsyncClient) -> None:
    refusal(await http.get("/v1"), 404, "not_found")
    refusal(await http.get("/v1/s"), 404, "not_found")
    refusal(await http.get("/surveys"), 404, "not_found")
    refusal(await http.put("/v1/responses"), 405, "method_not_allowed")
    refusal(await http.post("/v1/responses", content=b"x" * 3_000_000), 413, "body_too_large")
