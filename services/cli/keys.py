"""API keys for integrations, and tokens for staff."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.cli.where import DEFAULT_FOLDER, DataDir, secret, transaction
from shared.auth import ROLES, SCOPES, StaffTokens, new_api_key
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.keystore import HOLDERS, list_keys, revoke_key, save_key

app = typer.Typer(help="API keys of integrations.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as `widget-website`")],
    scope: Annotated[list[str] | None, typer.Option(help=f"Any of: {', '.join(SCOPES)}; all if left out")] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Makes a key and shows it once; only its hash is kept."""
    if not name.strip():
        raise typer.BadParameter("A key has a name, so that it can be told from others.")
    scopes = scope or list(SCOPES)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not a scope; there are: {', '.join(SCOPES)}")
    key, key_id, key_hash = new_api_key()

    async def save() -> None:
        async with transaction(data_dir) as session:
            async for holder in each_in_its_role(session, HOLDERS):
                await save_key(
                    session, holder, key_id=key_id, name=name, secret_hash=key_hash, scopes=scopes, now=utcnow()
                )

    asyncio.run(save())
    typer.echo(key)


@app.command("list")
def list_(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows every key, without its secret."""

    async def load() -> Table:
        table = Table("id", "name", "scopes", "created", "revoked")
        async with transaction(data_dir) as session:
            async for holder in each_in_its_role(session, HOLDERS[:1]):
                for row in await list_keys(session, holder):
                    made = f"{row.created_at:%Y-%m-%d %H:%M}"
                    revoked = f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
                    table.add_row(row.key_id, row.name, ", ".join(row.scopes), made, revoked)
        return table

    Console().print(asyncio.run(load()))


@app.command("revoke")
def revoke(key_id: str, data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Ends a key. Services may honour it for ten more seconds."""

    async def end() -> bool:
        async with transaction(data_dir) as session:
            return any(
                [
                    await revoke_key(session, holder, key_id, utcnow())
                    async for holder in each_in_its_role(session, HOLDERS)
                ]
            )

    if not asyncio.run(end()):
        typer.echo(f"There is no key {key_id} that still works.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The key {key_id} is revoked.")


def token(
    role: Annotated[list[str], typer.Option(help=f"Any of: {', '.join(ROLES)}; may be given several times")],
    subject: Annotated[str, typer.Option(help="Whose token it is: a staff number, not a name")] = "cli",
    hours: Annotated[int, typer.Option(min=1, max=24 * 31)] = 12,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Signs a staff token and prints it."""
    roles = [known for known in ROLES if known in role]
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not a role; there are: {', '.join(ROLES)}")
    typer.echo(StaffTokens(secret(data_dir)).issue(subject, roles, utcnow(), timedelta(hours=hours)))
