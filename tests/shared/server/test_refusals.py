"""Refusals before a body was read: ordinary clients can read why they are refused."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from http.client import HTTPMessage
from typing import Any

import httpx
import pytest

from tests.conftest import staff_header
from tests.serving import NO_TLS
from tests.shared.server.given import LARGE, Connect, Intake, post

Answer = tuple[int, Any, dict[str, Any]]
Send = Callable[[str, dict[str, str], bool], Any]


def pieces() -> Iterator[bytes]:
    """A large body in chunks, so that no length is announced."""
    for _ in range(LARGE // 100_000):
        yield b"x" * 100_000


async def by_urllib(url: str, headers: dict[str, str], chunked: bool) -> Answer:
    """It says `Connection: close`, sends everything, and only then reads."""

    def send() -> Answer:
        body: Any = pieces() if chunked else b"x" * LARGE
        request = urllib.request.Request(url, body, headers, method="POST")
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)
        raise AssertionError("it was taken")

    return await asyncio.to_thread(send)


async def by_httpx(url: str, headers: dict[str, str], chunked: bool) -> Answer:
    async def slowly() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    async with httpx.AsyncClient(verify=NO_TLS, trust_env=False, timeout=60) as http:
        answer = await http.post(url, headers=headers, content=slowly() if chunked else b"x" * LARGE)
        return answer.status_code, answer.headers, answer.json()


async def by_curl(url: str, headers: dict[str, str], chunked: bool, *options: str) -> Answer:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    process = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--show-error", "--include", "--noproxy", "*", "--data-binary", "@-"),
        *(part for line in lines for part in ("--header", line)),
        *(*options, url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(b"x" * LARGE), 60)
    assert process.returncode == 0, err.decode()
    head, _, body = out.rpartition(b"\r\n\r\n")
    status, *fields = head.rpartition(b"HTTP/1.1 ")[2].decode().split("\r\n")
    told = HTTPMessage()
    for field in fields:
        told.add_header(*field.split(": ", 1))
    return int(status.split()[0]), told, json.loads(body)


async def by_curl_at_once(url: str, headers: dict[str, str], chunked: bool) -> Answer:
    """Without waiting for `100 Continue`."""
    return await by_curl(url, headers | {"Expect": ""}, chunked)


CLIENTS = [by_urllib, by_httpx, by_curl, by_curl_at_once]


@pytest.mark.parametrize("chunked", [False, True], ids=["of known length", "in chunks"])
@pytest.mark.parametrize("send", CLIENTS)
async def test_client_reads_that_its_body_is_too_large(usual: Intake, send: Send, chunked: bool) -> None:
    headers = {"Content-Type": "application/json", **staff_header("agent")}
    status, told, body = await send(f"{usual.url}/v1/contacts", headers, chunked)
    assert (status, body["code"], body["errors"][0]["expected"]) == (413, "body_too_large", "at most 262144 bytes")
    assert told["X-Request-ID"] == body["request_id"]


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/v1/nothing", {}, (404, "not_found")),
        ("/livez", {}, (405, "method_not_allowed")),
        ("/v1/booths/B1/call-next", {}, (401, "unauthenticated")),
        ("/v1/booths/B1/call-next?warna=1", staff_header("agent"), (422, "invalid")),
        ("/v1/contacts", {"Content-Encoding": "gzip"}, (415, "unsupported_encoding")),
    ],
)
@pytest.mark.parametrize("send", CLIENTS)
async def test_client_reads_any_refusal_that_needed_no_body(
    usual: Intake, send: Send, path: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    status, _, body = await send(f"{usual.url}{path}", {"Content-Type": "application/json", **headers}, True)
    assert (status, body["code"]) == expected


async def test_connection_goes_on_after_a_refusal_when_the_rest_of_the_body_has_come(
    connect: Connect, usual: Intake
) -> None:
    raw = await connect(usual.port, post("/v1/nothing", length=400_000), b"x" * 10)
    assert (await raw.answer())[0] == 413
    await raw.say(b"x" * 399_990 + b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\n")
    assert (await raw.answer())[0] == 200


async def test_body_that_was_never_asked_for_ends_the_connection(connect: Connect, usual: Intake) -> None:
    """After `Expect: 100-continue` nobody could tell it from the next request."""
    raw = await connect(usual.port, post("/v1/contacts", "Expect: 100-continue", length=400_000))
    assert await raw.refusal() == (413, "body_too_large")
    assert await raw.is_at_an_end()


async def test_rest_is_thrown_away_up_to_a_size_and_then_cut(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, post("/v1/contacts", "Connection: close", length=100_000_000))
    assert await raw.refusal() == (413, "body_too_large")
    assert await raw.is_at_an_end()
    assert await asyncio.wait_for(raw.is_cut(), 30)


@pytest.mark.parametrize("line", ["Connection: close", "Connection: keep-alive"])
async def test_rest_is_thrown_away_for_a_time_and_then_cut(connect: Connect, brisk: Intake, line: str) -> None:
    raw = await connect(brisk.port, post("/v1/contacts", line, length=100_000_000))
    assert (await raw.answer())[0] == 413
    assert await asyncio.wait_for(raw.is_cut(), 30)
