"""PostgreSQL: one engine for a service, acting in its own role on its own schema, and the boundaries that commit.

Use cases never commit. `transaction()` does, at the edge of a request or of a batch of events, before anybody is
told that it happened.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import asyncpg
from asyncpg import PostgresError
from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from shared.bell import Bell

OUTBOX_BELL = "outbox_bell"
"""Where a session holds the bell of its service's outbox."""
_AFTER_COMMIT = "after_commit"

# SQLSTATE classes and codes that say "not now" rather than "not like this" (PostgreSQL, appendix A)
_OUTAGE_CLASSES = ("08", "53", "57", "58")
_OF_FILES = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError, LookupError)
_RETRY_CODES = ("40001", "40P01", "55P03", "25006")
_UNUSABLE = {
    "lets nobody in": ("28",),
    "is not there": ("3D",),
    "gives that login too few rights": ("42501",),
    "has no tables of ours (`satuatap migrate` makes them)": ("42P01", "3F", "22023"),
}


def role_of(schema: str) -> str:
    """The database role in which the service that owns `schema` acts."""
    return f"satuatap_{schema}"


def async_url(url: object) -> str:
    """SQLAlchemy's form of a `postgresql://` address; `sslmode`, as libpq calls it, is `ssl` there."""
    renamed = str(url).replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+asyncpg://", 1)
    return renamed.replace("?sslmode=", "?ssl=").replace("&sslmode=", "&ssl=")


def is_outage(error: BaseException) -> bool:
    """Whether `error` says that an engine is away or busy, so that the same work may succeed later unchanged."""
    for cause in _causes(error):
        if isinstance(cause, OSError | TimeoutError | PoolTimeout | InterfaceError | asyncpg.InterfaceError):
            return not isinstance(cause, _OF_FILES)  # a missing template or zone will not come back by waiting
        if isinstance(cause, DBAPIError) and cause.connection_invalidated:
            return True
        state = _state(cause)
        if state.startswith(_OUTAGE_CLASSES) or state in _RETRY_CODES:
            return True
    return False


def is_bad_value(error: BaseException) -> bool:
    """Whether PostgreSQL refused a value that came with the request (SQLSTATE class 22, data exception)."""
    return any(state.startswith("22") for state in sqlstates(error))


def sqlstates(error: BaseException) -> list[str]:
    """The SQLSTATEs of `error` and of what caused it."""
    return [state for cause in _causes(error) if (state := _state(cause))]


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


def _state(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def describe(error: BaseException) -> str:
    """The kind of `error` and its SQLSTATE, never its text: the text of a database error quotes values."""
    of_postgresql = [cause for cause in _causes(error) if isinstance(cause, PostgresError)]
    cause = of_postgresql[0] if of_postgresql else getattr(error, "orig", None) or error
    return f"{type(cause).__name__} {_state(cause)}".rstrip()


DriverConnection: TypeAlias = asyncpg.Connection  # type: ignore[type-arg,unused-ignore]
"""A connection without SQLAlchemy around it, for the one statement that runs too often for that."""


class DatabaseUnusable(Exception):
    """The database that somebody named cannot be used; the text says why, and holds nothing of the address."""


def command_engine(url: object, variable: str = "DATABASE_URL") -> AsyncEngine:
    """An engine for one command, on the database that somebody named in `variable`. Raises `DatabaseUnusable`."""
    try:
        parsed = make_url(async_url(url))
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.drivername != "postgresql+asyncpg":
        fault = "is no address of a PostgreSQL database, such as postgresql://user@host/name"
        raise DatabaseUnusable(f"{variable} {fault}.")
    unknown = parsed.query.keys() - inspect.signature(asyncpg.connect).parameters.keys()
    if unknown:
        raise DatabaseUnusable(f"{variable} has parameters that nobody knows: {', '.join(sorted(unknown))}.")
    return create_async_engine(parsed, hide_parameters=True)


@contextmanager
def usable_database(variable: str = "DATABASE_URL") -> Iterator[None]:
    """Around commands that speak to a database which somebody named in `variable`. Raises `DatabaseUnusable`."""
    try:
        yield
    except (OSError, PostgresError, DBAPIError) as error:
        for saying, states in _UNUSABLE.items():
            if any(state.startswith(states) for state in sqlstates(error)):
                raise DatabaseUnusable(f"The database of {variable} {saying} ({describe(error)}).") from None
        if isinstance(error, OSError) or is_outage(error):
            raise DatabaseUnusable(f"The database of {variable} does not answer ({describe(error)}).") from None
        raise


async def each_in_its_role(session: AsyncSession, schemas: Sequence[str]) -> AsyncIterator[str]:
    """Each of `schemas`, while the transaction of `session` acts in the role of the service that owns it.

    A command looks at several services, and its login may reach none of them except in that service's role.
    """
    for schema in schemas:
        await session.execute(text(f"SET LOCAL ROLE {role_of(schema)}"))
        yield schema


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Has `call` made as soon as the transaction of `session` is committed, once; never if it is undone."""
    session.info.setdefault(_AFTER_COMMIT, {})[call] = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds are waited for a new connection, for a free one of the pool, and for an answer on it; and how
    long PostgreSQL waits for what comes next in a transaction (`idle`), before it undoes that.
    """

    connecting: float
    queueing: float
    answer: float
    idle: float


BRISK = Patience(connecting=4, queueing=3, answer=6, idle=30)
"""Of all that somebody waits for. A server that is frozen takes the connection and never answers: after `answer` it
is left behind, which takes the driver two seconds more, and the caller is told within ten. A process of ours that is
frozen in a transaction keeps what it holds from all others for `idle`, and no longer."""
PATIENT = Patience(connecting=4, queueing=30, answer=600, idle=600)
"""Of work that takes as long as it takes: a million rows in one statement."""
_LONG_WORK_AT_ONCE = 4
_MOST_NOTES_AT_ONCE = 64
_NOTES = {"synchronous_commit": "off", "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}


class Database:
    """The engines of one service, a brisk and a patient one, and the two ways to use them.

    `outbox_bell` rings when events were committed to this service's outbox.
    """

    def __init__(
        self, url: object, *, schema: str, pool_size: int = 10, brisk: Patience = BRISK, patient: Patience = PATIENT
    ) -> None:
        self.schema = schema
        self.outbox_bell = Bell()
        self.engine = _engine(url, schema, pool_size, brisk)
        self._patient = _engine(url, schema, _LONG_WORK_AT_ONCE, patient)
        self._notes = _engine(url, schema, _MOST_NOTES_AT_ONCE, brisk, _NOTES)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._patient_autocommit = self._patient.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self, *, patient: bool = False) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, and undone when it raises.

        What was registered with `after_commit` happens then, when others can see what was done.
        """
        if patient:
            await self.ping()
        engine = self._patient if patient else self.engine
        async with AsyncSession(engine, expire_on_commit=False, info={OUTBOX_BELL: self.outbox_bell}) as session:
            async with session.begin():
                yield session
            for call in session.info.get(_AFTER_COMMIT, ()):
                call()

    @asynccontextmanager
    async def autocommit(self, *, patient: bool = False) -> AsyncIterator[AsyncSession]:
        """A session in which each statement stands alone and nothing is held: for looking, and for work that is one."""
        if patient:
            await self.ping()
        engine = self._patient_autocommit if patient else self._autocommit
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def notes(self) -> AsyncIterator[DriverConnection]:
        """The driver's own connection, for one small statement again and again, each of which commits by itself.

        A commit does not wait for the disk: what was written is lost if PostgreSQL itself falls within a second, and
        by nothing else. Plans are made once, and use the indices.
        """
        async with self._notes.connect() as connection:
            try:
                yield (await connection.get_raw_connection()).driver_connection
            except BaseException:
                await connection.invalidate()  # whatever it was: the driver's connection may be in the middle of it
                raise

    async def ping(self) -> None:
        """Asks briskly whether anybody answers: before long work waits patiently, or to tell. Raises what says no."""
        async with self.autocommit() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()
        await self._patient.dispose()
        await self._notes.dispose()


def _engine(
    url: object, schema: str, pool_size: int, patience: Patience, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncEngine:
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=patience.queueing,
        hide_parameters=True,
        connect_args={
            "timeout": patience.connecting,
            "command_timeout": patience.answer,
            "server_settings": {
                "application_name": f"satuatap-{schema}",
                "role": role_of(schema),
                "search_path": schema,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": f"{patience.idle:g}s",
                # A queue is empty when its statement is first planned; a plan kept from then scans it all later.
                "plan_cache_mode": "force_custom_plan",
                **settings,
            },
        },
    )
