"""Serves an app over real HTTP on a port of its own, with or without what works in its background."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import uvicorn

from migrations import SERVICES
from services.local.engines import free_port
from shared.connection import Connection
from shared.crowd import ConnectionLimits
from shared.problems import PROBLEM
from shared.runner import Service, keep_stepping
from shared.server import Server
from shared.worker import Worker

_EDGE = frozenset({400, 405, 408, 431, 500})
"""What is refused before a route is known, or is our fault."""
_documents: dict[str, dict[str, Any]] = {}
"""The OpenAPI documents of the services, each made once."""
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP: to read every authority of this world takes them longer than a test."""


@asynccontextmanager
async def serving(service: Service, *, workers: Sequence[Worker] = ()) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `service`, which is served until the block ends. Only `workers` step; the test steps the others."""
    stop = asyncio.Event()
    stepping = [asyncio.create_task(keep_stepping(worker, stop)) for worker in workers]
    try:
        async with listening(service.app) as server:
            url = f"http://127.0.0.1:{server.config.port}"
            async with httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False, timeout=10) as client:
                client.event_hooks["response"].append(partial(_check_documented, service))
                yield client
    finally:
        stop.set()
        await _cut_short(stepping)
        await service.close()


async def _cut_short(stepping: Sequence["asyncio.Task[None]"]) -> None:
    """Ends workers who wait for a second that nobody will use. Raises what one of them fell over."""
    for task in stepping:
        task.cancel()
    for end in await asyncio.gather(*stepping, return_exceptions=True):
        if isinstance(end, Exception):
            raise end


async def _check_documented(service: Service, answer: httpx.Response) -> None:
    """Whatever a service refuses in any test stands in its OpenAPI document, with its code."""
    is_told = answer.headers.get("content-type") == PROBLEM and answer.request.method != "HEAD"
    if service.name not in SERVICES or not is_told or answer.status_code in _EDGE:
        return
    await answer.aread()
    method, path, code = answer.request.method.lower(), answer.request.url.path, answer.json()["code"]
    if service.name not in _documents:  # a second to make, and the same however a service is wired
        _documents[service.name] = service.app.openapi()
    document = _documents[service.name]
    for template, operations in document["paths"].items():
        if method in operations and re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(template)), path):
            told = operations[method]["responses"].get(str(answer.status_code), {})
            if "$ref" in told:
                told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
            examples = told.get("content", {}).get(PROBLEM, {}).get("examples", {})
            assert code in examples, f"{method} {template} does not tell that it refuses with {code}"
            return


@asynccontextmanager
async def listening(app: Any, *, connections: int = 1_000) -> AsyncIterator[Server]:
    """A server of `app`, without its loop, which would look for its end ten times a second only."""
    config = uvicorn.Config(
        app,
        port=free_port(),
        http=Connection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
    )
    server = Server(config, ConnectionLimits(connections))
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await server.on_tick(0)
    try:
        yield server
    finally:
        await _ended(server)


async def _ended(server: Server) -> None:
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.002)
