"""What could not be handled, with its reason, and what a person may decide of it; and the replay of what was published.

Nothing here touches Redis: a decision is a row in PostgreSQL, and the reader that it is for acts on it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from migrations import SERVICES
from services.cli.where import DEFAULT_FOLDER, DataDir, transaction
from services.cli.where import me as _me
from shared import outbox
from shared.clock import utcnow
from shared.consumer import dead
from shared.db import each_in_its_role

app = typer.Typer(help="Events that could not be handled.", no_args_is_help=True)
_ID_WIDTH = 36
Reason = Annotated[str, typer.Option("--reason", help="Why: it is kept with your name")]


@app.command("list")
def list_(
    ended: Annotated[bool, typer.Option("--all", help="Those that were replayed or discarded, too")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Shows what waits for a person: events at which a stream stands, then dead letters."""

    async def load() -> Table:
        table = Table(box=None)
        table.add_column("id", no_wrap=True, min_width=_ID_WIDTH)
        table.add_column("what became of it", overflow="fold")
        async with transaction(data_dir) as session:
            async for service in each_in_its_role(session, SERVICES):
                for row in await dead.list_stops(session, service):
                    table.add_row(str(row.event_id), escape(_stop(service, row)))
            async for service in each_in_its_role(session, SERVICES):
                for row in await dead.list_letters(session, service, ended_too=ended):
                    table.add_row(str(row.id), escape(_letter(service, row)))
        return table

    console = Console()
    console.print(asyncio.run(load()))


@app.command("show")
def show(
    letter_id: str,
    payload: Annotated[bool, typer.Option("--payload", help="The entry itself: it may hold personal data")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Shows one dead letter; its content only when asked for."""

    async def load() -> dict[str, Any]:
        async with _letter_of(data_dir, letter_id) as (session, service, row):
            content = await dead.payload_of(session, service, row.id)
        return {"service": service, **dict(row._mapping), **({"payload": content} if payload else {})}

    for name, value in asyncio.run(load()).items():
        typer.echo(f"{name:>15}  {value if value is not None else ''}")


@app.command("replay")
def replay_letter(
    letter_id: Annotated[str, typer.Argument(help="An id, or `all`")], data_dir: DataDir = DEFAULT_FOLDER
) -> None:
    """Asks the service that could not handle an event to handle it again. No other service sees it twice."""

    async def back() -> int:
        if letter_id != "all":
            async with _letter_of(data_dir, letter_id) as (session, service, row):
                _check_open(row)
                return await _ask_back(session, service, [row.id])
        async with transaction(data_dir) as session:
            return sum(
                [
                    await _ask_back(session, service, [row.id for row in await dead.list_letters(session, service)])
                    async for service in each_in_its_role(session, SERVICES)
                ]
            )

    typer.echo(f"{asyncio.run(back())} put back. Once handled, which takes seconds, `dead list` shows it no more.")


@app.command("discard")
def discard(letter_id: str, reason: Reason, data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Ends a dead letter without handling it."""

    async def end() -> None:
        async with _letter_of(data_dir, letter_id) as (session, service, row):
            _check_open(row)
            await dead.discard(session, service, row.id, by=_me(), reason=reason, now=utcnow())

    _say_why(reason)
    asyncio.run(end())
    typer.echo("Discarded. `dead list --all` still shows it.")


@app.command("skip")
def skip(event_id: str, reason: Reason, data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Lets a stream go on past the event at which it stands, which becomes a dead letter."""

    async def decide() -> int:
        async with transaction(data_dir) as session:
            at_each = [
                await dead.skip(session, service, event_id, by=_me(), reason=reason, now=utcnow())
                async for service in each_in_its_role(session, SERVICES)
            ]
        return sum(at_each)

    _say_why(reason)
    if not asyncio.run(decide()):
        raise typer.BadParameter(f"no stream stands at an event {event_id}: see `dead list`")
    typer.echo("Skipped: the stream goes on, and the event is among the dead letters.")


def replay(
    since: Annotated[datetime, typer.Option(help="UTC unless a zone is given, as 2026-11-21T08:00:00")],
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Publishes again what was published since a moment. Readers that had it do nothing."""
    moment = since if since.tzinfo else since.replace(tzinfo=UTC)

    async def again() -> dict[str, int]:
        async with transaction(data_dir) as session:
            return {
                service: await outbox.replay_since(session, service, moment)
                async for service in each_in_its_role(session, SERVICES)
            }

    for service, count in asyncio.run(again()).items():
        typer.echo(f"{service}: {count} events will be published again")


def _letter(service: str, row: Row[Any]) -> str:
    kind = row.event_type or "an unreadable entry"
    times = "once" if row.failures == 1 else f"{row.failures} times"
    told = [f"{service} failed {times} at {kind} ({row.handler}): {row.reason}; {_moment(row.died_at)}"]
    if row.replayed_at:
        told.append(f"handled at {_moment(row.replayed_at)}")
    elif row.discarded_at:
        told.append(f"discarded by {row.discarded_by} at {_moment(row.discarded_at)}: {row.discard_reason}")
    elif row.replay_asked_at:
        told.append(f"asked back by {row.replay_asked_by} at {_moment(row.replay_asked_at)}")
    return "; ".join(told)


def _check_open(row: Row[Any]) -> None:
    ended = row.replayed_at or row.discarded_at
    if ended:
        how = "was handled" if row.replayed_at else "was discarded"
        raise typer.BadParameter(f"{row.id} {how} at {_moment(ended)}: nothing is left to decide")


def _stop(service: str, row: Row[Any]) -> str:
    since = _moment(row.stopped_at)
    return f"{service} waits at this {row.event_type} of the stream {row.stream}: {row.reason}; since {since}"


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")


async def _ask_back(session: AsyncSession, service: str, ids: list[UUID]) -> int:
    return await dead.ask_back(session, service, ids, by=_me(), now=utcnow())


@asynccontextmanager
async def _letter_of(folder: DataDir, letter_id: str) -> AsyncIterator[tuple[AsyncSession, str, Row[Any]]]:
    """The letter of this id with its service, held until the block ends."""
    async with transaction(folder) as session:
        async for service in each_in_its_role(session, SERVICES):
            row = await dead.find_letter(session, service, letter_id)
            if row is not None:
                yield session, service, row
                return
        raise typer.BadParameter(f"there is no dead letter {letter_id}")
