"""pace.rate, pace.p50_ms, pace.p99_ms, pace.late_p99_ms: what one citizen waits for while 500 others come each second.

500 web forms a second (POST /v1/contacts, each with a key of its own) for 20 seconds to one process of intake, in an
open loop: each goes out when its moment has come, whether those before it were answered or not. `p50_ms` and `p99_ms`
run from that moment until the answer is there, which was sent after the commit; so a client or a server that falls
behind makes them longer, not fewer. `late_p99_ms` is how long after its moment the client sent one: its own part of
the wait. The readers of the streams sleep meanwhile, as in `accept`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import uvloop

from bench import load
from bench.accept import ASLEEP, asleep, server
from services.local import engines
from services.local.house import House
from services.local.supervisor import Supervisor

_A_SECOND = 500
_SECONDS = 20
_CONNECTIONS = 100


async def measure(house: House, secret: str) -> dict[str, float]:
    """The figures."""
    supervisor, port = Supervisor(say=print, changed=lambda _: None), engines.free_port()
    try:
        async with asleep(house, ASLEEP):
            await supervisor.start(server("real", port, house.credentials, secret))
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                loop = asyncio.get_running_loop()
                key = house.credentials.integration_key
                await loop.run_in_executor(pool, _in_own_process, port, key, "pace-warm", 2)
                waits, late = await loop.run_in_executor(pool, _in_own_process, port, key, "pace", _SECONDS)
    finally:
        await supervisor.stop()
    return {
        "rate": _A_SECOND,
        "p50_ms": round(waits[len(waits) // 2] * 1_000, 1),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1_000, 1),
        "late_p99_ms": round(late[len(late) * 99 // 100] * 1_000, 1),
    }


def _in_own_process(port: int, key: str, tag: str, seconds: int) -> tuple[list[float], list[float]]:
    return uvloop.run(_paced(port, load.Forms(key)(tag), count=_A_SECOND * seconds))


async def _paced(port: int, requests: Iterator[bytes], *, count: int) -> tuple[list[float], list[float]]:
    """How long each was waited for, and how long after its moment each was sent, in seconds; both sorted."""
    loop = asyncio.get_running_loop()
    crowd = _Crowd(count)
    for _ in range(_CONNECTIONS):
        await loop.create_connection(lambda: _Line(crowd), "127.0.0.1", port)
    began = time.perf_counter()
    for number in range(count):
        due = began + number / _A_SECOND
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        crowd.send(next(requests), due)
    async with asyncio.timeout(60):
        await crowd.answered
    return sorted(crowd.waits), sorted(crowd.late)


class _Crowd:
    """Connections that are free, and requests whose moment has come while none was."""

    def __init__(self, count: int) -> None:
        self.waits: list[float] = []
        self.late: list[float] = []
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count = count
        self._free: list[_Line] = []
        self._held: deque[tuple[bytes, float]] = deque()

    def send(self, request: bytes, due: float) -> None:
        self.late.append(time.perf_counter() - due)
        if self._free:
            self._free.pop().send(request, due)
        else:
            self._held.append((request, due))

    def free(self, line: "_Line") -> None:
        if self._held:
            line.send(*self._held.popleft())
        else:
            self._free.append(line)

    def note(self, answer: bytes, due: float) -> None:
        if not answer.startswith(b"HTTP/1.1 202"):
            self.answered.set_exception(RuntimeError(f"not accepted: {answer[-400:]!r}"))
            return
        self.waits.append(time.perf_counter() - due)
        if len(self.waits) == self._count:
            self.answered.set_result(None)


class _Line(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._answer = b""
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._crowd.free(self)

    def send(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if load.is_whole(self._answer):
            answer, self._answer = self._answer, b""
            self._crowd.note(answer, self._due)
            self._crowd.free(self)
