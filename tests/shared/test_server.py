"""The server: ordinary clients can read why they are refused, and rude ones cannot hold it."""

import asyncio
import contextlib
import json
import os
import re
import resource
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from http.client import HTTPMessage
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio

from services.local.engines import free_port
from shared.connection import Connection
from shared.crowd import ConnectionLimits
from tests.conftest import SECRET, Databases, Engines, eventually, staff_header
from tests.serving import NO_TLS, listening

USUAL = ConnectionLimits(connections=200)
BRISK = replace(USUAL, head_seconds=0.5, body_seconds=2, rest_bytes=1_000_000, rest_seconds=2, untaken_seconds=1)
INTAKE = """
import asyncio, json, sys, uvloop
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared import telemetry
from shared.crowd import ConnectionLimits
from shared.runner import serve
from shared.settings import CommonSettings

async def main():
    common = CommonSettings()
    telemetry.configure("intake", "test", "info")
    limits = ConnectionLimits(**{"connections": common.max_connections, **json.loads(sys.argv[2])})
    await serve(build(common, IntakeSettings()), host="127.0.0.1", port=int(sys.argv[1]), limits=limits)

uvloop.run(main())
"""
LARGE = 30_000_000
A_FORM = json.dumps({"email": "warga@surel.example", "body": "Insentif belum cair."}).encode()


@dataclass
class Intake:
    """Intake as a process of its own."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def has_started(self) -> bool:
        return "service.started" in self.log.read_text()


class Raw:
    """A client that minds no rules."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, piece: bytes) -> None:
        self.writer.write(piece)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: its status, headers and body."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 30)
        status, *lines = head.decode().split("\r\n")[:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await asyncio.wait_for(self.reader.readexactly(int(headers["content-length"])), 30)
        return int(status.split()[1]), headers, body

    async def refusal(self) -> tuple[int, str]:
        """The status and the code of the next answer, which is a problem document with an id; the last one."""
        status, headers, body = await self.answer()
        told = json.loads(body)
        assert headers["content-type"] == "application/problem+json"
        assert headers["x-request-id"] == told["request_id"]
        assert (headers["connection"], told["status"]) == ("close", status)
        return status, told["code"]

    async def is_at_an_end(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 30) == b""

    async def is_cut(self) -> bool:
        """Whether what is said comes back as an error: nobody is there."""
        try:
            while True:
                self.writer.write(b"x" * 1_000)
                await self.writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            return True


Connect = Callable[..., Awaitable[Raw]]


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes clients that say `pieces` to a server, and leave at the end of the test."""
    made: list[Raw] = []

    async def connected(port: int, *pieces: bytes) -> Raw:
        made.append(Raw(*await asyncio.open_connection("127.0.0.1", port)))
        for piece in pieces:
            await made[-1].say(piece)
        return made[-1]

    yield connected
    for raw in made:
        raw.writer.transport.abort()
        with contextlib.suppress(OSError):
            await raw.writer.wait_closed()


@dataclass
class World:
    """Where an intake can be started."""

    databases: Databases
    engines: Engines
    folder: Path

    @asynccontextmanager
    async def intake(self, limits: Mapping[str, Any], files: int | None = None) -> AsyncIterator[Intake]:
        """Intake within `limits`, which may open so many `files`."""
        name, port = await self.databases.take(), free_port()
        running = Intake(port, self.folder / f"{port}.log")

        def few_files() -> None:
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        with running.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", INTAKE, str(port), json.dumps(limits)),
                stdout=log,
                stderr=log,
                preexec_fn=few_files,
                env={
                    **os.environ,
                    "DATABASE_URL": self.engines.database_url(name),
                    "REDIS_URL": self.engines.redis_url,
                    "SATUATAP_SECRET": SECRET,
                },
            )
        try:
            await eventually(running.has_started)
            yield running
        finally:
            process.kill()
            await process.wait()
            self.databases.give_back(name)


@pytest.fixture(scope="module")
def world(databases: Databases, running_engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(databases, running_engines, tmp_path_factory.mktemp("intake"))


@pytest_asyncio.fixture(scope="module")
async def usual(world: World) -> AsyncIterator[Intake]:
    async with world.intake(asdict(USUAL)) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def brisk(world: World) -> AsyncIterator[Intake]:
    """One that waits for nobody."""
    async with world.intake(asdict(BRISK)) as running:
        yield running


def client(server: Intake) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, verify=NO_TLS, trust_env=False, timeout=30)


def post(path: str = "/v1/contacts", *lines: str, length: int | None = None) -> bytes:
    """The head of a request with a body."""
    token = staff_header("agent")["Authorization"]
    body = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head = (f"POST {path} HTTP/1.1", "Host: intake", "Content-Type: application/json", f"Authorization: {token}", body)
    return "\r\n".join((*head, *lines, "", "")).encode()


# Refusals before a body was read

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


# Time


async def test_head_has_a_time_to_come(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\nHost: in")
    assert await raw.refusal() == (408, "request_timeout")
    assert await raw.is_at_an_end()


async def test_head_that_trickles_has_no_more_time(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\n")

    async def trickle() -> None:
        while True:
            await raw.say(b"X-A: b\r\n")
            await asyncio.sleep(0.1)

    trickling = asyncio.create_task(trickle())
    assert await raw.refusal() == (408, "request_timeout")
    trickling.cancel()


async def test_empty_lines_are_no_way_to_stay(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"\r\n")
    assert await raw.refusal() == (408, "request_timeout")


async def test_second_request_has_the_same_time(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\nGET /livez HTTP")
    assert (await raw.answer())[0] == 200
    assert await raw.refusal() == (408, "request_timeout")


async def test_connection_may_be_idle_for_longer(connect: Connect, brisk: Intake) -> None:
    """Before its first request, and after each."""
    idle = await connect(brisk.port)
    other = await connect(brisk.port, b"GET /livez HTTP/1.1\r\n")
    assert await other.refusal() == (408, "request_timeout")
    for _ in range(2):
        await idle.say(b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\n")
        assert (await idle.answer())[0] == 200


async def test_connection_is_not_idle_for_ever(connect: Connect) -> None:
    async with listening(discreet) as server:
        idle = [await connect(server.config.port, said) for said in (b"", HALF_OPEN["idle"])]
        assert (await idle[1].answer())[0] == 200
        later = asyncio.get_running_loop().time() + 3_600
        for connection in list(server.server_state.connections):
            cast(Connection, connection).look(later, 3_600)
        assert [await one.is_at_an_end() for one in idle] == [True, True]


@pytest.mark.parametrize("length", [1_000, None], ids=["of known length", "in chunks"])
async def test_body_that_does_not_come_is_given_up(connect: Connect, brisk: Intake, length: int | None) -> None:
    raw = await connect(brisk.port, post(length=length), b"1")
    assert await raw.refusal() == (408, "request_timeout")
    assert await raw.is_at_an_end()


async def test_body_that_trickles_is_given_up(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, post(length=100_000))

    async def trickle() -> None:
        while True:
            await raw.say(b" ")
            await asyncio.sleep(0.1)

    trickling = asyncio.create_task(trickle())
    assert await raw.refusal() == (408, "request_timeout")
    trickling.cancel()


async def test_body_on_a_slow_line_is_taken(connect: Connect, brisk: Intake) -> None:
    """It takes longer than any pause may, and comes faster than it must."""
    raw = await connect(brisk.port, post(length=12 * 8_192))
    for _ in range(11):
        await raw.say(b" " * 8_192)
        await asyncio.sleep(0.3)
    await raw.say(A_FORM.rjust(8_192))
    assert (await raw.answer())[0] == 202


async def test_answer_that_nobody_takes_is_dropped(connect: Connect, brisk: Intake) -> None:
    """Here so many that they fill every buffer on the way."""
    raw = await connect(brisk.port)
    cast(asyncio.Transport, raw.writer.transport).pause_reading()
    request = b"GET /openapi.json HTTP/1.1\r\nHost: intake\r\n\r\n"

    async def ask_without_end() -> None:
        with pytest.raises(ConnectionError):
            while True:
                await raw.say(request)
                await asyncio.sleep(0)

    await asyncio.wait_for(ask_without_end(), 30)


# Size of a head


def head_of(length: int) -> bytes:
    """A request without a body, of so many bytes."""
    start = b"GET /livez HTTP/1.1\r\nHost: intake\r\nX-A: "
    return start.ljust(length - 4, b"a") + b"\r\n\r\n"


async def test_head_has_64_kib(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, head_of(65_536))
    assert (await raw.answer())[0] == 200
    await raw.say(head_of(65_537))
    assert await raw.refusal() == (431, "head_too_large")
    assert await raw.is_at_an_end()


@pytest.mark.parametrize(
    "start",
    [
        b"GET /livez HTTP/1.1\r\nX-A: ",
        b"GET /livez?",
        b"GET /livez HTTP/1.1\r\nX-",
        post() + b"1;",  # a chunk's extension
        post() + b"0\r\nX-A: ",  # a trailer
    ],
)
async def test_head_without_end_is_cut_off_wherever_it_grows(connect: Connect, usual: Intake, start: bytes) -> None:
    raw = await connect(usual.port, start)
    with pytest.raises(ConnectionError):  # after what is thrown away of the rest
        for _ in range(20_000):
            await raw.say(b"a" * 100_000)


async def test_head_without_end_is_refused(connect: Connect, usual: Intake) -> None:
    for start in (b"GET /livez HTTP/1.1\r\nX-A: ", b"GET /livez?", post() + b"0\r\nX-A: "):
        raw = await connect(usual.port, start, b"a" * 1_000_000)
        assert await raw.refusal() == (431, "head_too_large")


async def test_requests_that_come_together_are_counted_each_for_itself(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, head_of(40_000) * 8 + head_of(60_000) + head_of(50)[:-1])
    for _ in range(9):
        assert (await raw.answer())[0] == 200
    await raw.say(b"\n")
    assert (await raw.answer())[0] == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["of known length", "in chunks"])
async def test_body_is_no_part_of_the_head(connect: Connect, usual: Intake, chunked: bool) -> None:
    body = A_FORM.rjust(250_000)
    request = post() + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    if not chunked:
        request = post(length=len(body)) + body
    raw = await connect(usual.port, request * 2 + head_of(60_000))
    assert [(await raw.answer())[0] for _ in range(3)] == [202, 202, 200]


# What is no HTTP


def tls_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    talk = NO_TLS.wrap_bio(incoming, outgoing, server_hostname="rahasia.example")
    with pytest.raises(ssl.SSLWantReadError):
        talk.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(
    "sent",
    [
        tls_hello(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        b"Rahasia: halo\r\n\r\n",
        bytes(range(128, 256)) * 1_000,
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT rahasia.example:443 HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\nHost: intake\n\n",
        b"POST /livez HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["TLS", "HTTP/2", "text", "bytes", "no address", "a tunnel", "line feeds alone", "two lengths"],
)
async def test_bytes_that_are_no_http_are_told_so(connect: Connect, usual: Intake, sent: bytes) -> None:
    raw = await connect(usual.port, sent)
    assert await raw.refusal() == (400, "not_http")
    assert await raw.is_at_an_end()


async def test_answer_that_is_due_comes_before_the_refusal(connect: Connect, usual: Intake) -> None:
    request = b"GET /readyz HTTP/1.1\r\nHost: intake\r\n\r\n"
    raw = await connect(usual.port, request * 3 + b"\0\0\0\0")
    assert [(await raw.answer())[0] for _ in range(3)] == [200] * 3
    assert await raw.refusal() == (400, "not_http")
    assert await raw.is_at_an_end()


async def test_body_that_breaks_off_in_nonsense_is_told_so(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, post(), b"5\r\nabcde\r\nzz\r\n")
    assert await raw.refusal() == (400, "not_http")
    assert await raw.is_at_an_end()


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
async def test_wish_for_another_protocol_is_passed_over(connect: Connect, usual: Intake, protocol: str) -> None:
    asked = f"GET /livez HTTP/1.1\r\nHost: intake\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
    raw = await connect(usual.port, asked * 2 + asked.replace(b"Host", b"Content-Length: 0\r\nHost"))
    assert [(await raw.answer())[0] for _ in range(3)] == [200, 200, 200]


async def test_wish_for_another_protocol_with_a_body_is_refused(connect: Connect, usual: Intake) -> None:
    raw = await connect(
        usual.port, post("/v1/contacts", "Connection: Upgrade", "Upgrade: h2c", length=len(A_FORM)), A_FORM
    )
    assert await raw.refusal() == (400, "upgrade_refused")
    assert await raw.is_at_an_end()


async def test_nothing_of_what_was_sent_is_in_the_log(connect: Connect, brisk: Intake) -> None:
    for sent, status in (
        (b"Rahasia: halo\r\n\r\n", 400),
        (tls_hello(), 400),
        (b"GET /rahasia HTTP/1.1\r\nX-Rahasia: rah", 408),
        (b"GET /rahasia?" + b"rahasia" * 10_000, 431),
        (post("/v1/contacts?rahasia=1", length=1_000) + b"rahasia", 408),
        (post("/v1/rahasia", "Connection: Upgrade", "Upgrade: h2c", length=7) + b"rahasia", 400),
    ):
        raw = await connect(brisk.port, sent)
        assert (await raw.answer())[0] == status
    async with client(brisk) as http:
        counted = (await http.get("/metrics")).text
    for status in (400, 408, 431):
        assert f'satuatap_http_requests_total{{method="unknown",status="{status}"}}' in counted
    said = brisk.log.read_text()
    assert "service.started" in said
    for word in ("rahasia", "failed", "Invalid", "Unsupported"):
        assert word not in said.replace("Rahasia", "rahasia"), word


# How many there are

HALF_OPEN = {
    "silent": b"",
    "in a head": b"GET /livez HTTP/1.1\r\nHost: intake\r\n",
    "in a body": post(length=1_000) + b"{",
    "idle": b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\n",
}


async def test_320_clients_that_keep_it_waiting_do_not_hold_a_service_with_300_files(
    connect: Connect, world: World
) -> None:
    async with world.intake({}, files=300) as server, client(server) as http:
        for said in HALF_OPEN.values():
            await asyncio.gather(*(connect(server.port, said) for _ in range(320)))
            assert (await http.get("/livez")).status_code == 200
            assert (await http.get("/readyz")).json()["checks"] == {"postgres": "ok", "redis": "ok"}
            headers = {"Content-Type": "application/json", **staff_header("agent")}
            assert (await http.post("/v1/contacts", headers=headers, content=A_FORM)).status_code == 202
        [counted] = re.findall(r"satuatap_connections_gave_way_total (\d+)", (await http.get("/metrics")).text)
        assert int(counted) >= 4 * 320 - 150


async def discreet(scope: Any, receive: Any, send: Any) -> None:
    """An app that waits for all of a body, and then says nothing."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def answering_when_told() -> tuple[Any, asyncio.Event]:
    may_answer = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.wait_for(may_answer.wait(), 30)
        await discreet(scope, receive, send)

    return slow, may_answer


async def test_whoever_has_kept_it_waiting_longest_gives_way(connect: Connect) -> None:
    async with listening(discreet, connections=3) as server:
        port = server.config.port
        head, body, idle = [await connect(port, HALF_OPEN[kind]) for kind in ("in a head", "in a body", "idle")]
        assert (await idle.answer())[0] == 200
        for waiting in (head, body):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert (await newcomer.answer())[0] == 200
            status, headers, told = await waiting.answer()
            assert (status, headers["retry-after"], json.loads(told)["code"]) == (503, "1", "unavailable")
            assert await waiting.is_at_an_end()
        newcomer = await connect(port, HALF_OPEN["idle"])
        assert await idle.is_at_an_end()
        assert (await newcomer.answer())[0] == 200


async def test_whoever_keeps_sending_does_not_give_way(connect: Connect) -> None:
    async with listening(discreet, connections=3) as server:
        sender = await connect(server.config.port, post(length=10_000))
        for _ in range(9):
            await sender.say(b"x" * 1_000)
            idle = [await connect(server.config.port, HALF_OPEN["idle"]) for _ in range(2)]
            assert [(await one.answer())[0] for one in idle] == [200, 200]
        await sender.say(b"x" * 1_000)
        assert (await sender.answer())[0] == 200


async def test_whoever_does_not_take_an_answer_gives_way(connect: Connect) -> None:
    """An answer that is larger than all buffers on the way, with an end of the connection after it, and without."""
    large = b"x" * 30_000_000

    async def generous(scope: Any, receive: Any, send: Any) -> None:
        length = len(large) if scope["path"] == "/large" else 0
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % length)]})
        for _ in range(2 if length else 1):
            await send({"type": "http.response.body", "body": large[: length // 2], "more_body": length > 0})
        if length:
            await send({"type": "http.response.body", "body": b""})

    async with listening(generous, connections=2) as server:
        port = server.config.port
        for line in (b"Connection: close", b"Connection: keep-alive"):
            raw = await connect(port)
            cast(asyncio.Transport, raw.writer.transport).pause_reading()
            await raw.say(b"GET /large HTTP/1.1\r\nHost: intake\r\n" + line + b"\r\n\r\n")

        async def both_wait() -> bool:
            flows = [cast(Connection, connection).flow for connection in server.server_state.connections]
            return [flow.write_paused for flow in flows] == [True, True]

        await eventually(both_wait)
        for _ in range(3):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert (await newcomer.answer())[0] == 200


async def test_whoever_is_being_answered_does_not_give_way_and_a_newcomer_is_told_so(connect: Connect) -> None:
    slow, may_answer = answering_when_told()
    async with listening(slow, connections=2) as server:
        port = server.config.port
        served = [await connect(port, HALF_OPEN["idle"]) for _ in range(2)]

        async def both_wait_for_us() -> bool:
            return len(server.server_state.tasks) == 2

        await eventually(both_wait_for_us)
        for _ in range(5):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert await newcomer.refusal() == (503, "unavailable")
            newcomer.writer.close()
        may_answer.set()
        assert [(await one.answer())[0] for one in served] == [200, 200]


async def test_requests_that_are_sent_together_wait_outside(connect: Connect) -> None:
    """Ten thousand of them in one piece: a few are parsed, and the others not before those are answered."""
    slow, may_answer = answering_when_told()
    async with listening(slow) as server:
        raw = await connect(server.config.port, b"GET / HTTP/1.1\r\n\r\n" * 10_000)

        async def held() -> list[Any]:
            return [connection for connection in server.server_state.connections if cast(Connection, connection).held]

        [connection] = cast(list[Any], await eventually(held))
        assert len(connection.pipeline) < 500
        may_answer.set()
        assert {(await raw.answer())[0] for _ in range(10_000)} == {200}
