"""How fast contacts, lines of chats and webhooks are accepted, beside a bare route.

bare:      answers 202 a second of a plain FastAPI route that validates the same model and does nothing else, on a plain
           uvicorn (httptools, uvloop): no edge, no credential, no key, nothing kept.
rate:      answers 202 a second of POST /v1/contacts, each sent after the contact and its event are committed, with an
           idempotency key of its own.
null_rate: the same route of the same program, authenticated, validated and turned into a contact with its event and
           its answer, but not kept (the acceptor answers at once).
ratio:     of the two.
chat_line: answers 202 a second of POST /v1/chats/{id}/messages, each sent after its commit, with the token of its chat
           and an idempotency key; the lines go round 500 chats, whose allowance nobody uses up here. `rate` is of the
           service's hours, and `closed_rate` of the rest of the day, when each answer says that nobody is there and
           whether an address is known: which hours they are does not depend on when the bench runs.
hook:      answers 200 a second of POST /v1/hooks/whatsapp with one message, each sent after its bytes are committed,
           while the same process makes contacts of them; `messages_rate` is of messages that come a hundred at
           once, and `batch_ratio` how many times as fast that is.
ratio.*:   of `accept.rate`, of `chat_line.rate` and of `hook.rate` to `bare.rate`.
client:    the largest share of one core that the client took in any turn: near 1 it would be what was measured.

One client process keeps 64 connections in a closed loop. All servers run all the time, each in one process; they are
measured in turns, several times, and the medians are taken, so that a slow moment of the machine meets all of them. The
relay and the log (warnings only) run as always.

The readers of the streams (tickets, notify, survey_index) and the sandbox are asleep meanwhile, as if they stood on
other machines: what draining costs is told by `drain`.
"""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import httpx
import psutil

from bench import load
from services.local import engines
from services.local.house import Credentials, House
from services.local.supervisor import Child, Supervisor

ASLEEP = ("intake", "tickets", "survey_index", "notify", "sandbox")
_SERVERS = ("bare", "real", "null", "closed")
_CHATS = 500
_MANY = 100
_TRIES = 1_000
_IN_A_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity WHERE client_port = ANY($1::integer[]) AND state <> 'idle'
"""
_APP_SECRET = "signs what the bench brings"
_NO_BOUND = str(10**9)
_NEVER = "sun 00:00-00:01"
"""But for one minute of a week: hours that never open are refused."""


async def measure(
    house: House, secret: str, *, seconds: float, rounds: int, connections: int
) -> dict[str, dict[str, float]]:
    """The figures, from `rounds` turns of `seconds` each."""
    async with asleep(house, ASLEEP):
        return await _measure(house.credentials, secret, seconds=seconds, rounds=rounds, connections=connections)


@asynccontextmanager
async def asleep(house: House, names: Iterable[str]) -> AsyncIterator[None]:
    """Lets processes of the house sleep, as if they stood on other machines, until the block ends.

    None of them falls asleep in a transaction: what it holds there, nobody else would get.
    """
    processes = [psutil.Process(house.supervisor.pids()[name]) for name in names]
    database = await asyncpg.connect(house.credentials.database_owner_url)
    try:
        for process in processes:
            await _fall_asleep(process, database)
        yield
    finally:
        for process in processes:
            process.resume()
        await database.close()


async def _fall_asleep(process: psutil.Process, database: asyncpg.Connection) -> None:
    for _ in range(_TRIES):
        process.suspend()
        ports = [connection.laddr.port for connection in process.net_connections("tcp")]
        if not await database.fetchval(_IN_A_TRANSACTION, ports):
            return
        process.resume()
        await asyncio.sleep(0.01)
    raise RuntimeError(f"The process {process.pid} is always in a transaction.")


async def _measure(
    credentials: Credentials, secret: str, *, seconds: float, rounds: int, connections: int
) -> dict[str, dict[str, float]]:
    supervisor = Supervisor(say=print, changed=lambda _: None)
    ports = {kind: engines.free_port() for kind in _SERVERS}
    try:
        await supervisor.start(*(server(kind, port, credentials, secret) for kind, port in ports.items()))
        chats = await open_chats(ports["real"], credentials.integration_key)
        measured: dict[str, tuple[int, load.Sender]] = {
            kind: (ports[kind], load.Forms(credentials.integration_key)) for kind in ("bare", "real", "null")
        }
        measured["line"] = ports["real"], load.Lines(chats)
        measured["closed"] = ports["closed"], load.Lines(chats)
        # after the others: what webhooks bring is made into contacts for a while after they were answered
        hooks: dict[str, tuple[int, load.Sender]] = {
            "hook": (ports["real"], load.Hooks(_APP_SECRET, 1)),
            "hooks": (ports["real"], load.Hooks(_APP_SECRET, _MANY)),
        }
        loads: dict[str, list[load.Load]] = {kind: [] for kind in (*measured, *hooks)}
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            for group in (measured, hooks):
                await _in_turns(pool, group, loads, seconds=seconds, rounds=rounds, connections=connections)
    finally:
        await supervisor.stop()
    return _figures(loads)


async def _in_turns(
    pool: ProcessPoolExecutor,
    senders: dict[str, tuple[int, load.Sender]],
    loads: dict[str, list[load.Load]],
    *,
    seconds: float,
    rounds: int,
    connections: int,
) -> None:
    """Measures each sender in turn, so often; the first turn warms up."""
    loop = asyncio.get_running_loop()
    for turn in range(-1, rounds):
        for kind, (port, sender) in senders.items():
            length = seconds if turn >= 0 else 1.0
            result = await loop.run_in_executor(
                pool, load.in_own_process, port, sender, f"{kind}{turn}", connections, length
            )
            if not set(result.statuses) <= {200, 202}:
                raise RuntimeError(f"{kind}: not everything was accepted: {dict(result.statuses)}")
            if turn >= 0:
                loads[kind].append(result)


def _figures(loads: dict[str, list[load.Load]]) -> dict[str, dict[str, float]]:
    rates = {kind: statistics.median(result.rate for result in results) for kind, results in loads.items()}
    share = max(result.share for results in loads.values() for result in results)
    return {
        "bare": {"rate": round(rates["bare"])},
        "accept": {
            "rate": round(rates["real"]),
            "null_rate": round(rates["null"]),
            "ratio": round(rates["real"] / rates["null"], 3),
        },
        "chat_line": {"rate": round(rates["line"]), "closed_rate": round(rates["closed"])},
        "hook": {
            "rate": round(rates["hook"]),
            "messages_rate": round(rates["hooks"] * _MANY),
            "batch_ratio": round(rates["hooks"] * _MANY / rates["hook"], 1),
        },
        "ratio": {
            "accept": round(rates["real"] / rates["bare"], 3),
            "chat_line": round(rates["line"] / rates["bare"], 3),
            "chat_line_closed": round(rates["closed"] / rates["bare"], 3),
            "hook": round(rates["hook"] / rates["bare"], 3),
        },
        "client": {"share": round(share, 2)},
    }


async def open_chats(port: int, key: str, count: int = _CHATS) -> list[tuple[str, str]]:
    """The ids of new chats, with their tokens."""
    url, headers = f"http://127.0.0.1:{port}/v1/chats", {"Authorization": f"Bearer {key}"}
    chats = []
    async with httpx.AsyncClient(trust_env=False) as http:
        for number in range(count):
            answer = await http.post(url, headers=headers, json={"name": f"Warga {number}", "body": "Halo"})
            chat = answer.raise_for_status().json()
            chats.append((chat["chat_id"], chat["chat_token"]))
    return chats


def server(kind: str, port: int, credentials: Credentials, secret: str) -> Child:
    async def ready() -> bool:
        return await engines.answers("127.0.0.1", port)

    return Child(
        name=f"bench-{kind}",
        command=[sys.executable, "-m", "bench.intake", kind, str(port)],
        log=Path(f"bench/results/{kind}.log"),
        ready=ready,
        environment={
            "DATABASE_URL": credentials.database_url,
            "REDIS_URL": credentials.redis_url,
            "SATUATAP_SECRET": secret,
            "SATUATAP_INSTANCE": f"bench-{kind}",
            "INTAKE_WHATSAPP_APP_SECRET": _APP_SECRET,
            "INTAKE_WHATSAPP_VERIFY_TOKEN": "asked by nobody here",
            "INTAKE_CHAT_LINES_PER_MINUTE": _NO_BOUND,
            "INTAKE_CHAT_LINES": _NO_BOUND,
            "INTAKE_CHAT_CHARACTERS": _NO_BOUND,
            "INTAKE_HOURS": _NEVER if kind == "closed" else "always",
        },
    )
