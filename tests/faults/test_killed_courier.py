"""`kill -9` of notify while it sends: one notice in doubt for each connection at most, and nobody told twice."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.local.house import free_base_port, house
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
    said: list[str] = []
    async with server.running():
        settings = {"NOTIFY_SMTP_PORT": str(server.port), "NOTIFY_SMTP_CONNECTIONS": str(CONNECTIONS)}
        async with house(tmp_path / "house", free_base_port(), say=said.append, given=settings) as home:
            at, pids = home.credentials, home.supervisor.pids
            door = {"Authorization": f"Bearer {at.integration_key}"}
            async with httpx.AsyncClient(base_url=at.intake_url, headers=door, trust_env=False, timeout=30) as http:
                addresses = [BAD, *(f"warga{number}@surel.example" for number in range(CONTACTS - 1))]
                forms = [{"email": address, "body": "Insentif belum cair."} for address in addresses]
                answers = await asyncio.gather(*(http.post("/v1/contacts", json=form) for form in forms))
            assert {answer.status_code for answer in answers} == {202}

            # when: it is killed in the middle, three times
            for taken in (20, 90, 160):

                async def so_many(taken: int = taken) -> bool:
                    return len(server.took) >= taken

                await eventually(so_many, 60)
                victim = pids()["notify"]
                os.kill(victim, signal.SIGKILL)

                async def is_back(victim: int = victim) -> bool:
                    return pids().get("notify", victim) != victim

                await eventually(is_back, 60)

            # then: all but the one at whom the server hangs up have ended
            database = await asyncpg.connect(at.database_owner_url)

            async def ended() -> Counter[str] | None:
                rows: list[Any] = await database.fetch("SELECT status FROM notify.notices")
                counts = Counter(row["status"] for row in rows)
                return counts if counts.total() == CONTACTS and counts["queued"] + counts["sending"] <= 1 else None

            counts = await eventually(ended, 90)
            assert isinstance(counts, Counter)
            assert counts["uncertain"] <= 3 * CONNECTIONS
            assert counts["accepted"] == CONTACTS - 1 - counts["uncertain"]

            # and: nobody was told twice, and whoever was not told is one of those in doubt
            told = Counter(str(mail["X-Satu-Atap-Notice"]) for mail in server.took)
            assert set(told.values()) == {1}
            ids = "SELECT id::text FROM notify.notices WHERE status = $1"
            accepted, in_doubt = [
                {row["id"] for row in await database.fetch(ids, status)} for status in ("accepted", "uncertain")
            ]
            assert accepted <= set(told) <= accepted | in_doubt
            await database.close()
