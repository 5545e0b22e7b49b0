"""An intake in a process of its own, clients that mind no rules, and an app that says nothing."""

import asyncio
import json
import os
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from services.local.engines import free_port
from shared.crowd import ConnectionLimits
from tests.conftest import SECRET, Databases, Engines, eventually, staff_header
from tests.serving import NO_TLS

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


def client(server: Intake) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, verify=NO_TLS, trust_env=False, timeout=30)


def post(path: str = "/v1/contacts", *lines: str, length: int | None = None) -> bytes:
    """The head of a request with a body."""
    token = staff_header("agent")["Authorization"]
    body = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head = (f"POST {path} HTTP/1.1", "Host: intake", "Content-Type: application/json", f"Authorization: {token}", body)
    return "\r\n".join((*head, *lines, "", "")).encode()


HALF_OPEN = {
    "silent": b"",
    "in a head": b"GET /livez HTTP/1.1\r\nHost: intake\r\n",
    "in a body": post(length=1_000) + b"{",
    "idle": b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\n",
}


async def discreet(scope: Any, receive: Any, send: Any) -> None:
    """An app that waits for all of a body, and then says nothing."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
