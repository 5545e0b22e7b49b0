"""What may be one, two citizens or two tickets, and what a person says of it."""

from collections.abc import Sequence, Set
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Act
from services.tickets.domain.privacy import is_hidden
from services.tickets.domain.suggestions import About, Suggestion
from services.tickets.repository import citizens, suggestions, tickets
from shared.errors import NotFound
from shared.visibility import Visibility


async def suggestions_of(session: AsyncSession, sees: Visibility, kind: About, id_: UUID) -> Sequence[Suggestion]:
    """What is suggested about a citizen or a ticket that is seen, the newest first; nothing that would tell who a
    hidden citizen is. Raises `NotFound`.
    """
    is_there = await tickets.get(session, sees, id_) if kind == "tickets" else await _shown(session, sees, kind, [id_])
    if not is_there:
        raise NotFound(f"There is no such {'ticket' if kind == 'tickets' else 'citizen'}.")
    found = await suggestions.of(session, sees, kind, id_)
    shown = await _shown(session, sees, kind, sorted({each for suggestion in found for each in suggestion.pair}))
    return [suggestion for suggestion in found if shown >= set(suggestion.pair)]


async def dismiss(session: AsyncSession, suggestion_id: UUID, act: Act) -> Suggestion:
    """The two are not one, and are not suggested again. Raises `NotFound` and `AlreadyDecided`."""
    suggestion = await suggestions.hold(session, act.sees, suggestion_id)
    shown = await _shown(session, act.sees, suggestion.kind, suggestion.pair) if suggestion else set()
    if suggestion is None or not shown >= set(suggestion.pair):
        raise NotFound("There is no such suggestion.")
    decided = suggestion.decided("dismissed", act.actor, act.now)
    await suggestions.decide(session, decided)
    return decided


async def _shown(session: AsyncSession, sees: Visibility, kind: About, ids: Sequence[UUID]) -> Set[UUID]:
    """Those of these citizens of whom the reader may know, or of these tickets of which he may know whose they are."""
    if kind == "citizens":
        return (await citizens.shown(session, sees, ids)).keys()
    return {ticket.id for ticket in await tickets.of_ids(session, sees, ids) if not is_hidden(ticket, sees)}
