"""accept.rate, accept.null_rate, accept.ratio.

rate:      answers 202 a second of POST /v1/contacts, each sent after the contact and its event are committed, with an
           idempotency key of its own; 64 kept connections in a closed loop from one client process.
null_rate: the same route of the same program, authenticated, validated and turned into a contact with its event and
           its answer, but not kept (the acceptor answers at once).
ratio:     of the two. Both servers run all the time; they are measured in turns, several times, and the medians are
           taken, so that a slow moment of the machine meets both. The relay and the log (warnings only) run as always.

The readers of the streams (tickets, notify, survey_index) and the sandbox are asleep meanwhile, as if they stood on
other machines: what draining costs is told by `drain`.
"""

import asyncio
import os
import signal
import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from bench import load
from services.local import engines
from services.local.house import Credentials, House
from services.local.supervisor import Child, Supervisor

_ASLEEP = ("intake", "tickets", "survey_index", "notify", "sandbox")


async def measure(house: House, secret: str, *, seconds: float, rounds: int, connections: int) -> dict[str, float]:
    """The three figures, from `rounds` turns of `seconds` each."""
    with _asleep(house):
        return await _measure(house.credentials, secret, seconds=seconds, rounds=rounds, connections=connections)


@contextmanager
def _asleep(house: House) -> Iterator[None]:
    pids = [house.supervisor.pids()[name] for name in _ASLEEP]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def _measure(
    credentials: Credentials, secret: str, *, seconds: float, rounds: int, connections: int
) -> dict[str, float]:
    supervisor = Supervisor(say=print, changed=lambda _: None)
    rates: dict[str, list[float]] = {"real": [], "null": []}
    ports = {kind: engines.free_port() for kind in rates}
    loop = asyncio.get_running_loop()
    try:
        await supervisor.start(*(_server(kind, port, credentials, secret) for kind, port in ports.items()))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            for turn in range(-1, rounds):  # the first turn warms up
                for kind, port in ports.items():
                    tag = f"{kind}{turn}"
                    length = seconds if turn >= 0 else 1.0
                    result = await loop.run_in_executor(
                        pool, load.in_own_process, port, credentials.integration_key, tag, connections, length
                    )
                    if set(result.statuses) != {202}:
                        raise RuntimeError(f"{kind}: not everything was accepted: {dict(result.statuses)}")
                    if turn >= 0:
                        rates[kind].append(result.rate)
    finally:
        await supervisor.stop()
    rate, null_rate = statistics.median(rates["real"]), statistics.median(rates["null"])
    return {"rate": round(rate), "null_rate": round(null_rate), "ratio": round(rate / null_rate, 3)}


def _server(kind: str, port: int, credentials: Credentials, secret: str) -> Child:
    async def ready() -> bool:
        return await engines.answers("127.0.0.1", port)

    return Child(
        name=f"bench-{kind}",
        command=[sys.executable, "-m", "bench.doors", kind, str(port)],
        log=Path(f"bench/results/{kind}.log"),
        ready=ready,
        environment={
            "DATABASE_URL": credentials.database_url,
            "REDIS_URL": credentials.redis_url,
            "SATUATAP_SECRET": secret,
            "SATUATAP_INSTANCE": f"bench-{kind}",
        },
    )
