"""streams.mb, streams.p50_ms, streams.p99_ms, streams.answered_p50_ms.

1,000 chats are followed by one process of intake, each on a connection of its own. `mb` is by how many megabytes its
resident memory grew from before the first stream was opened, every chat having been opened already.

Then lines come into these chats, 100 a second, through *another* process of the same house, each with its commit; the
time runs from before a line is sent until its bytes are back on its stream: both processes, PostgreSQL, Valkey and the
client are in it. Each line must come, once; else the figures are refused. `answered` is when the 202 came: the part of
it that accepting takes. The readers of the streams of events sleep meanwhile, as in `accept`.
"""

import asyncio
import re
import statistics
import time
from pathlib import Path

from bench.accept import asleep, open_chats, server
from services.local import engines
from services.local.house import House
from services.local.supervisor import Supervisor

_ASLEEP = ("tickets", "survey_index", "notify", "sandbox")
_CONNECTIONS = 16
_STREAMS = 1_000
_LINES = 2_000
_A_SECOND = 100
_MARK = re.compile(rb'"body":"baris (\d+)"')


class _Stream(asyncio.Protocol):
    """One stream: notes when each line came."""

    def __init__(self, came: dict[int, list[float]], request: bytes, ready: asyncio.Event) -> None:
        self._came, self._request, self._ready = came, request, ready
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._rest += data
        if b"event: status" in self._rest:
            self._ready.set()
        *whole, self._rest = self._rest.split(b"\n\n")
        for frame in whole:
            for mark in _MARK.findall(frame):
                self._came.setdefault(int(mark), []).append(now)


async def measure(house: House, secret: str) -> dict[str, dict[str, float]]:
    """The figures."""
    supervisor, port = Supervisor(say=print, changed=lambda _: None), engines.free_port()
    try:
        await supervisor.start(server("real", port, house.credentials, secret))
        chats = await open_chats(port, house.credentials.integration_key, _STREAMS)
        before = _megabytes(supervisor.pids()["bench-real"])
        came: dict[int, list[float]] = {}
        streams = [await _follow(port, chat_id, token, came) for chat_id, token in chats]
        grown = _megabytes(supervisor.pids()["bench-real"]) - before
        async with asleep(house, _ASLEEP):
            sent, answered = await _say(house.credentials.intake_url, chats)
        for transport in streams:
            transport.close()
    finally:
        await supervisor.stop()
    if dict.fromkeys(sent, 1) != {mark: len(times) for mark, times in came.items()}:
        raise RuntimeError(f"of {len(sent)} lines {len(came)} came, and not each of them once")
    waits = sorted((came[mark][0] - at) * 1_000 for mark, at in sent.items())
    return {
        "streams": {
            "open": _STREAMS,
            "mb": round(grown, 1),
            "p50_ms": round(waits[len(waits) // 2], 1),
            "p99_ms": round(waits[len(waits) * 99 // 100], 1),
            "answered_p50_ms": round(statistics.median(answered) * 1_000, 1),
        }
    }


async def _follow(port: int, chat_id: str, token: str, came: dict[int, list[float]]) -> asyncio.Transport:
    request = f"GET /v1/chats/{chat_id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: _Stream(came, request, ready), "127.0.0.1", port)
    await ready.wait()
    return transport


async def _say(url: str, chats: list[tuple[str, str]]) -> tuple[dict[int, float], list[float]]:
    """Says the lines at their pace, and waits until each is answered and has had time to come. When each was sent, and
    after how many seconds it was answered.
    """
    sent: dict[int, float] = {}
    answered: list[float] = []
    host, _, port = url.removeprefix("http://").partition(":")
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(_CONNECTIONS):
        free.put_nowait(await asyncio.open_connection(host, int(port)))

    async def say(mark: int) -> None:
        chat_id, token = chats[mark % len(chats)]
        body = b'{"body":"baris %d"}' % mark
        head = f"POST /v1/chats/{chat_id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        sent[mark] = time.perf_counter()
        reader, writer = await free.get()
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        told = await reader.readuntil(b"\r\n\r\n")
        if not told.startswith(b"HTTP/1.1 202"):
            raise RuntimeError("a line was not accepted")
        await reader.readexactly(int(re.findall(rb"content-length: (\d+)", told)[0]))
        answered.append(time.perf_counter() - sent[mark])
        free.put_nowait((reader, writer))

    begun, saying = time.perf_counter(), []
    for mark in range(_LINES):
        await asyncio.sleep(max(0.0, begun + mark / _A_SECOND - time.perf_counter()))
        saying.append(asyncio.create_task(say(mark)))
    await asyncio.gather(*saying)
    await asyncio.sleep(5)  # more than the look of every few seconds takes, for a line of which nobody told
    while not free.empty():
        free.get_nowait()[1].close()
    return sent, answered


def _megabytes(pid: int) -> float:
    """The resident memory of a process."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1_024
