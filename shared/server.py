"""The HTTP server: uvicorn's, which leaves the signals to the runner and looks after its connections."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import cast

import uvicorn

from shared.connection import Connection
from shared.crowd import ConnectionLimits, Crowd
from shared.telemetry import log

_SWEEP_TICKS = 10  # of uvicorn's, a tenth of a second each


class Server(uvicorn.Server):
    """Serves the app of `config`, which names `Connection` as its `http`, within `limits`."""

    def __init__(self, config: uvicorn.Config, limits: ConnectionLimits) -> None:
        super().__init__(config)
        self.server_state: Crowd = Crowd(limits)
        self._swept: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        log.info("service.started", port=self.config.port)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP_TICKS == 0:
            self._sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _sweep(self, now: float) -> None:
        """One look at every connection, which costs less than a timer for each of their requests."""
        crowd = self.server_state
        elapsed, self._swept = now - (self._swept or now), now
        for connection in (*crowd.connections, *crowd.closing):
            cast(Connection, connection).end_if_slow(now, elapsed)
