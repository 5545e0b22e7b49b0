"""`kill -9` of notify while it sends: one notice in doubt for each connection at most, and nobody told twice."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.local.house import House, free_base_port, house
from tests.conftest import eventually
from tests.services.notify.mail_servers import OK, MailServer

CONTACTS = 300
CONNECTIONS = 2
"""To the mail server; nobody is told by SMS here."""
BAD = "dua@surel.example"


@pytest.mark.timeout(180)
async def test_courier_killed_three_times_leaves_one_notice_in_doubt_for_each_connection(tmp_path: Path) -> None:
    # given: a mail server that takes a moment for each mail, and goes away at one recipient
    server = MailServer(thinks_for_seconds=0.02, says_to_recipient=lambda to: "421 Closing" if to == BAD else OK)
    async with server.running(), sending(server, tmp_path) as home:
        # when: it is killed in the middle, three times
        for taken in (20, 90, 160):
            await so_many_taken(server, taken)
            await killed(home, {"notify": signal.SIGKILL})

        # then: all but the one at whom the server hangs up have ended, and a few are in doubt
        counts = await each_told_once(home, server, waiting=1)
        assert counts["uncertain"] <= 3 * CONNECTIONS


@pytest.mark.timeout(180)
async def test_courier_killed_together_with_postgresql_tells_nobody_twice(tmp_path: Path) -> None:
    """The notes do not wait for the disk: after PostgreSQL fell, too, each of a claim may have been handed over."""
    server = MailServer(thinks_for_seconds=0.02)
    async with server.running(), sending(server, tmp_path) as home:
        for taken in (20, 60):  # all that is claimed may be in doubt then, a batch of each connection: 200 of 300
            await so_many_taken(server, taken)
            await killed(home, {"notify": signal.SIGKILL, "postgres": signal.SIGQUIT})
        await each_told_once(home, server)


@asynccontextmanager
async def sending(server: MailServer, folder: Path) -> AsyncIterator[House]:
    """A house that has accepted all contacts, and tells them by `server`."""
    said: list[str] = []
    settings = {"NOTIFY_SMTP_PORT": str(server.port), "NOTIFY_SMTP_CONNECTIONS": str(CONNECTIONS)}
    async with house(folder / "house", free_base_port(), say=said.append, given=settings) as home:
        at = home.credentials
        door = {"Authorization": f"Bearer {at.integration_key}"}
        async with httpx.AsyncClient(base_url=at.intake_url, headers=door, trust_env=False, timeout=30) as http:
            addresses = [BAD, *(f"warga{number}@surel.example" for number in range(CONTACTS - 1))]
            forms = [{"email": address, "body": "Insentif belum cair."} for address in addresses]
            answers = await asyncio.gather(*(http.post("/v1/contacts", json=form) for form in forms))
        assert {answer.status_code for answer in answers} == {202}
        yield home


async def so_many_taken(server: MailServer, count: int) -> None:
    async def look() -> bool:
        return len(server.took) >= count

    await eventually(look, 60)


async def killed(home: House, signals: Mapping[str, int]) -> None:
    """Ends processes at the same moment, and waits until others are in their place."""
    before = home.supervisor.pids()
    for name, number in signals.items():
        os.kill(before[name], number)

    async def are_back() -> bool:
        after = home.supervisor.pids()
        return all(after.get(name, before[name]) != before[name] for name in signals)

    await eventually(are_back, 60)


async def each_told_once(home: House, server: MailServer, waiting: int = 0) -> Counter[str]:
    """Waits until all but `waiting` notices have ended. Nobody was told twice, and who was not told is in doubt."""
    url = home.credentials.database_owner_url

    async def ended() -> Counter[str] | None:
        try:
            database = await asyncpg.connect(url)
        except (OSError, asyncpg.PostgresError):
            return None
        rows: list[Any] = await database.fetch("SELECT status FROM notify.notices")
        await database.close()
        counts = Counter(row["status"] for row in rows)
        return counts if counts.total() == CONTACTS and counts["queued"] + counts["sending"] <= waiting else None

    counts = await eventually(ended, 100)
    assert isinstance(counts, Counter)
    assert counts["accepted"] == CONTACTS - waiting - counts["uncertain"]
    told = Counter(str(mail["X-Satu-Atap-Notice"]) for mail in server.took)
    assert set(told.values()) == {1}
    database = await asyncpg.connect(url)
    ids = "SELECT id::text FROM notify.notices WHERE status = $1"
    accepted, in_doubt = [
        {row["id"] for row in await database.fetch(ids, status)} for status in ("accepted", "uncertain")
    ]
    await database.close()
    assert accepted <= set(told) <= accepted | in_doubt
    return counts
