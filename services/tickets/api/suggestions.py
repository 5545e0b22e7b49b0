"""What may be one and what is not: tickets that an agent is asked about, and what joined and is taken out again."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, Reader, WiredRulebook, changed
from services.tickets.domain.separations import NotSeparable
from services.tickets.domain.suggestions import AlreadyDecided, Suggestion
from services.tickets.schemas.matching import SuggestionOut, SuggestionPage
from services.tickets.schemas.tickets import TicketOut
from services.tickets.service import separations, suggestions
from shared.errors import NotFound, VersionConflict
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/tickets/{ticket_id}/suggestions", tags=["matching"], responses=refusals(NotFound))
async def list_suggestions(session: Reading, sees: Reader, ticket_id: UUID) -> SuggestionPage:
    """Which tickets of the same citizen may be the same case, the newest first; also what a person decided."""
    return page_out(await suggestions.suggestions_of(session, sees, "tickets", ticket_id), ticket_id)


@router.post("/suggestions/{suggestion_id}/dismiss", tags=["matching"], responses=refusals(NotFound, AlreadyDecided))
async def dismiss(session: Transaction, act: AgentsAct, suggestion_id: UUID) -> SuggestionOut:
    """Says that two tickets, or two citizens, are not one. They are not suggested again."""
    suggestion = await suggestions.dismiss(session, suggestion_id, act)
    return _suggestion(suggestion, suggestion.one)


@router.post(
    "/tickets/{ticket_id}/entries/{entry_id}:separate",
    tags=["matching"],
    responses=refusals(NotFound, VersionConflict, NotSeparable),
)
async def separate(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    rulebook: WiredRulebook,
    ticket_id: UUID,
    entry_id: UUID,
) -> TicketOut:
    """Takes what joined a ticket and does not belong there out of it: it is a ticket of its own, under the code that
    its citizen was given for it, and its clock runs from when it was said. The two are never joined again.
    """
    rules = await rulebook.read(session, act.now)
    case = await separations.separate(session, ticket_id, entry_id, act, rules)
    return changed(response, act, case)


def page_out(found: Sequence[Suggestion], about: UUID) -> SuggestionPage:
    """Suggestions as they are shown for one of the two."""
    return SuggestionPage(items=[_suggestion(each, about) for each in found])


def _suggestion(suggestion: Suggestion, about: UUID) -> SuggestionOut:
    return SuggestionOut(
        id=suggestion.id,
        kind=suggestion.kind,
        other=suggestion.other if suggestion.one == about else suggestion.one,
        score=suggestion.score,
        because=suggestion.because,
        state=suggestion.state,
        created_at=suggestion.created_at,
        decided_at=suggestion.decided_at,
        decided_by=suggestion.decided_by,
    )
