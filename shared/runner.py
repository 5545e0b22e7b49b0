"""Runs one service: its HTTP server and everything that works in its background, and ends them in order.

The runner owns the signals. uvicorn would raise SIGTERM again once it has finished, and the consumers beside it
would never drain.
"""

import asyncio
import contextlib
import gc
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from shared.connection import Connection
from shared.consumer.failures import Fault, OurFault, fault_of
from shared.crowd import ConnectionLimits
from shared.db import Database, describe
from shared.server import Server
from shared.telemetry import log
from shared.wiring import wiring_in
from shared.worker import Worker

_DRAIN_SECONDS = 8
_NEW_OBJECTS = 10_000
_LONGEST_WAIT_SECONDS = {Fault.OUTAGE: 2.0, Fault.OURS: 5.0, Fault.ITS_OWN: 30.0}
"""An outage passes by itself; what we broke may be mended any moment; what nobody expected needs a person."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service, wired: what its `main.build` returns."""

    name: str
    app: FastAPI
    db: Database
    workers: Sequence[Worker]

    async def close(self) -> None:
        """Gives back every connection that it holds."""
        for worker in self.workers:
            await worker.close()
        await wiring_in(self.app).limits.close()
        await self.db.close()


async def serve(service: Service, *, host: str, port: int, limits: ConnectionLimits) -> None:
    """Serves until SIGTERM or SIGINT, then drains: no new requests, running ones answered, batches finished.

    Raises what nobody expected from an essential worker; the process then ends and its supervisor starts it anew.
    """
    config = uvicorn.Config(
        service.app,
        host=host,
        port=port,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # whom to believe is the app's business: SATUATAP_TRUSTED_PROXIES
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = Server(config, limits)
    _freeze_memory()
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
        for worker in service.workers:
            worker.let_go()
        await serving
        drained.set()  # only now: requests that are still being answered wait for the workers
        stopping.cancel()
        results = await asyncio.gather(*working, return_exceptions=True)
        await service.close()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    log.info("service.stopped")


def _freeze_memory() -> None:
    """Leaves what was loaded at the start out of every later collection of garbage, and has fewer of them.

    To look through the whole program took 0.2 s of the loop each time, every 1,500 requests or so.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


async def keep_stepping(worker: Worker, stop: asyncio.Event) -> None:
    """Steps until `stop`, and says in `worker.trouble` why it does not get on.

    An outage is waited out with full jitter and counts as nothing; for a fault of ours it waits, and goes on when that
    is mended. What nobody expected is raised by an essential worker; another one is tried again with growing pauses.
    """
    failures, told = 0, False
    while not stop.is_set():
        try:
            await worker.step()
        except Exception as error:
            fault = fault_of(error)
            if fault is not Fault.OUTAGE:
                told = True
                worker.trouble = str(error) if isinstance(error, OurFault) else f"it fails: {describe(error)}"
                log.error("worker.in_trouble", worker=worker.name, fault=fault.name, exc_info=error)
            if fault is Fault.ITS_OWN and worker.essential:
                raise
            wait = random.uniform(0.05, min(_LONGEST_WAIT_SECONDS[fault], 0.1 * 2**failures))  # noqa: S311 - jitter
            failures = min(failures + 1, 10)
            log.warning("worker.waits", worker=worker.name, error=describe(error), seconds=round(wait, 2))
            await pause(stop, wait)
        else:
            if told:  # what the worker says of itself stays
                worker.trouble = None
            failures, told = 0, False


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits `seconds`, or less if told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)
