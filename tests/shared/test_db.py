"""The database's two kinds of patience: brisk for whom somebody waits, patient for long work."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.local.engines import free_port
from shared.db import Database, Patience, is_outage, role_of
from shared.settings import CommonSettings
from tests.conftest import owner_url

_AT_ONCE = Patience(connecting=10, queueing=10, answer=0.2, idle=60)
_LONG = Patience(connecting=10, queueing=10, answer=60, idle=60)


@pytest_asyncio.fixture
async def db(common: CommonSettings) -> AsyncIterator[Database]:
    """A database that waits a moment for each answer, and for those of long work as long as it takes."""
    database = Database(common.database_url, schema="tickets", pool_size=1, brisk=_AT_ONCE, patient=_LONG)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def held(common: CommonSettings) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who holds a row that others want."""
    somebody = await asyncpg.connect(owner_url(common))
    holding = somebody.transaction()
    await holding.start()
    await somebody.execute("UPDATE tickets.outbox_state SET last_ms = last_ms")
    yield somebody
    await holding.rollback()
    await somebody.close()


WANTED = text("UPDATE tickets.outbox_state SET last_number = 7")


async def test_answer_that_does_not_come_is_an_outage_and_costs_the_connection(
    db: Database, held: asyncpg.Connection
) -> None:
    async with db.autocommit() as session:
        before = await session.scalar(text("SELECT pg_backend_pid()"))
    with pytest.raises(TimeoutError) as late:
        async with db.transaction() as session:
            await session.execute(WANTED)
    assert is_outage(late.value)
    async with db.autocommit() as session:  # the pool has one place: it is free again, and without the old connection
        assert await session.scalar(text("SELECT pg_backend_pid()")) != before
        assert await session.scalar(text("SELECT last_number FROM tickets.outbox_state")) == 0


async def test_long_work_waits_for_its_answer(db: Database, held: asyncpg.Connection) -> None:
    async def work() -> None:
        async with db.transaction(patient=True) as session:
            await session.execute(WANTED)

    working = asyncio.create_task(work())
    with pytest.raises(TimeoutError):  # by now a brisk one that began later has given up
        async with db.transaction() as session:
            await session.execute(WANTED)
    assert not working.done()
    await held.execute("ROLLBACK AND CHAIN")
    await working
    async with db.autocommit(patient=True) as session:
        assert await session.scalar(text("SELECT last_number FROM tickets.outbox_state")) == 7


async def test_long_work_is_refused_briskly_where_nobody_answers() -> None:
    silent = await asyncio.start_server(_says_nothing, "127.0.0.1", port := free_port())
    brisk = Patience(connecting=0.1, queueing=10, answer=10, idle=60)
    db = Database(f"postgresql://somebody@127.0.0.1:{port}/none", schema="tickets", brisk=brisk)
    with pytest.raises(TimeoutError):
        async with db.autocommit(patient=True):
            pytest.fail("nothing is begun")
    await db.close()
    silent.close()
    await silent.wait_closed()


async def _says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_what_a_frozen_process_holds_in_a_transaction_is_free_again(common: CommonSettings) -> None:
    short = Patience(connecting=10, queueing=10, answer=60, idle=0.2)
    frozen, other = (Database(common.database_url, schema="tickets", brisk=patience) for patience in (short, _LONG))
    with pytest.raises(DBAPIError) as raised:
        async with frozen.transaction() as session:
            await session.execute(text("LOCK TABLE tickets.outbox_state"))
            async with other.transaction() as waiting:
                await waiting.execute(WANTED)  # it comes to its turn, while nothing more is said here
            await session.execute(WANTED)
    assert is_outage(raised.value), "whoever was frozen tries the same again"
    for db in (frozen, other):
        await db.close()


async def test_notes_do_not_wait_for_the_disk_and_plan_once(db: Database) -> None:
    async with db.notes() as notes:
        shown = [await notes.fetchval(f"SHOW {name}") for name in ("synchronous_commit", "plan_cache_mode", "role")]
    assert shown == ["off", "force_generic_plan", role_of(db.schema)]


async def test_connection_for_notes_that_broke_in_the_middle_is_used_by_nobody_else(db: Database) -> None:
    with pytest.raises(TimeoutError):
        async with db.notes() as notes:
            first = await notes.fetchval("SELECT pg_backend_pid()")
            raise TimeoutError
    async with db.notes() as notes:
        assert await notes.fetchval("SELECT pg_backend_pid()") != first
