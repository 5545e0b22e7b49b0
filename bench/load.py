"""A client that costs little: prepared requests over kept connections, closed loop, bounded in number and time.

Its own CPU time comes out of the same two cores as the server's, so it does as little as possible: it does not parse
answers beyond their status line and length.
"""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

COMPLAINTS = (
    "Intensif saya belum cair padahal pelatihan sudah selesai tiga minggu lalu.",
    "Sertifikat belum muncul di dashboard, mohon dicek.",
    "Rekening mati sejak bulan lalu, insentif gagal transfer terus.",
    "Saya di-PHK tanpa pesangon, harus mengadu ke mana?",
    "Telepon tidak diangkat dari pagi, sudah lima kali saya coba.",
    "Apakah prakerjavip itu website resmi? Saya diminta isi data di situ.",
)


@dataclass
class Load:
    """What came back: answers by status, and the seconds it took."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.statuses[202] / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], load: Load, until: float, done: Callable[[], None]) -> None:
        self._requests, self._load, self._until, self._done = requests, load, until, done
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is not a subclass of it
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        self._load.statuses[int(self._buffer[9:12])] += 1
        self._buffer = b""
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        self._done()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None or time.perf_counter() > self._until:
            self._transport.close()
        else:
            self._transport.write(request)


async def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Sends `requests` one after another on each connection until they end or the time is over."""
    loop = asyncio.get_running_loop()
    load, open_connections, finished = Load(), itertools.count(connections, -1), loop.create_future()
    next(open_connections)
    began = time.perf_counter()

    def done() -> None:
        if next(open_connections) == 0:
            finished.set_result(None)

    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(requests, load, began + seconds, done), "127.0.0.1", port)
    await finished
    load.seconds = time.perf_counter() - began
    return load


def forms(key: str, tag: str) -> Iterator[bytes]:
    """Web forms without end, each with an idempotency key of its own."""
    for number in itertools.count():
        yield request("/v1/contacts", key, f"{tag}-{number}", number, email=True)


def a_day(key: str, tag: str, count: int) -> Iterator[bytes]:
    """`count` contacts in the mix of a day (docs/domain.md, "Topics"): 41,000 chats, 23,000 mails, 2,400 calls.

    They are shuffled. Mails and calls come by the form's route, with an e-mail address and with a telephone number
    only. Of the chats, half leave an e-mail address and half only a telephone number: the source does not say, so this
    is an assumption.
    """
    choose = random.Random(41)
    doors = choose.choices(("chat", "mail", "call"), weights=(41_000, 23_000, 2_400), k=count)
    for number, door in enumerate(doors):
        path = "/v1/chats" if door == "chat" else "/v1/contacts"
        email = door == "mail" or (door == "chat" and number % 2 == 0)
        yield request(path, key, f"{tag}-{number}", number, email=email)


def request(path: str, key: str, idempotency_key: str, number: int, *, email: bool) -> bytes:
    way = {"email": f"warga{number}@surel.example"} if email else {"phone": f"0812{number % 100_000_000:08d}"}
    form = {"name": f"Warga {number}", "subject": "Pengaduan", "body": COMPLAINTS[number % len(COMPLAINTS)], **way}
    body = json.dumps(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {idempotency_key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def in_own_process(port: int, key: str, tag: str, connections: int, seconds: float) -> Load:
    """For a process pool: forms for `seconds`."""
    return uvloop.run(run(port, forms(key, tag), connections=connections, seconds=seconds))


def day_in_own_process(port: int, key: str, count: int, connections: int) -> Load:
    """For a process pool: a day's mix, all of it."""
    return uvloop.run(run(port, a_day(key, "day", count), connections=connections, seconds=600))
