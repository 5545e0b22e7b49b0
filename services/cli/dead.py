"""Dead letters: what could not be handled, with its reason, and the way back; and the replay of what was published."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from migrations import SERVICES
from services.cli.where import DEFAULT_FOLDER, DataDir, redis_url, transaction
from shared import outbox
from shared.broker import ask, connect
from shared.clock import utcnow
from shared.events import STREAMS

app = typer.Typer(help="Events that could not be handled.", no_args_is_help=True)
_ID_WIDTH = 36
_FIELDS = "id, stream, entry_id, event_id, event_type, correlation_id, handler, reason, failures, died_at, replayed_at"


@app.command("list")
def list_(
    replayed: Annotated[bool, typer.Option("--all", help="Those that were replayed, too")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Shows what waits for a person."""

    async def load() -> Table:
        table = Table(box=None)
        table.add_column("id", no_wrap=True, min_width=_ID_WIDTH)
        table.add_column("what became of it", overflow="fold")
        async with transaction(data_dir) as session:
            for service in SERVICES:
                for row in await _letters(session, service, "" if replayed else "WHERE replayed_at IS NULL"):
                    kind = row.event_type or "an unreadable entry"
                    times = "once" if row.failures == 1 else f"{row.failures} times"
                    told = f"{service} failed {times} at {kind} ({row.handler}): {row.reason}; {_moment(row.died_at)}"
                    back = f"; put back at {_moment(row.replayed_at)}" if row.replayed_at else ""
                    table.add_row(str(row.id), escape(told + back))
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
        async with transaction(data_dir) as session:
            service, row = await _find(session, letter_id)
            content = await session.scalar(
                text(f"SELECT payload FROM {service}.dead_letters WHERE id = :id"),
                {"id": row.id},
            )
        return {"service": service, **dict(row._mapping), **({"payload": content} if payload else {})}

    for name, value in asyncio.run(load()).items():
        typer.echo(f"{name:>15}  {value if value is not None else ''}")


@app.command("replay")
def replay_letter(
    letter_id: Annotated[str, typer.Argument(help="An id, or `all`")], data_dir: DataDir = DEFAULT_FOLDER
) -> None:
    """Puts a dead letter back on its stream. Whoever handled the event before will not do it twice."""

    async def back() -> int:
        redis = connect(redis_url(data_dir))
        try:
            async with transaction(data_dir) as session:
                if letter_id == "all":
                    letters = [
                        (service, row)
                        for service in SERVICES
                        for row in await _letters(session, service, "WHERE replayed_at IS NULL")
                    ]
                else:
                    letters = [await _find(session, letter_id)]
                    if letters[0][1].replayed_at is not None:
                        raise typer.BadParameter(f"{letter_id} was put back at {_moment(letters[0][1].replayed_at)}.")
                for service, row in letters:
                    content = await session.scalar(
                        text(f"SELECT payload FROM {service}.dead_letters WHERE id = :id FOR UPDATE"),
                        {"id": row.id},
                    )
                    await ask(redis.xadd(STREAMS[row.stream].key, {"event": content}))
                    await session.execute(
                        text(f"UPDATE {service}.dead_letters SET replayed_at = :now WHERE id = :id"),
                        {"id": row.id, "now": utcnow()},
                    )
                return len(letters)
        finally:
            await redis.aclose()

    typer.echo(f"{asyncio.run(back())} put back.")


def replay(
    since: Annotated[datetime, typer.Option(help="UTC unless a zone is given, as 2026-11-21T08:00:00")],
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Publishes again what was published since a moment. Readers that had it do nothing."""
    moment = since if since.tzinfo else since.replace(tzinfo=UTC)

    async def again() -> dict[str, int]:
        async with transaction(data_dir) as session:
            return {service: await outbox.replay_since(session, service, moment) for service in SERVICES}

    for service, count in asyncio.run(again()).items():
        typer.echo(f"{service}: {count} events will be published again")


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}Z"


async def _letters(session: AsyncSession, service: str, where: str) -> list[Row[Any]]:
    result = await session.execute(text(f"SELECT {_FIELDS} FROM {service}.dead_letters {where} ORDER BY died_at"))
    return list(result.all())


async def _find(session: AsyncSession, letter_id: str) -> tuple[str, Row[Any]]:
    for service in SERVICES:
        result = await session.execute(
            text(f"SELECT {_FIELDS} FROM {service}.dead_letters WHERE CAST(id AS text) = :id"),
            {"id": letter_id},
        )
        row = result.one_or_none()
        if row:
            return service, row
    raise typer.BadParameter(f"there is no dead letter {letter_id}")
