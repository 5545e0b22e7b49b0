"""One process each, for containers: a service, the sandbox, the migrations."""

import asyncio
import os
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from migrations import upgrade
from shared import crash, telemetry
from shared.crowd import ConnectionLimits
from shared.db import usable_database
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
    from services.sandbox import (  # its mail server is not installed where services run for real
        SandboxPorts,
        serve,
    )

    uvloop.run(serve(folder, SandboxPorts(host, smtp_port, http_port)))


def migrate() -> None:
    """Brings the database of DATABASE_URL to the newest version."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise Misconfigured("DATABASE_URL is not set: it names the database to migrate.")
    console = Console()
    with usable_database():
        asyncio.run(upgrade(url, on_service=lambda name: console.print(f"{name}: up to date")))
