"""Staff tokens that shall no longer work."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migrations import SERVICES
from services.cli.where import DEFAULT_FOLDER, DataDir, me, transaction
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.revocations import EVERYBODY, list_revocations, revoke_tokens

app = typer.Typer(help="Staff tokens that shall no longer work.", no_args_is_help=True)


@app.command("revoke")
def revoke(
    subject: Annotated[str | None, typer.Option(help="Whose tokens, as they were made with `token --subject`")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="The tokens of everybody")] = False,
    before: Annotated[
        datetime | None, typer.Option(help="Those made before then; UTC unless a zone is given. Now, if left out")
    ] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Ends staff tokens. Services may honour them for ten more seconds; tokens made afterwards work."""
    if bool(subject) == everybody:
        raise typer.BadParameter("say whose tokens: --subject SUBJECT, or --all")
    now = utcnow()
    given = before or now
    moment = given if given.tzinfo else given.replace(tzinfo=UTC)
    if moment > now:
        raise typer.BadParameter("it lies in the future, and would end tokens not made yet", param_hint="--before")

    async def end() -> None:
        async with transaction(data_dir) as session:
            async for service in each_in_its_role(session, SERVICES):
                await revoke_tokens(session, service, subject or EVERYBODY, before=moment, by=me(), now=now)

    asyncio.run(end())
    whose = "everybody" if everybody else subject
    typer.echo(f"The tokens of {whose} made before {_second(moment)} are revoked.")


@app.command("list")
def list_(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows whose tokens were revoked, and by whom."""

    async def load() -> Table:
        table = Table("whose", "made before", "by", "at", box=None)
        async with transaction(data_dir) as session:
            async for service in each_in_its_role(session, SERVICES[:1]):
                for row in await list_revocations(session, service):
                    whose = row.subject if row.subject != EVERYBODY else "everybody"
                    by, made, at = escape(row.revoked_by), _second(row.issued_before), _second(row.revoked_at)
                    table.add_row(escape(whose), made, by, at)
        return table

    Console().print(asyncio.run(load()))


def _second(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
