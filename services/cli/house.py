"""The whole house on this machine: `up` stays, `demo` shows what it does and leaves."""

import asyncio
import errno
import io
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.run import settings_in
from services.cli.where import DEFAULT_FOLDER
from services.demo import story
from services.local.house import Credentials, HouseError, house
from services.local.supervisor import CannotBeKeptAlive, describe, first_of

BasePort = Annotated[int, typer.Option(min=1024, max=65_000, help="The first of seven ports")]


def up(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept; made if it is not there")] = DEFAULT_FOLDER,
    base_port: BasePort = 8000,
) -> None:
    """Starts everything and stays until Ctrl-C or SIGTERM."""
    asyncio.run(_up(data_dir, base_port))


async def _up(folder: Path, base_port: int) -> None:
    console = Console(file=_output(), soft_wrap=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    running = asyncio.current_task()
    assert running is not None  # noqa: S101 - we are in one

    def end() -> None:
        stop.set()
        if not started:
            tidy_undisturbed()
            running.cancel()

    def tidy_undisturbed() -> None:
        """Who is told twice to end ends once, in order."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    started = False
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    given = settings_in(os.environ)
    for name in given:
        console.print(f"{name} is taken from the environment.")
    console.print("Starting the engines, the sandbox and the four services …")
    try:
        async with house(folder, base_port, say=console.print, given=given) as home:
            started = True
            console.print(_table(home.credentials))
            console.print(f"Keys and tokens: {folder}/credentials.json    logs: {folder}/log/    Ctrl-C ends it.")
            stopped = asyncio.create_task(stop.wait())
            await first_of(stopped, home.supervisor.failed)
            if home.supervisor.failed.done():
                raise CannotBeKeptAlive(describe(home.supervisor.failed.result()))
            started = False
            console.print("Draining and stopping …")
            tidy_undisturbed()
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise HouseError(f"There is no room in {folder}. Make some, and start it again.") from None
    console.print("Stopped.")


class _Output(io.RawIOBase):
    """A descriptor for what is only said: what cannot be written there is lost, and ends nothing."""

    name = "what is said"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        rest = memoryview(data).cast("B")
        length = len(rest)
        with suppress(OSError):
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        return length


def _output() -> io.TextIOWrapper:
    """Standard output, for a house that goes on although it is a full device, or nobody reads there any longer."""
    return io.TextIOWrapper(
        _Output(sys.stdout.fileno()), encoding=sys.stdout.encoding, errors=sys.stdout.errors, write_through=True
    )


def _table(credentials: Credentials) -> Table:
    table = Table(title="Satu Atap is up", title_justify="left")
    table.add_column("what")
    table.add_column("where", no_wrap=True)
    table.add_column("for", no_wrap=True)
    docs = "API documentation at /docs"
    table.add_row("intake", credentials.intake_url, docs)
    table.add_row("tickets", credentials.tickets_url, docs)
    table.add_row("survey_index", credentials.survey_index_url, docs)
    table.add_row("notify", credentials.notify_url, docs)
    table.add_row("sandbox", f"{credentials.sandbox_url}/messages", "what citizens received")
    table.add_row("sandbox SMTP", f"{credentials.smtp_host}:{credentials.smtp_port}", "mail is caught here")
    table.add_row("intake SMTP", f"{credentials.mail_host}:{credentials.mail_port}", "mail to us comes in here")
    return table


def demo(
    complaints: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A CSV file with a column `text`")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the story")] = False,
) -> None:
    """Plays one complaint all the way through, on real engines, in a directory of its own, and cleans up."""
    console = Console(stderr=as_json, soft_wrap=False)
    told = asyncio.run(story.play(complaints, console))
    if as_json:
        typer.echo(json.dumps(told.as_dict(), ensure_ascii=False, indent=2))
    else:
        story.tell(told, console)
