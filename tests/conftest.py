"""Real engines for every test: a PostgreSQL and a Valkey from wheels, started once; a fresh database for each test."""

import asyncio
import itertools
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis
from sqlalchemy import make_url

from migrations import upgrade
from services.local import engines
from services.local.supervisor import Supervisor
from shared import crash
from shared.caller import ROLES, Role
from shared.clock import utcnow
from shared.secret import Secrets
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

# Cores are shared with others: how long an example takes says nothing
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_MEMORY = Path("/dev/shm")
_ENOUGH = 6 << 30
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    # A database is copied in a sixth of the time, and nothing that a test writes outlives it
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

SECRET = "a secret of the tests with more than 32 characters"
SECRETS = Secrets((SECRET,))
_PASSWORD = "only-for-tests"
_TEMPLATE = "template_migrated"


@dataclass(frozen=True)
class Engines:
    """The addresses of the engines; `database_url(name)` is that of one database."""

    postgres_port: int
    postgres_pid: int
    postgres_log: Path
    redis_url: str

    def database_url(self, name: str) -> str:
        """With the owner's login, who may look everywhere."""
        return engines.postgres_url(self.postgres_port, _PASSWORD, name)

    def services_url(self, name: str) -> str:
        """With the login that the services have."""
        return engines.postgres_url(self.postgres_port, _PASSWORD, name, engines.SERVICES_LOGIN)


@dataclass
class FrozenClock:
    """A clock that goes on only when told to."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 13, 2, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how_far: float) -> datetime:
        self.now += timedelta(**how_far)
        return self.now


@pytest_asyncio.fixture(scope="session")
async def running_engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    folder = tmp_path_factory.mktemp("engines")
    supervisor = Supervisor(say=print, changed=lambda _: None)
    postgres_port, redis_port = engines.free_port(), engines.free_port()
    try:
        await supervisor.start(
            engines.postgres(folder / "postgres", folder / "postgres.log", postgres_port, _PASSWORD),
            engines.valkey(folder / "valkey", folder / "valkey.log", redis_port, _PASSWORD),
        )
        running = Engines(
            postgres_port,
            supervisor.pids()["postgres"],
            folder / "postgres.log",
            engines.valkey_url(redis_port, _PASSWORD),
        )
        admin = await asyncpg.connect(running.database_url("postgres"))
        await admin.execute("ALTER SYSTEM SET fsync = off")  # no test cuts the power
        await admin.execute("SELECT pg_reload_conf()")
        await admin.execute(f"CREATE DATABASE {_TEMPLATE}")
        await admin.close()
        await upgrade(running.database_url(_TEMPLATE), services_url=running.services_url(_TEMPLATE))
        yield running
    finally:
        await supervisor.stop()


class Databases:
    """Databases with every migration done. Each is made while the test before it runs, for it takes a while."""

    def __init__(self, admin: asyncpg.Connection) -> None:
        self._admin = admin
        self._names = (f"test_{number}" for number in itertools.count(1))
        self._used: list[str] = []
        self._next = asyncio.create_task(self._make())

    async def take(self) -> str:
        name = await self._next
        self._next = asyncio.create_task(self._make())
        return name

    def give_back(self, name: str) -> None:
        self._used.append(name)

    async def close(self) -> None:
        await self._next
        await self._admin.close()

    async def _make(self) -> str:
        while self._used:
            await self._admin.execute(f"DROP DATABASE {self._used.pop()} WITH (FORCE)")
        name = next(self._names)
        # by its files, which costs half of what its pages cost in the log; nothing waits for the disk here
        await self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        return name


@pytest_asyncio.fixture(scope="session")
async def databases(running_engines: Engines) -> AsyncIterator[Databases]:
    databases = Databases(await asyncpg.connect(running_engines.database_url("postgres")))
    yield databases
    await databases.close()


@pytest_asyncio.fixture
async def database_url(running_engines: Engines, databases: Databases) -> AsyncIterator[str]:
    """A database of this test alone, with every migration done; as its owner, who may look everywhere."""
    name = await databases.take()
    yield running_engines.database_url(name)
    databases.give_back(name)


@pytest_asyncio.fixture
async def redis(running_engines: Engines) -> AsyncIterator[Redis]:
    """An empty Valkey."""
    client = Redis.from_url(running_engines.redis_url, protocol=2)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def common(database_url: str, running_engines: Engines, redis: Redis) -> CommonSettings:
    """What every service is told, for the engines of this test."""
    return CommonSettings(
        DATABASE_URL=running_engines.services_url(database_url.rpartition("/")[2]),
        REDIS_URL=running_engines.redis_url,
        secret=SECRET,
        instance="test",
        public_requests_per_minute=100_000,
    )


def owner_url(common: CommonSettings) -> str:
    """The database of `common`, with the login that may look everywhere."""
    url = make_url(str(common.database_url)).set(username=engines.OWNER, password=_PASSWORD)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def clock() -> FrozenClock:
    """Friday 2026-03-13, 09:00 in Jakarta."""
    return FrozenClock()


@pytest.fixture(autouse=True)
def no_planned_crash() -> Iterator[None]:
    yield
    crash.arm("")


@pytest.fixture
def staff() -> dict[str, str]:
    """The header of a member of staff with every role."""
    return staff_header(*ROLES)


def staff_header(*roles: Role) -> dict[str, str]:
    token = StaffTokens(SECRETS).issue("test", roles, utcnow(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def shared_data() -> Path:
    """Real data beside the repository; tests that use it are skipped where it is not there."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no shared data beside the repository")
    return folder


async def eventually(look: object, seconds: float = 30) -> object:
    """What `look` finds once it finds something; fails the test when it takes longer than `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await look()  # type: ignore[operator]
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.02)
