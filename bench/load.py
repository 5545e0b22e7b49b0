"""A client that costs little: prepared requests over kept connections, closed loop, bounded in number and time.

Its own CPU time comes out of the same two cores as the server's, so it does as little as possible: it does not parse
answers beyond their status line and length.
"""

import asyncio
import hmac
import itertools
import json
import random
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
    """What came back: answers by status, and the seconds it took, of the clock and of the client's own work."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return (self.statuses[200] + self.statuses[202]) / self.seconds

    @property
    def share(self) -> float:
        """Of one core, that the client took."""
        return self.cpu_seconds / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], load: Load, until: float, done: Callable[[], None]) -> None:
        self._requests, self._load, self._until, self._done = requests, load, until, done
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is not a subclass of it
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not is_whole(self._buffer):
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


def is_whole(answer: bytes) -> bool:
    """Whether an answer is there to its end."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    length = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
    return len(answer) >= end + 4 + length


async def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Sends `requests` one after another on each connection until they end or the time is over."""
    loop = asyncio.get_running_loop()
    load, open_connections, finished = Load(), itertools.count(connections, -1), loop.create_future()
    next(open_connections)
    began, worked = time.perf_counter(), time.process_time()

    def done() -> None:
        if next(open_connections) == 0:
            finished.set_result(None)

    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(requests, load, began + seconds, done), "127.0.0.1", port)
    await finished
    load.seconds, load.cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    return load


@dataclass(frozen=True)
class Forms:
    """Web forms without end, each with an idempotency key of its own."""

    key: str

    def __call__(self, tag: str) -> Iterator[bytes]:
        for number in itertools.count():
            yield request("/v1/contacts", self.key, f"{tag}-{number}", number, email=True)


@dataclass(frozen=True)
class Lines:
    """Lines without end, each with an idempotency key of its own, in one of `chats` (id, token) after another."""

    chats: Sequence[tuple[str, str]]

    def __call__(self, tag: str) -> Iterator[bytes]:
        for number, (chat, token) in enumerate(itertools.cycle(self.chats)):
            said = {"body": COMPLAINTS[number % len(COMPLAINTS)]}
            yield _post(f"/v1/chats/{chat}/messages", token, f"{tag}-{number}", said)


@dataclass(frozen=True)
class Hooks:
    """Webhooks of WhatsApp without end, each signed, with so many messages of as many people."""

    secret: str
    messages: int

    def __call__(self, tag: str) -> Iterator[bytes]:
        for number in itertools.count():
            content = json.dumps(self._body(tag, number)).encode()
            mark = hmac.digest(self.secret.encode(), content, "sha256").hex()
            yield (
                b"POST /v1/hooks/whatsapp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"X-Hub-Signature-256: sha256=%b\r\nContent-Length: %d\r\n\r\n%b"
                % (mark.encode(), len(content), content)
            )

    def _body(self, tag: str, number: int) -> dict[str, object]:
        messages = [
            {
                "from": f"62812{(number * self.messages + place) % 100_000_000:08d}",
                "id": f"wamid.{tag}-{number}-{place}",
                "timestamp": "1773374340",
                "type": "text",
                "text": {"body": COMPLAINTS[place % len(COMPLAINTS)]},
            }
            for place in range(self.messages)
        ]
        value = {"metadata": {"phone_number_id": "1"}, "messages": messages}
        return {"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}


Sender = Forms | Lines | Hooks


def a_day(key: str, tag: str, count: int) -> Iterator[bytes]:
    """`count` contacts in the mix of a day (docs/domain.md, "Topics"): 41,000 chats, 23,000 mails, 2,400 calls.

    They are shuffled. Mails and calls come by the form's route, with an e-mail address and with a telephone number
    only. Of the chats, half leave an e-mail address and half only a telephone number: the source does not say, so this
    is an assumption.
    """
    choose = random.Random(41)
    channels = choose.choices(("chat", "mail", "call"), weights=(41_000, 23_000, 2_400), k=count)
    for number, channel in enumerate(channels):
        path = "/v1/chats" if channel == "chat" else "/v1/contacts"
        email = channel == "mail" or (channel == "chat" and number % 2 == 0)
        yield request(path, key, f"{tag}-{number}", number, email=email)


def request(path: str, key: str, idempotency_key: str, number: int, *, email: bool) -> bytes:
    """A complaint of somebody who never came before: of one who did, it would join the ticket that he has."""
    phone = f"0812{zlib.crc32(idempotency_key.encode()) % 100_000_000:08d}"
    way = {"email": f"warga.{idempotency_key}@surel.example"} if email else {"phone": phone}
    form = {
        "name": f"Warga {idempotency_key}",
        "subject": "Pengaduan",
        "body": COMPLAINTS[number % len(COMPLAINTS)],
        **way,
    }
    return _post(path, key, idempotency_key, form)


def _post(path: str, credential: str, idempotency_key: str, said: dict[str, str]) -> bytes:
    body = json.dumps(said).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {credential}\r\n"
        f"Idempotency-Key: {idempotency_key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def in_own_process(port: int, sender: Sender, tag: str, connections: int, seconds: float) -> Load:
    """For a process pool: what `sender` sends, for `seconds`."""
    return uvloop.run(run(port, sender(tag), connections=connections, seconds=seconds))


def day_in_own_process(port: int, key: str, tag: str, count: int, connections: int) -> Load:
    """For a process pool: a day's mix, all of it."""
    return uvloop.run(run(port, a_day(key, tag, count), connections=connections, seconds=600))
