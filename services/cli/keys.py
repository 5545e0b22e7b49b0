"""API keys for integrations, and tokens for staff."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.cli.where import DEFAULT_FOLDER, DataDir, secrets, transaction
from shared.addresses import origin as origin_of
from shared.auth import ROLES, SCOPES, WIDGET, StaffTokens, Widget, new_api_key
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.keystore import HOLDERS, list_keys, revoke_key, save_key
from shared.visibility import EVERYTHING, Visibility

app = typer.Typer(help="API keys of integrations.", no_args_is_help=True)

_CHATS_PER_MINUTE = 300
"""That a widget's key opens, unless something else is said."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as `crm`")],
    scope: Annotated[list[str] | None, typer.Option(help=f"Any of: {', '.join(SCOPES)}; all if left out")] = None,
    widget: Annotated[
        bool, typer.Option("--widget", help="A key for a page, where everybody can read it: it opens chats, no more")
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="From which pages a widget may use it, such as https://www.contoh.go.id; may be repeated"),
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option(min=1, help=f"How many chats a widget may open; {_CHATS_PER_MINUTE} if left out")
    ] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Makes a key and shows it once; only its hash is kept."""
    if not name.strip():
        raise typer.BadParameter("A key has a name, so that it can be told from others.")
    bound = _widget(scope, origin, per_minute) if widget else None
    if not widget and (origin or per_minute):
        raise typer.BadParameter("--origin and --per-minute bind a widget's key: say --widget, too.")
    scopes = [WIDGET] if widget else scope or list(SCOPES)
    unknown = sorted(set(scope or ()) - set(SCOPES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not a scope; there are: {', '.join(SCOPES)}")
    key, key_id, key_hash = new_api_key()

    async def save() -> None:
        async with transaction(data_dir) as session:
            async for holder in each_in_its_role(session, HOLDERS):
                await save_key(
                    session,
                    holder,
                    key_id=key_id,
                    name=name,
                    secret_hash=key_hash,
                    scopes=scopes,
                    widget=bound,
                    now=utcnow(),
                )

    asyncio.run(save())
    typer.echo(key)


def _widget(scope: Sequence[str] | None, origins: Sequence[str] | None, per_minute: int | None) -> Widget:
    if scope:
        raise typer.BadParameter(f"A widget's key has one scope, {WIDGET}: leave --scope out.")
    if not origins:
        raise typer.BadParameter("A widget's key is bound to its pages: name them with --origin.")
    try:
        return Widget(frozenset(map(origin_of, origins)), per_minute or _CHATS_PER_MINUTE)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.command("list")
def list_(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows every key, without its secret."""

    async def load() -> Table:
        table = Table("id", "name", "scopes", "from pages of", "chats a minute", "created", "revoked")
        async with transaction(data_dir) as session:
            async for holder in each_in_its_role(session, HOLDERS[:1]):
                for row in await list_keys(session, holder):
                    table.add_row(
                        row.key_id,
                        row.name,
                        ", ".join(row.scopes),
                        ", ".join(row.origins),
                        str(row.chats_per_minute or ""),
                        f"{row.created_at:%Y-%m-%d %H:%M}",
                        f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else "",
                    )
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
    unit: Annotated[
        list[str] | None, typer.Option(help="The slug of a unit whose cases alone are seen; of every unit if left out")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 31)] = 12,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Signs a staff token and prints it."""
    sees = Visibility(frozenset(unit)) if unit else EVERYTHING
    roles = [known for known in ROLES if known in role]
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not a role; there are: {', '.join(ROLES)}")
    typer.echo(StaffTokens(secrets(data_dir)).issue(subject, roles, utcnow(), timedelta(hours=hours), sees))
