"""From one secret to the next: what is still sealed with an older one, and sealing it anew."""

import asyncio
from itertools import groupby

import typer
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from migrations import SERVICES
from services.cli.where import DEFAULT_FOLDER, DataDir, engine, secrets
from shared.reseal import Counts, Place, column, events, numbers, reseal
from shared.seal import Seal
from shared.secret import Secrets

_WRITE_DOWN = {"intake": ("tickets",)}
"""Who keeps the numbers of citizens that a service tells of."""
PLACES = (
    # events first: what is on its way now, and written down meanwhile, is waited for
    *(place for service in SERVICES for place in events(service, _WRITE_DOWN.get(service, ()))),
    column("intake", "contacts", "programme_number_sealed"),
    column("intake", "contacts", "nik_sealed"),
    numbers("intake", "visits", "programme_number_sealed", index="programme_number_index", kind="'programme_number'"),
    numbers("intake", "visits", "nik_sealed", index="nik_index", kind="'nik'"),
    column("intake", "calls", "position_sealed"),
    numbers("tickets", "handles", "sealed", index="blind_index", kind="kind"),
    column("tickets", "tickets", "programme_number_sealed"),
    column("survey_index", "lots", "key_sealed", key="is_only_row", key_type="boolean"),
)
_ENDS_WITH_IT = """\
What an older secret signed ends with it: links to surveys (they are valid for the survey's invitation_days), staff
tokens (31 days at the most), tokens of chats (INTAKE_CHAT_TOKEN_DAYS after the last line). So do the marks by which
nobody is asked again within a survey's recontact_days. Wait for these, or do not, before you take it out."""

app = typer.Typer(help="The secrets of the installation (docs/operations.md).", no_args_is_help=True)


@app.command("rotate")
def rotate(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Seals anew, with the newest secret, what an older one sealed. It may be stopped, and run again, at any time."""
    known = secrets(data_dir, Secrets.read_to_renew)
    found = _go_through(data_dir, Seal(known), look_only=False)
    if found.renewed or found.waiting:
        typer.echo("Run it again until it finds nothing more: what was on its way meanwhile may need it, too.")
    else:
        _say_what_is_left(found, known)


@app.command("check")
def check(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Counts what needs an older secret to be opened, and changes nothing. Exit code 1 if there is anything."""
    known = secrets(data_dir, Secrets.read_to_renew)
    found = _go_through(data_dir, Seal(known), look_only=True)
    if found.renewed or found.waiting:
        typer.echo("An older secret is still needed: `satuatap secrets rotate`.")
        raise typer.Exit(1)
    _say_what_is_left(found, known)


def _say_what_is_left(counts: Counts, secrets: Secrets) -> None:
    if counts.unreadable:
        typer.echo("Put the secret that sealed those at the end of SATUATAP_SECRET: nobody can read them without it.")
        raise typer.Exit(1)
    typer.echo("Nothing needs an older secret to be opened.")
    if len(secrets.values) > 1:
        typer.echo(_ENDS_WITH_IT)


def _go_through(folder: DataDir, seal: Seal, *, look_only: bool) -> Counts:
    async def go() -> Counts:
        every = Counts()
        async with engine(folder) as connected:
            for table, places in groupby(PLACES, key=lambda place: f"{place.schema}.{place.table}"):
                found = Counts()
                for place in places:
                    found.add(await _of_place(connected, place, seal, look_only=look_only))
                every.add(found)
                _say(table, found, look_only=look_only)
        return every

    return asyncio.run(go())


async def _of_place(connected: AsyncEngine, place: Place, seal: Seal, *, look_only: bool) -> Counts:
    """What was found in a place, in one transaction a piece."""
    counts, after, ended = Counts(), None, False
    while not ended:
        async with AsyncSession(connected) as session, session.begin():
            piece = await reseal(session, place, seal, after, look_only=look_only)
        counts.add(piece.counts)
        after, ended = piece.last, piece.last is None
    return counts


def _say(table: str, counts: Counts, *, look_only: bool) -> None:
    if not counts.sealed:
        return
    parts = [f"{counts.sealed} sealed"]
    if counts.renewed:
        parts.append(f"{counts.renewed} {'with an older secret' if look_only else 'sealed anew'}")
    if counts.waiting:
        parts.append(f"{counts.waiting} wait until their reader has handled them")
    if counts.unreadable:
        parts.append(f"{counts.unreadable} that none of the secrets opens: the one that sealed them is not in the list")
    typer.echo(f"{table}: {', '.join(parts)}")
