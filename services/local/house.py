"""`satuatap up`: everything that Satu Atap is, on this machine, until it is told to stop."""

import fcntl
import json
import os
import random
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from migrations import upgrade
from services.local import engines
from services.local.privileges import before_exec
from services.local.supervisor import Child, Supervisor
from shared import engine_url
from shared.api_keys import new_api_key
from shared.caller import ROLES, SCOPES
from shared.clock import utcnow
from shared.db import command_engine, each_in_its_role, usable_database
from shared.keystore import HOLDERS, save_key
from shared.secret import Secrets, WeakSecret
from shared.staff_tokens import StaffTokens

SERVICES = ("intake", "tickets", "survey_index", "notify")
SMTP_PLACE, SANDBOX_PLACE, MAIL_PLACE = 4, 5, 6
_PORTS = (*SERVICES, "the sandbox's SMTP", "the sandbox's HTTP", "intake's SMTP")
_BASE_PORTS = range(8000, 9000, 10)
_TOKEN_LIFETIME = timedelta(days=30)
_HOST = "127.0.0.1"
_OWNER = "DATABASE_OWNER_URL"


_HOOKS = {
    "whatsapp_app_secret": "INTAKE_WHATSAPP_APP_SECRET",
    "whatsapp_verify_token": "INTAKE_WHATSAPP_VERIFY_TOKEN",
    "line_channel_secret": "INTAKE_LINE_CHANNEL_SECRET",
    "twilio_auth_token": "INTAKE_TWILIO_AUTH_TOKEN",
    "cti_token": "INTAKE_CTI_TOKEN",
    "asterisk_token": "INTAKE_ASTERISK_TOKEN",
}
"""The secrets of those who call us, and the variables that say them to intake."""


class HouseError(Exception):
    """The house cannot be started as asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client of the house needs. Written to `credentials.json`, for the owner's eyes only."""

    integration_key: str
    staff_token: str
    intake_url: str
    tickets_url: str
    survey_index_url: str
    notify_url: str
    sandbox_url: str
    smtp_host: str
    smtp_port: int
    mail_host: str
    mail_port: int
    database_url: str
    database_owner_url: str
    redis_url: str
    hooks: Mapping[str, str]
    """What others sign with who call us: made up for this house, unless they were given."""

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class House:
    """A running house: its credentials, and the supervisor that keeps it up."""

    def __init__(self, credentials: Credentials, supervisor: Supervisor) -> None:
        self.credentials = credentials
        self.supervisor = supervisor


@asynccontextmanager
async def house(
    folder: Path,
    base_port: int,
    *,
    say: Callable[[str], None],
    given: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """Starts everything in `folder`, on ports from `base_port` on, and ends it when the block ends.

    `given` are environment variables of the services, before what the house would choose: also engines of one's own,
    a mail server or an SMS gateway. A play or a measurement gives none of these, and reaches nobody. Raises
    `HouseError`, `EngineError`, `CannotBeCopied`, `CannotBeKeptAlive`, `CannotMigrate`, `DatabaseUnusable`.
    """
    given = given or {}
    if "SATUATAP_SECRET" in given:
        secrets_of(given["SATUATAP_SECRET"])
    folder = folder.absolute()  # noqa: ASYNC240 - nothing else runs yet
    os.umask(0o077)  # what is kept here names citizens: it is for its owner only
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for name in ("credentials.json", "pids.json"):
            (folder / name).unlink(missing_ok=True)
        _check_ports(base_port)
        kept = HouseSecrets.load(folder)
        supervisor = Supervisor(say=say, changed=lambda pids: _write(folder / "pids.json", pids))
        try:
            at = await _engines(folder, kept, supervisor, given)
            variable = _OWNER if _OWNER in given else "DATABASE_URL"
            with usable_database(variable):
                await upgrade(at.owner_url, services_url=at.database_url, variable=variable)
            with usable_database():
                await _keep_integration_key(at.database_url, kept)
            environment = _environment(folder, base_port, at, kept.secret, given)
            await supervisor.start(
                _sandbox(folder, base_port, environment),
                *(_service(name, folder, base_port + place, environment) for place, name in enumerate(SERVICES)),
            )
            credentials = _credentials(base_port, at, kept, environment)
            _write(folder / "credentials.json", credentials.as_dict())
            yield House(credentials, supervisor)
        finally:
            await supervisor.stop()
            for name in ("credentials.json", "pids.json"):
                (folder / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class HouseSecrets:
    """What stays the same from one start to the next."""

    secret: str
    postgres_password: str
    valkey_password: str
    integration_key: str
    integration_key_id: str
    integration_key_hash: str

    @classmethod
    def load(cls, folder: Path) -> "HouseSecrets":
        file = folder / "secrets.json"
        if file.exists():
            return cls(**json.loads(file.read_text()))
        key, key_id, key_hash = new_api_key()
        made = cls(
            secret=secrets.token_urlsafe(48),
            postgres_password=secrets.token_hex(16),
            valkey_password=secrets.token_hex(16),
            integration_key=key,
            integration_key_id=key_id,
            integration_key_hash=key_hash,
        )
        _write(file, {name: getattr(made, name) for name in cls.__dataclass_fields__})
        return made


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the directory for this process. Raises `HouseError` if another house lives in it."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HouseError(f"Another house is running in {folder}. Choose another with --data-dir.") from None
        yield


def free_base_port() -> int:
    """Where a house of its own may stand: the first of as many free ports as it takes. Raises `HouseError`.

    Anywhere, so that two that look at the same time seldom choose the same place.
    """
    for first in random.sample(_BASE_PORTS, len(_BASE_PORTS)):
        if all(engines.is_free(first + place) for place in range(len(_PORTS))):
            return first
    raise HouseError(f"No {len(_PORTS)} free ports in a row were found from {_BASE_PORTS.start} on.")


def secrets_of(text: str, read: Callable[[str], Secrets] = Secrets.read) -> Secrets:
    """The secrets in `text`. Raises `HouseError`."""
    try:
        return read(text)
    except WeakSecret as fault:
        raise HouseError(f"SATUATAP_SECRET: {fault}. No service takes it as it is.") from None


def _check_ports(base_port: int) -> None:
    for place, name in enumerate(_PORTS):
        if not engines.is_free(base_port + place):
            raise HouseError(
                f"Port {base_port + place} ({name}) is in use. Choose others with --base-port, "
                f"which takes {len(_PORTS)} ports from there on."
            )


@dataclass(frozen=True, slots=True)
class _Engines:
    """The addresses of the engines: `database_url` with the services' login, `owner_url` with that of the owner."""

    database_url: str
    owner_url: str
    redis_url: str


async def _engines(folder: Path, kept: HouseSecrets, supervisor: Supervisor, given: Mapping[str, str]) -> _Engines:
    """Those given, or our own, started. The services' login has another password at each start."""
    database_url, redis_url = engine_url.url_in("DATABASE", given), engine_url.url_in("REDIS", given)
    children = []
    if database_url:
        owner_url = engine_url.url_in("DATABASE_OWNER", given) or database_url
    elif _OWNER in given:
        raise HouseError(f"{_OWNER} is set, and DATABASE_URL is not: set both, or neither.")
    else:
        port, password = engines.free_port(), secrets.token_hex(16)
        database_url = engines.postgres_url(port, password, login=engines.SERVICES_LOGIN)
        owner_url = engines.postgres_url(port, kept.postgres_password)
        children.append(
            engines.postgres(folder / "postgres", folder / "log/postgres.log", port, kept.postgres_password)
        )
    if not redis_url:
        port = engines.free_port()
        redis_url = engines.valkey_url(port, kept.valkey_password)
        children.append(engines.valkey(folder / "valkey", folder / "log/valkey.log", port, kept.valkey_password))
    if children:
        await supervisor.start(*children)
    return _Engines(database_url, owner_url, redis_url)


async def _keep_integration_key(database_url: str, kept: HouseSecrets) -> None:
    engine = command_engine(database_url)
    async with AsyncSession(engine) as session, session.begin():
        async for holder in each_in_its_role(session, HOLDERS):
            await save_key(
                session,
                holder,
                key_id=kept.integration_key_id,
                name="local",
                secret_hash=kept.integration_key_hash,
                scopes=SCOPES,
                now=utcnow(),
            )
    await engine.dispose()


def _environment(folder: Path, base_port: int, at: _Engines, secret: str, given: Mapping[str, str]) -> dict[str, str]:
    """What the services are told: what is given, and for the rest what the house chooses."""
    mail = {
        "NOTIFY_SMTP_HOST": _HOST,
        "NOTIFY_SMTP_PORT": str(base_port + SMTP_PLACE),
        "NOTIFY_SMTP_TLS": "none",
    }
    sms = {"NOTIFY_SMS_URL": f"http://{_HOST}:{base_port + SANDBOX_PLACE}", "NOTIFY_SMS_API_KEY": "sandbox"}
    return {
        "SATUATAP_SECRET": secret,
        "SATUATAP_INSTANCE": "local",
        "SATUATAP_PUBLIC_REQUESTS_PER_MINUTE": "60000",  # everybody on one machine shares one address
        # nobody's own mail server is spoken to without TLS, or his gateway with our key, because the sandbox is
        **({} if "NOTIFY_SMTP_HOST" in given else mail),
        **({} if "NOTIFY_SMS_URL" in given else sms),
        "NOTIFY_MAIL_FROM": "Satu Atap <layanan@satuatap.example>",
        "SURVEY_INDEX_PUBLIC_URL": f"http://{_HOST}:{base_port + SERVICES.index('survey_index')}",
        "INTAKE_PUBLIC_URL": f"http://{_HOST}:{base_port + SERVICES.index('intake')}",
        "TICKETS_INTAKE_URL": f"http://{_HOST}:{base_port + SERVICES.index('intake')}",
        **dict.fromkeys(
            ("NOTIFY_CASES_URL", "INTAKE_CASES_URL"), f"http://{_HOST}:{base_port + SERVICES.index('tickets')}"
        ),
        "INTAKE_SMTP_PORT": str(base_port + MAIL_PLACE),
        "INTAKE_ATTACHMENTS_DIR": str(folder / "attachments"),
        "PYTHONUNBUFFERED": "1",
        **{variable: _made_up(secret, name) for name, variable in _HOOKS.items()},
        **given,
        # addresses with their passwords in them; and no service has the owner's
        "DATABASE_URL": at.database_url,
        "REDIS_URL": at.redis_url,
        **dict.fromkeys(("DATABASE_PASSWORD", "REDIS_PASSWORD", _OWNER, "DATABASE_OWNER_PASSWORD"), ""),
    }


def _made_up(secret: str, name: str) -> str:
    """A secret of this house for those who call it: the same at each start."""
    return Secrets.read(secret).key(f"house {name}").hex()


def _service(name: str, folder: Path, port: int, environment: Mapping[str, str]) -> Child:
    async def ready() -> bool:
        """It lives. One whose stream waits for a release or a person is not ready, but a new start mends nothing."""
        return await _ok(f"http://{_HOST}:{port}/livez")

    return Child(
        name=name,
        command=[sys.executable, "-m", "services", "run", name, "--host", _HOST, "--port", str(port)],
        log=folder / f"log/{name}.log",
        ready=ready,
        environment=environment,
        before_exec=before_exec(None),
    )


def _sandbox(folder: Path, base_port: int, environment: Mapping[str, str]) -> Child:
    smtp, http = base_port + SMTP_PLACE, base_port + SANDBOX_PLACE

    async def ready() -> bool:
        return await engines.answers(_HOST, smtp) and await _ok(f"http://{_HOST}:{http}/livez")

    return Child(
        name="sandbox",
        patience_seconds=3,
        command=[
            sys.executable,
            "-m",
            "services",
            "sandbox",
            "--host",
            _HOST,
            "--smtp-port",
            str(smtp),
            "--http-port",
            str(http),
            "--folder",
            str(folder / "sandbox"),
        ],
        log=folder / "log/sandbox.log",
        tier=1,
        ready=ready,
        environment=environment,
        before_exec=before_exec(None),
    )


async def _ok(url: str) -> bool:
    async with httpx.AsyncClient(timeout=3, trust_env=False) as client:
        with suppress(httpx.HTTPError):
            return (await client.get(url)).is_success
    return False


def _credentials(base_port: int, at: _Engines, kept: HouseSecrets, environment: Mapping[str, str]) -> Credentials:
    urls = {f"{name}_url": f"http://{_HOST}:{base_port + place}" for place, name in enumerate(SERVICES)}
    staff = StaffTokens(Secrets.read(environment["SATUATAP_SECRET"])).issue("local", ROLES, utcnow(), _TOKEN_LIFETIME)
    return Credentials(
        integration_key=kept.integration_key,
        staff_token=staff,
        sandbox_url=f"http://{_HOST}:{base_port + SANDBOX_PLACE}",
        smtp_host=_HOST,
        smtp_port=base_port + SMTP_PLACE,
        mail_host=_HOST,
        mail_port=int(environment["INTAKE_SMTP_PORT"]),
        database_url=at.database_url,
        database_owner_url=at.owner_url,
        redis_url=at.redis_url,
        hooks={name: environment[variable] for name, variable in _HOOKS.items()},
        **urls,
    )


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Writes a file of which a reader sees all or nothing, readable by its owner only."""
    draft = file.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream, indent=2)
        stream.write("\n")
    draft.replace(file)
