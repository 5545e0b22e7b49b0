"""A PostgreSQL that is there and says nothing: everybody is told soon to come again, and nothing is lost or doubled."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from tests.conftest import eventually
from tests.house import RunningHouse, running_house

_AT_ONCE = 24
_FROZEN_SECONDS = 20
_PATIENCE_SECONDS = 25
"""Of a client who would wait for an answer; the freeze lasts until all have theirs."""


@contextmanager
def frozen(house: RunningHouse) -> Iterator[None]:
    """PostgreSQL and all its children stand still until the block ends."""
    postmaster = psutil.Process(house.pids["postgres"])
    stopped = [postmaster, *postmaster.children(recursive=True)]
    try:
        for process in stopped:
            os.kill(process.pid, signal.SIGSTOP)
        yield
    finally:
        for process in stopped:
            os.kill(process.pid, signal.SIGCONT)


class Asked:
    """Requests, sent together, and what came of each."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def all(self, requests: list[httpx.Request]) -> list[httpx.Response]:
        return await asyncio.gather(*map(self._one, requests))

    async def _one(self, request: httpx.Request) -> httpx.Response:
        again = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        return await self._http.send(again)


@pytest.mark.timeout(180)
async def test_frozen_postgresql_is_told_with_503_to_readers_and_writers_who_succeed_later_and_once(
    tmp_path: Path,
) -> None:
    limits = httpx.Limits(max_connections=200)
    async with (
        running_house(tmp_path / "house") as house,
        httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False, limits=limits) as http,
    ):
        at = house.at
        first = await house.post(f"{at['intake_url']}/v1/contacts", {"body": "Insentif belum cair."}, house.door)
        code = first["tracking_code"]

        async def ticket() -> Any:
            return (await house.get(f"{at['tickets_url']}/v1/tickets", tracking_code=code))["items"]

        found: Any = await eventually(ticket)
        tickets, replies = f"{at['tickets_url']}/v1/tickets", f"{at['tickets_url']}/v1/tickets/{found[0]['id']}/reply"
        writes = [
            http.build_request(
                "POST",
                f"{at['intake_url']}/v1/contacts",
                headers={**house.door, "Idempotency-Key": f"frozen-{number}"},
                json={"email": f"beku{number}@surel.example", "body": "Sertifikat belum muncul."},
            )
            for number in range(_AT_ONCE)
        ] + [
            http.build_request(
                "POST", replies, headers={**house.staff, "Idempotency-Key": f"reply-{number}"}, json={"body": "Ya."}
            )
            for number in range(3)
        ]
        reads = [
            *(http.build_request("GET", f"{at['tickets_url']}/v1/track/{code}") for _ in range(_AT_ONCE)),
            http.build_request("GET", tickets, headers=house.staff),
            http.build_request("GET", f"{at['notify_url']}/v1/notices", headers=house.staff),
            http.build_request("GET", f"{at['survey_index_url']}/v1/surveys", headers=house.staff),
        ]
        # when: PostgreSQL stands still while all of them are asked
        asked = Asked(http)
        began = time.monotonic()
        with frozen(house):
            answers = await asked.all([*writes, *reads])
            while time.monotonic() - began < _FROZEN_SECONDS:  # and again and again, as clients do
                answers += await asked.all([writes[0], reads[0]])
            assert (await http.get(f"{at['tickets_url']}/livez")).status_code == 200
            assert (await http.get(f"{at['tickets_url']}/readyz")).status_code == 503
        # then: each is told when to come again
        assert {answer.status_code for answer in answers} == {503}
        for answer in answers:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1

        # and: what is sent again with its key is done, once
        async def done(request: httpx.Request) -> bool:
            return bool(((await asked.all([request]))[0]).is_success)

        for request in [*writes, *reads]:
            await eventually(lambda request=request: done(request), 60)
        database = await asyncpg.connect(at["database_owner_url"])

        async def entries() -> Any:
            rows = await database.fetch(
                "SELECT author, count(*) FROM tickets.entries JOIN tickets.tickets t ON t.id = ticket_id GROUP BY 1"
            )
            counted = {row["author"]: row["count"] for row in rows}
            return counted if counted.get("citizen", 0) > _AT_ONCE else None

        assert await eventually(entries, 60) == {"citizen": _AT_ONCE + 1, "agent": 3}
        contacts = await database.fetch("SELECT email FROM intake.contacts WHERE email IS NOT NULL")
        assert Counter(row["email"] for row in contacts) == Counter(f"beku{n}@surel.example" for n in range(_AT_ONCE))
        assert await database.fetchval("SELECT count(*) FROM tickets.dead_letters") == 0
        await database.close()
