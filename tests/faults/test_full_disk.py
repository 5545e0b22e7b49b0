"""A full disk heals: while nothing can be written nothing is promised, and with room again everything goes on.

The data directory of a house is on a small disk of its own. A client posts contacts and keeps its own ledger of every
202, while the disk is filled, and kept full although what ends gives room back. Parts that are killed meanwhile, and
those that end because they cannot write, come back without anybody's help.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.conftest import eventually
from tests.disk import full, small_disk, take_everything
from tests.faults.ledger import Client, codes_in, each_promise_is_one_entry
from tests.house import RunningHouse, running_house
from tests.services.local.test_up import PROCESSES

CONTACTS = 1_500
_DISK = "300m"  # a fresh cluster with its first segments takes 40 MiB of it
_STARTS_THAT_WERE_TOO_MANY = 8
_KILLED = ("valkey", "tickets", "sandbox")
_SETTLED = ("accepted", "uncertain")


@asynccontextmanager
async def kept_full(disk: Path) -> AsyncIterator[None]:
    """Fills the disk, and takes again whatever becomes free, until the block ends."""
    with full(disk) as filler:

        async def keep_full() -> None:
            while True:
                take_everything(filler)
                await asyncio.sleep(0.02)

        filling = asyncio.create_task(keep_full())
        try:
            yield
        finally:
            filling.cancel()
            with suppress(asyncio.CancelledError):
                await filling


async def refuses(house: RunningHouse) -> bool:
    """Whether intake has answered that nothing is promised."""
    return (
        'satuatap_http_requests_total{method="POST",status="503"}'
        in (await house.http.get(f"{house.at['intake_url']}/metrics")).text
    )


async def end_postgres(house: RunningHouse) -> None:
    """Has PostgreSQL need a new segment of its log, for which there is no room: so it ends, if it has not already."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        database = await asyncpg.connect(house.at["database_owner_url"])
        try:
            await database.execute("SELECT pg_switch_wal()")
        finally:
            database.terminate()


async def started(house: RunningHouse, seen: set[int]) -> bool:
    """Whether PostgreSQL was tried so often that its ends would have ended the house, had they counted."""
    assert house.process.returncode is None, house.said
    for child in psutil.Process(house.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if child.name() == "postgres":
                seen.add(child.pid)
    return len(seen) >= _STARTS_THAT_WERE_TOO_MANY


async def all_are_up(house: RunningHouse) -> bool:
    assert house.process.returncode is None, house.said
    urls = [house.at[f"{name}_url"] for name in ("intake", "tickets", "survey_index", "notify")]
    answers = [await house.http.get(f"{url}/readyz") for url in urls]
    return set(house.pids) == PROCESSES and all(answer.status_code == 200 for answer in answers)


@pytest.mark.timeout(420)
async def test_what_was_promised_around_a_full_disk_is_kept_once(tmp_path: Path) -> None:
    with small_disk(tmp_path / "house", _DISK) as disk:
        async with running_house(disk) as house:
            before = house.pids
            client = Client(house)
            posting = asyncio.create_task(client.post(CONTACTS))
            await eventually(partial(client.has, 200))
            async with kept_full(disk):
                # when: writes fail, and what cannot write ends, or is killed
                await eventually(partial(refuses, house), 60)
                await end_postgres(house)
                for name in _KILLED:
                    with suppress(ProcessLookupError):  # it ended already
                        os.kill(before[name], signal.SIGKILL)
                await eventually(partial(started, house, set()), 120)
                assert not posting.done(), "the disk is full in the middle"

            # then: everything goes on by itself
            await posting
            await client.close()
            await eventually(partial(all_are_up, house), 60)
            ended = {line.partition(" ended ")[0] for line in house.said.splitlines() if "; the disk is full" in line}
            assert ended == {"postgres", *_KILLED}, "who was not killed waits, and does not end"
            assert all(f"{name} is ready again" in house.said for name in ended)

            # and: each promise is one entry of one ticket
            assert len(client.promised) == CONTACTS
            assert {len(answers) for answers in client.answers_by_key.values()} == {1}
            database = await asyncpg.connect(house.at["database_owner_url"])
            await eventually(partial(all_told, database), 180)
            await each_promise_is_one_entry(database, client)

            # and: nobody was told twice, and nothing waits for a person
            told = Counter(code for message in await house.received() for code in codes_in(message))
            assert max(told.values()) == 1
            for schema in ("intake", "tickets", "survey_index", "notify"):
                assert await database.fetchval(f"SELECT count(*) FROM {schema}.dead_letters") == 0
            await database.close()


async def all_told(database: asyncpg.Connection) -> bool:
    count = await database.fetchval(
        "SELECT count(*) FROM notify.notices WHERE reason = 'opened' AND status = ANY($1)", _SETTLED
    )
    return bool(count >= CONTACTS)
