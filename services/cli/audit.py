"""Whether what happened to tickets is still told as it was sealed."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.cli.where import DEFAULT_FOLDER, DataDir, transaction
from services.tickets.domain.trails import Broken
from services.tickets.service.trails import verify_trails
from shared.db import each_in_its_role

app = typer.Typer(help="The trails of tickets.", no_args_is_help=True)


@app.callback()
def trails() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command("verify")
def verify(
    ticket: Annotated[UUID | None, typer.Option("--ticket", help="The trail of this ticket alone")] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Recomputes the seal of each row, and names the first that does not fit: then the exit code is 1."""
    counts, first = asyncio.run(_look_through(data_dir, ticket))
    typer.echo(f"{counts['sealed']} rows of {counts['trails']} trails are sealed")
    if counts["before_seals"]:
        typer.echo(f"{counts['before_seals']} are from before there were seals: nothing is known of them")
    if counts["without_seal"]:
        typer.echo(
            f"{counts['without_seal']} were written without a seal between sealed ones: by a process of an older"
            " release, or by nobody of this system"
        )
    if ticket is not None and not counts["trails"]:
        typer.echo("There is no such ticket.")
        raise typer.Exit(1)
    if first is None:
        typer.echo("every seal fits")
        return
    at = f"in version {first.version}" if first.version is not None else "as a whole"
    typer.echo(f"BROKEN: ticket {first.ticket_id} {at}: {first.what}")
    if counts["broken"] > 1:
        typer.echo(f"{counts['broken']} trails are broken; this is the first")
    raise typer.Exit(1)


async def _look_through(data_dir: Path, ticket: UUID | None) -> tuple[Counter[str], Broken | None]:
    """How many there are of each kind, and the first broken link."""
    counts: Counter[str] = Counter()
    first: Broken | None = None
    async with transaction(data_dir) as session:
        async for _ in each_in_its_role(session, ["tickets"]):
            async for trail in verify_trails(session, ticket):
                counts.update(
                    trails=1,
                    sealed=trail.sealed,
                    before_seals=trail.before_seals,
                    without_seal=trail.without_seal,
                    broken=trail.broken is not None,
                )
                first = first or trail.broken
    return counts, first
