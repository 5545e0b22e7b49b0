"""One process each, for containers: a service, the sandbox, the migrations."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from rich.console import Console

from migrations import upgrade
from shared import crash, telemetry
from shared.crowd import ConnectionLimits
from shared.db import usable_database
from shared.engine_url import url_in
from shared.runner import Service, serve
from shared.settings import CommonSettings


class Misconfigured(Exception):
    """The environment does not say what a service needs; the text names each variable."""


class ServiceName(StrEnum):
    intake = "intake"
    tickets = "tickets"
    survey_index = "survey_index"
    notify = "notify"


def settings_of(name: str) -> Any:
    """The class of the settings of a service."""
    words = "".join(word.capitalize() for word in name.split("_"))
    return getattr(import_module(f"services.{name}.settings"), f"{words}Settings")


def settings_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables in `environment` that the services, or their migrations, read. An empty one is not set."""
    owner = {"DATABASE_OWNER_URL", "DATABASE_OWNER_PASSWORD"}
    known = owner.union(variables(CommonSettings), *(variables(settings_of(name)) for name in ServiceName))
    return {name: value for name, value in sorted(environment.items()) if value and name in known}


def variables(settings: type[BaseSettings]) -> dict[str, bool]:
    """Each environment variable that `settings` reads, and whether a service cannot start without it."""
    prefix = str(settings.model_config["env_prefix"])
    return {
        str(field.validation_alias or f"{prefix}{name.upper()}"): field.is_required()
        for name, field in settings.model_fields.items()
    }


def _read(settings: Callable[[], Any], prefix: str) -> Any:
    try:
        return settings()
    except ValidationError as error:
        faults = []
        for detail in error.errors():
            variable = str(detail["loc"][0]) if detail["loc"] else ""
            named = variable if variable.isupper() or not variable else f"{prefix}{variable.upper()}"
            faults.append(": ".join(filter(None, (named, detail["msg"].removeprefix("Value error, ")))))
        raise Misconfigured("The environment is not as it must be: " + "; ".join(faults)) from None


def run(
    service: ServiceName,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
) -> None:
    """Runs one service in the foreground until SIGTERM."""
    name = service.value
    common = _read(CommonSettings, "SATUATAP_")
    own = _read(settings_of(name), f"{name.upper()}_")
    telemetry.configure(name, common.instance, common.log_level)
    crash.arm(common.crash_at)
    build: Callable[..., Service] = import_module(f"services.{name}.main").build

    # a console script has no name, and each process that multiprocessing starts would run it anew to learn its names
    sys.modules["__main__"].__spec__ = find_spec("services.__main__")

    async def main() -> None:
        limits = ConnectionLimits(common.max_connections)
        await serve(build(common, own), host=host, port=port, limits=limits)

    uvloop.run(main())


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    smtp_port: Annotated[int, typer.Option(help="Where mail is caught")] = 8004,
    http_port: Annotated[int, typer.Option(help="Where SMS are caught, and everything is shown")] = 8005,
    folder: Annotated[Path, typer.Option(help="Where what was caught is kept")] = Path(".satuatap/sandbox"),
) -> None:
    """Catches mail and SMS instead of sending them, and shows them at `/messages`."""
    from services.sandbox import SandboxPorts, serve

    uvloop.run(serve(folder, SandboxPorts(host, smtp_port, http_port)))


def migrate() -> None:
    """Brings the database of DATABASE_OWNER_URL to the newest version.

    The login of DATABASE_URL is made there, or given what it needs. Without DATABASE_OWNER_URL it is DATABASE_URL's own
    database and login, for everything.
    """
    services_url = url_in("DATABASE")
    owner_url = url_in("DATABASE_OWNER")
    variable = "DATABASE_OWNER_URL" if owner_url else "DATABASE_URL"
    url = owner_url or services_url
    if not url:
        raise Misconfigured("Neither DATABASE_OWNER_URL nor DATABASE_URL is set: they name the database to migrate.")
    console = Console()
    with usable_database(variable):
        asyncio.run(
            upgrade(
                url,
                services_url=services_url,
                variable=variable,
                on_service=lambda name: console.print(f"{name}: up to date"),
            )
        )
