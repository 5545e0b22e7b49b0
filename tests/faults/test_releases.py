"""A release goes by under load, and a person decides about what it left: nothing accepted is lost, nothing doubled.

The client's own ledger of every 202 is held against the tickets, as in `test_faults`.
"""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from shared.events import STREAMS
from tests.conftest import eventually
from tests.factories import contact
from tests.faults.ledger import Client, each_promise_is_one_entry
from tests.faults.test_faults import flushed
from tests.house import RunningHouse, running_house

_SHARE = 150
_first_numbers = itertools.count(1, 10_000)
"""Each client posts contacts of its own: with the keys of another it would get what that one was answered."""


@asynccontextmanager
async def posting(house: RunningHouse, count: int = _SHARE) -> AsyncIterator[Client]:
    """A client that posts so many contacts while the block runs, until all are accepted."""
    client = Client(house, first=next(_first_numbers))
    task = asyncio.create_task(client.post(count))
    try:
        yield client
        await task
    finally:
        task.cancel()
        await client.close()


async def readiness(house: RunningHouse, service: str) -> tuple[int, dict[str, str]]:
    answer = await house.http.get(f"{house.at[f'{service}_url']}/readyz")
    return answer.status_code, answer.json()["checks"]


async def satuatap(house: RunningHouse, *arguments: str) -> str:
    """What a command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", *arguments, "--data-dir", str(house.folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "400"},
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.timeout(240)
async def test_migrations_under_the_older_readers_bury_nothing_and_cost_only_time(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house") as house:
        database = await asyncpg.connect(house.at["database_owner_url"])

        async def in_trouble() -> bool:
            status, checks = await readiness(house, "tickets")
            return status == 503 and "UndefinedTable" in checks.get("reader of contacts", "")

        async def well() -> bool:
            return await readiness(house, "tickets") == (200, {"postgres": "ok", "redis": "ok"})

        async with posting(house) as first:  # a column comes and goes
            for table in ("tickets.entries", "tickets.tickets", "notify.notices", "tickets.inbox"):
                await database.execute(f"ALTER TABLE {table} ADD of_tomorrow text DEFAULT ''")
                await asyncio.sleep(0)
                await database.execute(f"ALTER TABLE {table} DROP of_tomorrow")
        await database.execute("ALTER TABLE tickets.audit RENAME TO audit_of_tomorrow")
        async with posting(house) as second:  # a table is away for a while
            await eventually(in_trouble)
            await database.execute("ALTER TABLE tickets.audit_of_tomorrow RENAME TO audit")
            await eventually(well)
        await each_promise_is_one_entry(database, first, second)
        for service in ("intake", "tickets", "notify", "survey_index"):
            assert await database.fetchval(f"SELECT count(*) FROM {service}.dead_letters") == 0
        await database.close()


@pytest.mark.timeout(240)
async def test_event_of_a_newer_release_makes_its_stream_wait_until_a_person_skips_it(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house") as house:
        event = contact()
        redis = Redis.from_url(house.at["redis_url"])
        said = json.loads(event.encode()) | {"dataschema": "urn:satuatap:contact.received:2"}
        await redis.xadd(STREAMS["contacts"].key, {"event": json.dumps(said)})
        await redis.aclose()

        async def waits() -> bool:
            status, checks = await readiness(house, "tickets")
            return status == 503 and "urn:satuatap:contact.received:2" in checks.get("reader of contacts", "")

        await eventually(waits)
        async with posting(house, 20) as client:
            pass  # intake takes what comes, and says so
        assert (await readiness(house, "intake"))[0] == 200
        assert "waits at this contact.received of the stream contacts" in await satuatap(house, "dead", "list")
        await satuatap(house, "dead", "skip", str(event.id), "--reason", "written by a release that we took back")
        database = await asyncpg.connect(house.at["database_owner_url"])
        await each_promise_is_one_entry(database, client)
        assert "skipped by cli:" in await satuatap(house, "dead", "list")
        await database.close()


@pytest.mark.timeout(240)
async def test_dead_letters_are_handled_once_although_redis_is_wiped_in_the_middle_of_their_replay(
    tmp_path: Path,
) -> None:
    async with running_house(tmp_path / "house", SATUATAP_RETRY_MINUTES="0") as house:
        database = await asyncpg.connect(house.at["database_owner_url"])

        async def letters() -> int:
            return int(
                await database.fetchval("SELECT count(*) FROM tickets.dead_letters WHERE replayed_at IS NULL") or 0
            )

        async def buried() -> bool:
            return await letters() == 4

        async def all_handled() -> bool:
            return await letters() == 0

        # given: complaints that the desk cannot write, among others that it can
        await database.execute("ALTER TABLE tickets.entries ADD CONSTRAINT no_hundreds CHECK (body !~ 'nomor .*00\\.')")
        async with posting(house, 400) as client:
            pass
        await eventually(buried, 60)
        # when: the cause is mended, and Redis is wiped while they are handled again and others come in
        await database.execute("ALTER TABLE tickets.entries DROP CONSTRAINT no_hundreds")
        async with posting(house) as other:
            assert (await satuatap(house, "dead", "replay", "all")).startswith("4 put back")
            await flushed(house)
        # then
        await eventually(all_handled, 60)
        await each_promise_is_one_entry(database, client, other)
        await database.close()


@pytest.mark.timeout(240)
async def test_house_whose_stream_waits_comes_up_again(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    async with running_house(folder) as house:
        redis = Redis.from_url(house.at["redis_url"])
        said = json.loads(contact().encode()) | {"dataschema": "urn:satuatap:contact.received:2"}
        await redis.xadd(STREAMS["contacts"].key, {"event": json.dumps(said)})
        await redis.aclose()
        assert await eventually(lambda: not_ready(house))
    async with running_house(folder) as house:
        assert await eventually(lambda: not_ready(house))
        assert "cannot be kept alive" not in house.said


async def not_ready(house: RunningHouse) -> bool:
    return (await readiness(house, "tickets"))[0] == 503
