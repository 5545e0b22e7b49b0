"""The command line: `satuatap`, also `python -m services`."""

import typer
from rich.console import Console
from rich.markup import escape

from migrations import CannotMigrate
from services.cli import audit, citizens, dead, house, keys, run, secrets, status, survey, tokens, topics
from services.local.engines import EngineError
from services.local.house import HouseError
from services.local.programs import CannotBeCopied
from services.local.supervisor import CannotBeKeptAlive
from shared.broker import BrokerUnavailable
from shared.db import DatabaseUnusable
from shared.engine_url import BadAddress

app = typer.Typer(
    name="satuatap",
    help="One roof for every complaint: accept it, own it, answer for it, measure how well it went.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("up")(house.up)
app.command("demo")(house.demo)
app.command("status")(status.status)
app.command("run")(run.run)
app.command("sandbox")(run.sandbox)
app.command("migrate")(run.migrate)
app.command("token")(keys.token)
app.add_typer(keys.app, name="keys")
app.add_typer(tokens.app, name="tokens")
app.add_typer(secrets.app, name="secrets")
app.add_typer(survey.app, name="survey")
app.add_typer(topics.app, name="topics")
app.add_typer(citizens.app, name="citizens")
app.add_typer(dead.app, name="dead")
app.add_typer(audit.app, name="audit")
app.command("replay")(dead.replay)


_EXPECTED = (
    HouseError,
    EngineError,
    CannotBeCopied,
    CannotBeKeptAlive,
    run.Misconfigured,
    CannotMigrate,
    DatabaseUnusable,
    BrokerUnavailable,
    BadAddress,
)


def main() -> None:
    """Runs the command line. What was expected to go wrong is said in a sentence, with exit code 1."""
    try:
        app()
    except _EXPECTED as error:
        Console(stderr=True).print(f"[bold red]{escape(str(error))}[/]", soft_wrap=True)
        raise SystemExit(1) from None
