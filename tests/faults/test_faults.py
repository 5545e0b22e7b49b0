"""Accepted means kept, and told once, whatever is killed in between.

One client posts 2,000 contacts, some of them twice with the same key, and keeps its own ledger of every 202. In turn
each part of the house is killed under it. Afterwards the ledger is held against the tickets and against what the
citizens received.
"""

import asyncio
import itertools
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from tests.conftest import eventually
from tests.house import RunningHouse, running_house

CONTACTS = 2_000
_AT_ONCE = 8
_SETTLED = ("accepted", "uncertain", "failed", "suppressed")


class Client:
    """Posts until it has a 202 for each contact, and remembers what it was promised."""

    def __init__(self, house: RunningHouse) -> None:
        self._url = f"{house.at['intake_url']}/v1/contacts"
        self._door = house.door
        self._numbers = itertools.count(1)
        self._http = httpx.AsyncClient(timeout=20, trust_env=False)
        self.promised: dict[str, str] = {}
        self.answers_by_key: dict[str, set[str]] = {}

    async def post(self, count: int) -> None:
        numbers = list(itertools.islice(self._numbers, count))
        queue = iter(numbers)

        async def work() -> None:
            for number in queue:
                for _ in range(2 if number % 10 == 0 else 1):
                    await self._until_accepted(number)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    async def _until_accepted(self, number: int) -> None:
        way = {"phone": f"0812{number:08d}"} if number % 3 == 0 else {"email": f"warga{number}@surel.example"}
        form = {"name": f"Warga {number}", "body": f"Insentif belum cair, nomor {number}.", **way}
        headers = {**self._door, "Idempotency-Key": f"client-{number}"}
        while True:
            try:
                response = await self._http.post(self._url, json=form, headers=headers)
            except httpx.HTTPError:
                response = None
            if response is not None and response.status_code == 202:
                answer = response.json()
                self.promised[answer["contact_id"]] = answer["tracking_code"]
                self.answers_by_key.setdefault(headers["Idempotency-Key"], set()).add(response.text)
                return
            assert response is None or response.status_code == 503, response.text
            await asyncio.sleep(0.05)

    async def has(self, count: int) -> bool:
        """Whether so many were promised by now."""
        return len(self.promised) >= count

    async def close(self) -> None:
        await self._http.aclose()


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
        database = await asyncpg.connect(house.at["database_url"])
        await eventually(lambda: everything_told(database), 120)
        entries = await database.fetch(
            "SELECT e.contact_id, t.tracking_code FROM tickets.entries e JOIN tickets.tickets t ON t.id = e.ticket_id"
        )
        assert Counter((str(row["contact_id"]), row["tracking_code"]) for row in entries) == Counter(
            dict.fromkeys(client.promised.items(), 1)
        )

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


def codes_in(message: dict[str, Any]) -> set[str]:
    """The tracking codes of an opening notice: in a mail's subject, in an SMS's text."""
    if message["kind"] == "email" and message["headers"]["X-Satu-Atap-Reason"] != "opened":
        return set()
    words = message["subject"] if message["kind"] == "email" else message["body"]
    return {word.strip("[],.") for word in words.split() if word.count("-") == 2}


async def everything_told(database: asyncpg.Connection) -> bool:
    waiting = await database.fetchval(
        "SELECT $1 - count(*) FROM notify.notices WHERE reason = 'opened' AND status = ANY($2)", CONTACTS, _SETTLED
    )
    return bool(waiting == 0)
