"""API keys for integrations, and tokens for staff."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import Row

from services.cli.where import DEFAULT_FOLDER, DataDir, secrets, transaction
from shared.addresses import origin as origin_of
from shared.api_keys import new_api_key
from shared.caller import CHANNELS, ROLES, SCOPES, WIDGET, Widget
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.keystore import HOLDERS, list_keys, revoke_key, rotate_key, save_key
from shared.staff_tokens import StaffTokens
from shared.visibility import EVERYTHING, Visibility

app = typer.Typer(help="API keys of integrations.", no_args_is_help=True)

_CHATS_PER_MINUTE = 300
"""That a widget's key opens, unless something else is said."""
_OLD_LASTS_HOURS = 24
_OLD_LASTS_AT_MOST = timedelta(days=31)


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
    channel: Annotated[
        list[str] | None, typer.Option(help=f"To be for these alone, of: {', '.join(CHANNELS)}; all if left out")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="More are refused with 429; as many as come if left out")
    ] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Makes a key and shows it once; only its hash is kept."""
    if not name.strip():
        raise typer.BadParameter("A key has a name, so that it can be told from others.")
    bound = _widget(scope, origin, per_minute) if widget else None
    if widget and (channel or requests_per_minute):
        raise typer.BadParameter("A widget's key is for chats, and --per-minute is its limit.")
    if not widget and (origin or per_minute):
        raise typer.BadParameter("--origin and --per-minute bind a widget's key: say --widget, too.")
    scopes = [WIDGET] if widget else scope or list(SCOPES)
    _check_words("a scope", scope, SCOPES)
    _check_words("a channel of keys", channel, CHANNELS)
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
                    channels=channel,
                    per_minute=requests_per_minute,
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


def _check_words(kind: str, given: Sequence[str] | None, words: Sequence[str]) -> None:
    unknown = sorted(set(given or ()) - set(words))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not {kind}; there are: {', '.join(words)}")


@app.command("list")
def list_(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows every key, without its secret. `old secret` is the one before a rotation, and until when it works."""

    async def load() -> list[Row[Any]]:
        async with transaction(data_dir) as session:
            return [
                row async for holder in each_in_its_role(session, HOLDERS) for row in await list_keys(session, holder)
            ]

    rows: dict[str, list[Row[Any]]] = {}
    for row in asyncio.run(load()):
        rows.setdefault(row.key_id, []).append(row)
    table = Table(
        Column("id", no_wrap=True), "name", "may", "a minute", "created", "last used", "old secret", "revoked"
    )
    for held in rows.values():
        key = held[0]
        table.add_row(
            key.key_id,
            key.name,
            _bounds(key),
            _limit(key),
            _moment(key.created_at),
            _moment(_latest(row.used_at for row in held)),
            _old_secret(key.old_until, _latest(row.old_used_at for row in held)),
            _moment(key.revoked_at),
        )
    Console().print(table)


def _bounds(key: Row[Any]) -> str:
    """What a key may, for which channels, and from which pages."""
    lines = [", ".join(key.scopes)]
    lines += [f"for {', '.join(key.channels)}"] if key.channels else []
    lines += [f"from {', '.join(key.origins)}"] if key.origins else []
    return "\n".join(lines)


def _limit(key: Row[Any]) -> str:
    if key.chats_per_minute:
        return f"{key.chats_per_minute} chats"
    return f"{key.requests_per_minute} requests" if key.requests_per_minute else ""


def _old_secret(until: datetime | None, used_at: datetime | None) -> str:
    if until is None:
        return ""
    return f"until {_moment(until)}\n" + (f"last used {_moment(used_at)}" if used_at else "not used")


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _old_until(now: datetime, hours: int | None, until: datetime | None) -> datetime:
    if until is None:
        return now + timedelta(hours=_OLD_LASTS_HOURS if hours is None else hours)
    if hours is not None:
        raise typer.BadParameter("--hours and --until say the same: leave one of them out.")
    if until.replace(tzinfo=UTC) - now > _OLD_LASTS_AT_MOST:
        raise typer.BadParameter(f"An old secret works for {_OLD_LASTS_AT_MOST.days} days at the most.")
    return until.replace(tzinfo=UTC)


@app.command("rotate")
def rotate(
    name: Annotated[str, typer.Argument(help="The name of the key, or its id")],
    hours: Annotated[
        int | None,
        typer.Option(min=0, max=24 * 31, help=f"How long the old secret works; {_OLD_LASTS_HOURS} if left out"),
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Or the moment until which it works, in UTC")] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Gives a key a new secret and shows it once. The old one works on for a while; one from before that does not."""
    old_until = _old_until(utcnow(), hours, until)

    async def change() -> str:
        async with transaction(data_dir) as session:
            found: set[str] = set()
            async for holder in each_in_its_role(session, HOLDERS):
                keys = [row for row in await list_keys(session, holder) if row.revoked_at is None]
                found |= {row.key_id for row in keys if name in (row.key_id, row.name)}
            if len(found) != 1:
                which = "There is no key" if not found else f"There are {len(found)} keys; say the id, not the name:"
                raise typer.BadParameter(f"{which} {name} that still works.")
            key, key_id, key_hash = new_api_key(found.pop())
            async for holder in each_in_its_role(session, HOLDERS):
                await rotate_key(session, holder, key_id, key_hash, old_until=old_until)
            return key

    typer.echo(asyncio.run(change()))


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
    """Signs a staff token and prints it. No service takes it where SATUATAP_LOCAL_TOKENS is false."""
    sees = Visibility(frozenset(unit)) if unit else EVERYTHING
    roles = [known for known in ROLES if known in role]
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not a role; there are: {', '.join(ROLES)}")
    typer.echo(StaffTokens(secrets(data_dir)).issue(subject, roles, utcnow(), timedelta(hours=hours), sees))
