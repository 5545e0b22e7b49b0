"""Runs one service: its HTTP server and everything that works in its background, and ends them in order.

The runner owns the signals. uvicorn would raise SIGTERM again once it has finished, and the consumers beside it
would never drain.
"""

import asyncio
import contextlib
import random
import signal
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from shared.db import Database, describe, is_outage
from shared.telemetry import log

_DRAIN_SECONDS = 8
_LONGEST_WAIT_SECONDS = 2.0


class Worker(Protocol):
    """Something that works in the background, a step at a time; between two steps it may be stopped."""

    async def step(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """A service, wired: what its `main.build` returns."""

    name: str
    app: FastAPI
    db: Database
    workers: Sequence[Worker]


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        log.info("service.started", port=self.config.port)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(service: Service, *, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then drains: no new requests, running ones answered, batches finished.

    Raises what a worker raised that was no outage; the process then ends and its supervisor starts it anew.
    """
    config = uvicorn.Config(
        service.app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_keep_alive=30,
    )
    server = _Server(config)
    told_to_stop, drained = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)

    serving = asyncio.create_task(server.serve(), name="http")
    working = [asyncio.create_task(keep_stepping(worker, drained)) for worker in service.workers]
    stopping = asyncio.create_task(told_to_stop.wait())
    try:
        await asyncio.wait([serving, stopping, *working], return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        await serving
        drained.set()  # only now: requests that are still being answered wait for the workers
        stopping.cancel()
        outcomes = await asyncio.gather(*working, return_exceptions=True)
        for worker in service.workers:
            await worker.close()
        await service.db.close()
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    log.info("service.stopped")


async def keep_stepping(worker: Worker, stop: asyncio.Event) -> None:
    """Steps until `stop`. An outage is waited out with full jitter and counts as nothing; anything else is raised."""
    name = type(worker).__name__
    outages = 0
    while not stop.is_set():
        try:
            await worker.step()
            outages = 0
        except Exception as error:
            if not is_outage(error):
                log.error("worker.died", worker=name, exc_info=error)
                raise
            wait = random.uniform(0.05, min(_LONGEST_WAIT_SECONDS, 0.1 * 2**outages))  # noqa: S311 - jitter
            outages = min(outages + 1, 10)
            log.warning("worker.waits", worker=name, error=describe(error), seconds=round(wait, 2))
            await pause(stop, wait)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits `seconds`, or less if told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)
