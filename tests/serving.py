"""Serves an app over real HTTP on a port of its own, with or without what works in its background."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import uvicorn

from services.local.engines import free_port
from shared.runner import Service, Worker, keep_stepping


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@asynccontextmanager
async def serving(service: Service, *, workers: Sequence[Worker] = ()) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `service`, which is served until the block ends. Only `workers` step; the test steps the others."""
    port = free_port()
    server = _Server(uvicorn.Config(service.app, port=port, lifespan="off", access_log=False, log_config=None))
    stop = asyncio.Event()
    stepping = [asyncio.create_task(keep_stepping(worker, stop)) for worker in workers]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            yield client
    finally:
        server.should_exit = True
        await task
        stop.set()
        await asyncio.gather(*stepping)
        for worker in service.workers:
            await worker.close()
        await service.db.close()
