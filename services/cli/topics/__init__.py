"""`satuatap topics`: learns from examples what complaints are about, and puts what was learned to work."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from services.cli.topics.examples import examples_in
from services.cli.topics.report import Report, measured, shown
from services.cli.where import DEFAULT_FOLDER, DataDir, me, transaction
from services.tickets.domain.topics import LinearModel
from services.tickets.service import topic_models
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.errors import Refusal

app = typer.Typer(help="What complaints are about, learned from examples.", no_args_is_help=True)
_TICKETS = ("tickets",)


@app.command("train")
def train(
    file: Annotated[Path, typer.Argument(help="A CSV file with a row of names")],
    text: Annotated[str, typer.Option(help="The column with what people wrote")] = "text",
    label: Annotated[str, typer.Option(help="The column with what it was about: the slug of a topic")] = "topic",
    time: Annotated[str | None, typer.Option(help="The column with when, by which the newest are held out")] = None,
    hold_out_from: Annotated[
        datetime | None, typer.Option(help="Held out from then on; the newest fifth if left out")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the model in the installation, not yet active")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Learns from the older examples and shows how well it does on the newer ones, of which it has seen nothing."""
    examples = examples_in(file, text=text, label=label, time=time, hold_out_from=hold_out_from)
    model, report = measured(examples, by=me(), now=utcnow())
    shown(report, Console())
    if keep:
        version = asyncio.run(_keep(model, report, data_dir))
        typer.echo(f"Kept as version {version}. `satuatap topics activate {version}` has it asked.")


@app.command("models")
def models(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows every model that is kept, and which of them is active."""

    async def load() -> Table:
        table = Table("version", "trained", "by", "topics", "right of held out", "active")
        async with transaction(data_dir) as session:
            async for _ in each_in_its_role(session, _TICKETS):
                for model in await topic_models.list_models(session):
                    right = f"{model.report.get('right')} of {model.report.get('held_out')}"
                    when = f"{model.trained_at:%Y-%m-%d %H:%M}"
                    active = "active" if model.is_active else ""
                    table.add_row(str(model.version), when, model.trained_by, str(len(model.labels)), right, active)
        return table

    console = Console()
    console.print(asyncio.run(load()))


@app.command("activate")
def activate(
    version: Annotated[int | None, typer.Argument(help="The version; no model at all with --none", min=1)] = None,
    none: Annotated[bool, typer.Option("--none", help="Have phrases alone choose")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Has a model asked beside the phrases, within ten seconds, instead of any other."""
    if (version is None) is not none:
        raise typer.BadParameter("Say either the version of a model, or --none.")

    async def change() -> None:
        async with transaction(data_dir) as session:
            async for _ in each_in_its_role(session, _TICKETS):
                await _activate(session, version)

    asyncio.run(change())
    typer.echo("No model is asked any more." if version is None else f"Version {version} is asked.")


async def _activate(session: AsyncSession, version: int | None) -> None:
    if version is None:
        await topic_models.deactivate(session, by=me(), now=utcnow())
        return
    try:
        await topic_models.activate(session, version, by=me(), now=utcnow())
    except Refusal as refusal:
        told = "; ".join(f"{error.field} {error.message}, expected {error.expected}" for error in refusal.errors)
        raise typer.BadParameter(f"{refusal.detail} ({told})") from None


async def _keep(model: LinearModel, report: Report, folder: Path) -> int:
    async with transaction(folder) as session:
        async for _ in each_in_its_role(session, _TICKETS):
            return await topic_models.keep(session, model, report.as_json(), by=report.trained_by, now=utcnow())
    raise AssertionError  # there is one schema
