"""Accepted means kept, and told once, whatever is killed in between.

One client posts 2,000 contacts, some of them twice with the same key, and keeps its own ledger of every 202. In turn
each part of the house is killed under it. Afterwards the ledger is held against the tickets and against what the
citizens received.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.conftest import eventually
from tests.faults.ledger import Client, codes_in, each_promise_is_one_entry
from tests.house import RunningHouse, running_house

CONTACTS = 2_000
_SETTLED = ("accepted", "uncertain", "failed", "suppressed")


async def killed(house: RunningHouse, name: str, number: int = signal.SIGKILL) -> None:
    pid = house.kill(name, number)
    await house.is_back(name, pid)


async def flushed(house: RunningHouse) -> None:
    redis = Redis.from_url(house.at["redis_url"], protocol=2)
    await redis.flushall()
    await redis.aclose()


async def mail_away(house: RunningHouse) -> None:
    for _ in range(3):
        pid = house.kill("sandbox")
        await house.is_back("sandbox", pid)


FAULTS: dict[str, Callable[[RunningHouse], Awaitable[None]]] = {
    "kill -9 of intake": lambda house: killed(house, "intake"),
    "kill -9 of tickets": lambda house: killed(house, "tickets"),
    "kill -9 of notify": lambda house: killed(house, "notify"),
    "kill -9 of Valkey": lambda house: killed(house, "valkey"),
    "FLUSHALL": flushed,
    "a restart of PostgreSQL": lambda house: killed(house, "postgres", signal.SIGINT),
    "the mail sandbox away for a while": mail_away,
}


@pytest.mark.timeout(420)
async def test_every_202_is_one_ticket_entry_and_one_opening_notice(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house") as house:
        client = Client(house)
        share, rest = divmod(CONTACTS, len(FAULTS))
        for place, fault in enumerate(FAULTS.values()):
            before = len(client.promised)
            posting = asyncio.create_task(client.post(share + (rest if place == 0 else 0)))
            await eventually(partial(client.has, before + 10))
            assert not posting.done(), "the fault strikes in the middle"
            await fault(house)
            await posting
        await client.close()

        # given: the client's own ledger
        assert len(client.promised) == CONTACTS
        assert {len(answers) for answers in client.answers_by_key.values()} == {1}

        # then: each promise is one entry of one ticket
        database = await asyncpg.connect(house.at["database_owner_url"])
        try:
            await eventually(lambda: everything_told(database), 120)
        except AssertionError:
            pytest.fail(await what_waits(house, database))
        await each_promise_is_one_entry(database, client)

        # and: each was told once, except those of which we say that nobody knows
        notices = await database.fetch("SELECT tracking_code, status FROM notify.notices WHERE reason = 'opened'")
        assert Counter(row["tracking_code"] for row in notices) == Counter(client.promised.values())
        told = Counter(code for message in await house.received() for code in codes_in(message))
        uncertain = {row["tracking_code"] for row in notices if row["status"] == "uncertain"}
        certain = {row["tracking_code"] for row in notices if row["status"] == "accepted"}
        assert certain | uncertain == set(client.promised.values())
        assert {code: told[code] for code in certain} == dict.fromkeys(certain, 1)
        assert all(told[code] <= 1 for code in uncertain)
        assert len(uncertain) < 200, "a person must be able to look at them"
        assert await database.fetchval("SELECT count(*) FROM tickets.dead_letters") == 0
        assert await database.fetchval("SELECT count(*) FROM notify.dead_letters") == 0
        await database.close()


async def everything_told(database: asyncpg.Connection) -> bool:
    waiting = await database.fetchval(
        "SELECT $1 - count(*) FROM notify.notices WHERE reason = 'opened' AND status = ANY($2)", CONTACTS, _SETTLED
    )
    return bool(waiting == 0)


async def what_waits(house: RunningHouse, database: asyncpg.Connection) -> str:
    """How far each contact came, for the one who asks why not all of them were told."""
    stages = {
        "contacts": "SELECT count(*) FROM intake.contacts",
        "intake's outbox": "SELECT count(*) FROM intake.outbox WHERE published_at IS NULL",
        "entries": "SELECT count(*) FROM tickets.entries",
        "tickets' outbox": "SELECT count(*) FROM tickets.outbox WHERE published_at IS NULL",
        "notices": "SELECT jsonb_object_agg(status, n)"
        " FROM (SELECT status, count(*) AS n FROM notify.notices GROUP BY 1) AS s",
        "dead letters": "SELECT (SELECT count(*) FROM tickets.dead_letters)"
        " + (SELECT count(*) FROM notify.dead_letters)",
    }
    far = {stage: await database.fetchval(query) for stage, query in stages.items()}
    logs = {path.name: path.read_text()[-3000:] for path in sorted((house.folder / "logs").glob("*.log"))}
    return f"not all were told: {far}\n" + "\n".join(f"--- {name}\n{text}" for name, text in logs.items())
