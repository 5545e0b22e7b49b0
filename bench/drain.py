"""drain.contacts, drain.seconds, drain.rate.

seconds: from the first request until every contact of a day's mix (see `load.a_day`) was accepted, has its ticket in
         the desk's database and its notice in the sandbox, all four services, both engines, the sandbox and the client
         sharing this machine. Accepting and draining go on at the same time, as on a real day.
rate:    contacts / seconds.
A few contacts go before them, so that no process opens its first connections or loads what it needs meanwhile.
Also told: how long the accepting took, and the CPU seconds of each process, which is where the time goes.
"""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import httpx

from bench import load
from bench.processes import cpu_seconds
from services.local.house import House

_PATIENCE_SECONDS = 600
_WARM = 1_000


async def measure(house: House, *, contacts: int, connections: int) -> dict[str, object]:
    """Accepts `contacts` and waits until each has its ticket and its notice."""
    database = await asyncpg.connect(house.credentials.database_owner_url)
    try:
        await _drain(house, database, "warm", contacts=_WARM, connections=connections)
        before = cpu_seconds(house)
        seconds, accepting_seconds = await _drain(house, database, "drain", contacts=contacts, connections=connections)
    finally:
        await database.close()
    after = cpu_seconds(house)
    return {
        "contacts": contacts,
        "seconds": round(seconds, 2),
        "rate": round(contacts / seconds),
        "accepting_seconds": round(accepting_seconds, 2),
        "cpu_seconds": {name: round(after[name] - before[name], 1) for name in after},
        "memory_mb": {name: _memory(pid) for name, pid in house.supervisor.pids().items()},
    }


async def _drain(
    house: House, database: asyncpg.Connection, tag: str, *, contacts: int, connections: int
) -> tuple[float, float]:
    """The seconds until each of `contacts` was accepted and has its ticket and notice; and until all were accepted."""
    at = house.credentials
    port = int(at.intake_url.rpartition(":")[2])
    tickets_before, told_before = await _tickets(database), await _told(database)
    async with httpx.AsyncClient(trust_env=False) as http:
        messages_before = await _messages(http, at.sandbox_url)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            began = time.perf_counter()
            accepting = asyncio.get_running_loop().run_in_executor(
                pool, load.day_in_own_process, port, at.integration_key, tag, contacts, connections
            )
            while await _messages(http, at.sandbox_url) - messages_before < contacts:
                if accepting.done() and accepting.exception():
                    break
                if time.perf_counter() - began > _PATIENCE_SECONDS:
                    raise RuntimeError("The notices did not arrive in time.")
                await asyncio.sleep(0.1)
            seconds = time.perf_counter() - began
            accepted = await accepting
    tickets, told = await _tickets(database) - tickets_before, await _told(database) - told_before
    if {tickets, told, accepted.statuses[202]} != {contacts}:
        raise RuntimeError(f"{contacts} sent, {accepted.statuses[202]} accepted, {tickets} tickets, {told} told")
    return seconds, accepted.seconds


async def _tickets(database: asyncpg.Connection) -> int:
    return int(await database.fetchval("SELECT count(*) FROM tickets.tickets"))


async def _told(database: asyncpg.Connection) -> int:
    found = await database.fetchval("SELECT count(DISTINCT ticket_id) FROM notify.notices WHERE reason = 'opened'")
    return int(found)


async def _messages(http: httpx.AsyncClient, sandbox: str) -> int:
    return int((await http.get(f"{sandbox}/messages/count")).json()["count"])


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) // 1024
