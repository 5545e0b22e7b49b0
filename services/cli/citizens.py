"""What is known of a citizen, for him, and its erasure (UU 27/2022), in every service."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from services.cli.where import DEFAULT_FOLDER, DataDir, me, transaction
from services.intake.service import erasure as of_intake
from services.notify.service import erasure as of_notify
from services.survey_index.service import erasure as of_survey_index
from services.tickets.service import erasure as of_tickets
from shared import trail
from shared.clock import utcnow
from shared.db import each_in_its_role
from shared.errors import Refusal
from shared.events import CitizenErasedData, Trace
from shared.ids import new_id

app = typer.Typer(help="What is known of a citizen, and its erasure (UU 27/2022).", no_args_is_help=True)
Whose = Annotated[str, typer.Argument(help="The tracking code of one of his cases, or the id of the citizen")]
_KNOWN: Mapping[str, Callable[[AsyncSession, CitizenErasedData], Awaitable[Mapping[str, Any]]]] = {
    "tickets": of_tickets.known,
    "intake": of_intake.known,
    "notify": of_notify.known,
    "survey_index": of_survey_index.known,
}


@app.command("export")
def export(whose: Whose, data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Prints as JSON all that every service knows of a citizen. That you looked is in the access trail of tickets."""

    async def read() -> dict[str, Any]:
        known: dict[str, Any] = {}
        async with transaction(data_dir) as session:
            async for service in each_in_its_role(session, tuple(_KNOWN)):
                if service == "tickets":
                    his = await of_tickets.find(session, await of_tickets.citizen_of(session, whose), utcnow())
                    await _record(session, "citizens export", his.citizen_id)
                known[service] = await _KNOWN[service](session, his)
        return known

    typer.echo(json.dumps(_told(read), indent=2, ensure_ascii=False, default=str))


@app.command("erase")
def erase(
    whose: Whose,
    reason: Annotated[str, typer.Option(help="Why: it is kept with your name, and tells nothing of who asked")],
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Erases who a citizen is, and what was written in his cases, in every service. It cannot be undone."""

    async def do() -> int:
        async with transaction(data_dir) as session:
            async for _ in each_in_its_role(session, ["tickets"]):
                citizen_id, now = await of_tickets.citizen_of(session, whose), utcnow()
                trace = Trace(new_id().hex)
                done = await of_tickets.erase(session, citizen_id, reason=reason, by=me(), trace=trace, now=now)
                await _record(session, "citizens erase", citizen_id)
        return done.tickets

    tickets = _told(do)
    typer.echo(f"Erased, with {tickets} ticket(s). The other services follow as soon as they run.")


def _told(work: Callable[[], Awaitable[Any]]) -> Any:
    async def awaited() -> Any:
        return await work()

    try:
        return asyncio.run(awaited())
    except Refusal as refusal:
        raise typer.BadParameter(refusal.detail) from None


async def _record(session: AsyncSession, action: str, citizen_id: UUID) -> None:
    entry = trail.Entry(new_id(), utcnow(), me(), action, "citizens", str(citizen_id), "", "", "")
    await trail.add(session, "tickets", [entry])
