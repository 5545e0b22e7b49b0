"""What may be one, two citizens or two tickets, and what a person says of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Act
from services.tickets.domain.suggestions import About, Suggestion
from services.tickets.repository import citizens, suggestions, tickets
from shared.errors import NotFound
from shared.visibility import Visibility


async def suggestions_of(session: AsyncSession, sees: Visibility, kind: About, id_: UUID) -> Sequence[Suggestion]:
    """What is suggested about a citizen or a ticket that is seen, the newest first. Raises `NotFound`."""
    if not await _seen(session, sees, kind, [id_]):
        raise NotFound(f"There is no such {'ticket' if kind == 'tickets' else 'citizen'}.")
    return await suggestions.of(session, sees, kind, id_)


async def dismiss(session: AsyncSession, suggestion_id: UUID, act: Act) -> Suggestion:
    """The two are not one, and are not suggested again. Raises `NotFound` and `AlreadyDecided`."""
    suggestion = await suggestions.hold(session, act.sees, suggestion_id)
    if suggestion is None or not await _seen(session, act.sees, suggestion.kind, suggestion.pair):
        raise NotFound("There is no such suggestion.")
    decided = suggestion.decided("dismissed", act.actor, act.now)
    await suggestions.decide(session, decided)
    return decided


async def _seen(session: AsyncSession, sees: Visibility, kind: About, ids: Sequence[UUID]) -> bool:
    """Whether all of these are there, and seen."""
    if kind == "citizens":
        return len(await citizens.get(session, sees, ids)) == len(ids)
    return all([await tickets.get(session, sees, id_) for id_ in ids])
