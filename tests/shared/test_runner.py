"""The runner: a service that is told to end finishes what it has begun, and only that.

Each test makes sure that something is under way, tells the process to end, sees that it drains, and only then lets
go of what was holding the work up.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from services.local.engines import free_port
from shared import outbox
from shared.api_keys import new_api_key
from shared.caller import SCOPES
from shared.clock import utcnow
from shared.db import Database
from shared.events import STREAMS
from shared.keystore import save_key
from shared.settings import CommonSettings
from tests.conftest import SECRET, eventually, owner_url
from tests.factories import contact, ticket_opened
from tests.serving import NO_TLS

# The HTTP server says at this level how far its end has come; a service keeps it quiet
LOUD = "import logging; logging.getLogger('uvicorn.error').setLevel('INFO'); from services.cli import main; main()"
REQUESTS_ARE_AWAITED = "Waiting for connections to close"
REQUESTS_HAVE_ENDED = "Finished server process"


class Running:
    """A service as a process of its own, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        assert process.stdout is not None
        self._process = process
        self._output = process.stdout
        self.port = port

    async def says(self, words: str) -> None:
        said = ""
        while words not in said:
            line = await asyncio.wait_for(self._output.readline(), 30)
            assert line, f"it ended, and did not say {words!r}: {said}"
            said += line.decode()

    def told_to_end(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def exit_code(self) -> int:
        await asyncio.wait_for(self._output.read(), 30)
        return await self._process.wait()


@asynccontextmanager
async def running(service: str, common: CommonSettings, **environment: str) -> AsyncIterator[Running]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOUD, "run", service, "--port", str(port)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **os.environ,
            "DATABASE_URL": str(common.database_url),
            "REDIS_URL": str(common.redis_url),
            "SATUATAP_SECRET": SECRET,
            **environment,
        },
    )
    try:
        yield Running(process, port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest_asyncio.fixture
async def database(common: CommonSettings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url(common))
    yield connection
    await connection.close()


class Post:
    """A contact of which the service has the head, and waits for the body."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._body = body

    @classmethod
    async def begun(cls, port: int, key: str, email: str) -> "Post":
        body = json.dumps({"email": email, "body": "Insentif belum cair."}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST /v1/contacts HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30) == b"HTTP/1.1 100 Continue\r\n\r\n"
        return cls(reader, writer, body)

    async def finished(self) -> bytes:
        """The status line of the answer; nothing, when there was none."""
        self._writer.write(self._body)
        answer = await asyncio.wait_for(self._reader.read(), 30)
        self._writer.close()
        return answer.partition(b"\r\n")[0]


async def test_requests_that_were_under_way_at_sigterm_are_answered_and_what_they_brought_is_kept(
    common: CommonSettings, database: asyncpg.Connection
) -> None:
    async with running("intake", common) as intake:
        # given: two requests of which the service has begun to read
        key = await api_key(common)
        await intake.says("service.started")
        one, other = [await Post.begun(intake.port, key, f"warga{number}@surel.example") for number in range(2)]

        # when: it is told to end, and waits for nothing but them
        intake.told_to_end()
        await intake.says(REQUESTS_ARE_AWAITED)

        # then: both are answered, one after the other, by a service that works until the last of them
        assert await one.finished() == b"HTTP/1.1 202 Accepted"
        assert await other.finished() == b"HTTP/1.1 202 Accepted"
        assert await intake.exit_code() == 0
        assert await database.fetchval("SELECT count(*) FROM intake.contacts") == 2


async def api_key(common: CommonSettings) -> str:
    key, key_id, key_hash = new_api_key()
    intake = Database(common.database_url, schema="intake")
    async with intake.transaction() as session:
        now = utcnow()
        await save_key(session, "intake", key_id=key_id, name="t", secret_hash=key_hash, scopes=SCOPES, now=now)
    await intake.close()
    return key


async def test_what_the_workers_had_begun_at_sigterm_is_committed_acknowledged_and_published(
    common: CommonSettings, database: asyncpg.Connection, redis: Any
) -> None:
    # given: a contact for the consumer and an event for the relay, and locks at which both will wait
    brought, opened = contact(), ticket_opened()
    await redis.xadd(STREAMS["contacts"].key, {"event": brought.encode()})
    desk = Database(common.database_url, schema="tickets")
    async with desk.transaction() as session:
        await outbox.add(session, "tickets", [opened])
    await desk.close()
    holding = database.transaction()
    await holding.start()
    await database.execute("LOCK TABLE tickets.inbox IN EXCLUSIVE MODE")
    await database.execute("SELECT FROM tickets.outbox_state FOR UPDATE")

    async def both_wait() -> bool:
        await database.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees what it saw at first
        rows = await database.fetch(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        waiting = "\n".join(row["query"] for row in rows)
        return "INSERT INTO tickets.inbox" in waiting and "FROM tickets.outbox_state FOR UPDATE" in waiting

    async with running("tickets", common) as tickets:
        await eventually(both_wait)

        # when: it is told to end, and has nothing left but the two
        tickets.told_to_end()
        await tickets.says(REQUESTS_HAVE_ENDED)
        await holding.rollback()

        # then: it ends by itself, and has finished both
        assert await tickets.exit_code() == 0
    assert await database.fetchval("SELECT contact_id FROM tickets.entries") == brought.data.contact_id
    [group] = await redis.xinfo_groups(STREAMS["contacts"].key)
    assert (group["entries-read"], group["pending"]) == (1, 0)
    published = [fields[b"event"].decode() for _, fields in await redis.xrange(STREAMS["tickets"].key)]
    assert published[0] == opened.encode()
    assert await database.fetchval("SELECT published_at FROM tickets.outbox WHERE event_id = $1", opened.id)


async def test_header_that_says_for_whom_a_request_is_forwarded_is_believed_from_trusted_proxies_alone(
    common: CommonSettings,
) -> None:
    for trusted, last in (("127.0.0.3", 429), ("127.0.0.0/8", 404)):
        told = {"SATUATAP_PUBLIC_REQUESTS_PER_MINUTE": "15", "SATUATAP_TRUSTED_PROXIES": trusted}
        async with running("tickets", common, FORWARDED_ALLOW_IPS="*", **told) as tickets:
            await tickets.says("service.started")
            url = f"http://127.0.0.1:{tickets.port}/v1/track/7K3Q-WM9X-TB40"
            async with httpx.AsyncClient(verify=NO_TLS, trust_env=False, timeout=30) as http:
                claims = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]
                answers = [(await http.get(url, headers=claim)).status_code for claim in claims]
            assert answers == [404, 404, last], trusted
            tickets.told_to_end()
            assert await tickets.exit_code() == 0


async def test_network_that_is_none_is_refused_at_start_with_a_sentence(common: CommonSettings) -> None:
    async with running("tickets", common, SATUATAP_TRUSTED_PROXIES="10.0.0.1/8") as tickets:
        await tickets.says("neither an address nor a network, such as 10.0.3.7 or 10.0.0.0/16")
        assert await tickets.exit_code() == 1
