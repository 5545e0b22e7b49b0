"""Mail servers that hand mails over to the listener of a running intake, on several connections at once."""

import asyncio
import os
import time
from typing import Any

_SIZE = 5_000
_HEAD = (
    "From: Warga <warga@surel.example>\r\nTo: lapor@satuatap.example\r\nSubject: Insentif belum cair\r\n"
    "Message-ID: <{name}@surel.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
)
_LINE = "Saya sudah dua bulan menunggu insentif pelatihan, dan belum cair juga.\r\n"


async def measure(port: int, *, mails: int, connections: int) -> dict[str, Any]:
    """How many mails of 5 kB a second are answered 250, each after its commit."""
    numbers = iter(range(mails))
    began = time.perf_counter()
    waits = await asyncio.gather(*(_hand_over(port, numbers) for _ in range(connections)))
    seconds = time.perf_counter() - began
    each = sorted(wait for of_one in waits for wait in of_one)
    return {
        "rate": round(mails / seconds),
        "p50_ms": round(each[len(each) // 2] * 1000, 1),
        "p99_ms": round(each[len(each) * 99 // 100] * 1000, 1),
        "mails": mails,
        "connections": connections,
    }


async def _hand_over(port: int, numbers: Any) -> list[float]:
    """Hands over mails one after another, in few turns, as servers do (RFC 2920). How long each waited for its 250."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _answers(reader, 1)
    writer.write(b"EHLO relay.example\r\n")
    await _answers(reader, 1)
    waits = []
    for number in numbers:
        writer.write(b"MAIL FROM:<warga@surel.example>\r\nRCPT TO:<lapor@satuatap.example>\r\nDATA\r\n")
        await _answers(reader, 3)
        head = _HEAD.format(name=f"{os.getpid()}-{number}")
        began = time.perf_counter()
        writer.write((head + _LINE * ((_SIZE - len(head)) // len(_LINE))).encode() + b".\r\n")
        answer = await _answers(reader, 1)
        assert answer.startswith(b"250"), answer
        waits.append(time.perf_counter() - began)
    writer.close()
    return waits


async def _answers(reader: asyncio.StreamReader, count: int) -> bytes:
    line = b""
    for _ in range(count):
        line = await reader.readline()
        while line[3:4] == b"-":
            line = await reader.readline()
    return line
