"""Serves an app over real HTTP on a port of its own, with or without what works in its background."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from services.local.engines import free_port
from shared.connection import Connection
from shared.crowd import ConnectionLimits
from shared.runner import Service, keep_stepping
from shared.server import Server
from shared.worker import Worker

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
                yield client
    finally:
        stop.set()
        await asyncio.gather(*stepping)
        await service.close()


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
