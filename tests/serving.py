"""Serves an app over real HTTP on a port of its own, with or without what works in its background."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import uvicorn

from services.local.engines import free_port
from shared.runner import Service, keep_stepping
from shared.worker import Worker

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP: to read every authority of this world takes them longer than a test."""


@asynccontextmanager
async def serving(service: Service, *, workers: Sequence[Worker] = ()) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `service`, which is served until the block ends. Only `workers` step; the test steps the others."""
    port = free_port()
    config = uvicorn.Config(
        service.app, port=port, lifespan="off", access_log=False, log_config=None, proxy_headers=False
    )
    server = await _listening(config)
    stop = asyncio.Event()
    stepping = [asyncio.create_task(keep_stepping(worker, stop)) for worker in workers]
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False, timeout=10) as client:
            yield client
    finally:
        await _ended(server)
        stop.set()
        await asyncio.gather(*stepping)
        await service.close()


async def _listening(config: uvicorn.Config) -> uvicorn.Server:
    """A server without its loop, which would look for its end ten times a second only."""
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await server.on_tick(0)
    return server


async def _ended(server: uvicorn.Server) -> None:
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.002)
