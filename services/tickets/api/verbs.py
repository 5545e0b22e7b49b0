"""What an agent does to a ticket."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, IfMatch, changed, version_in
from services.tickets.domain.verbs import AlreadyResolved, HighestLevel
from services.tickets.schemas import EscalateIn, ReplyIn, ResolveIn, TicketOut
from services.tickets.service import verbs
from shared.errors import NotFound, VersionConflict
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

_OF_A_VERB = (NotFound, VersionConflict, AlreadyResolved)
router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.post("/tickets/{ticket_id}/reply", tags=["tickets"], responses=refusals(*_OF_A_VERB))
async def reply(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: ReplyIn,
    if_match: IfMatch = None,
) -> TicketOut:
    """Answers the citizen, who gets it by the way he came: in the chat, and by e-mail or SMS."""
    case = await verbs.reply(session, ticket_id, act, body=form.body, version=version_in(if_match))
    return changed(response, case)


@router.post("/tickets/{ticket_id}/escalate", tags=["tickets"], responses=refusals(*_OF_A_VERB, HighestLevel))
async def escalate(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: EscalateIn | None = None,
    if_match: IfMatch = None,
) -> TicketOut:
    """Takes the ticket one level up; the citizen is told the due date."""
    form = form or EscalateIn()
    case = await verbs.escalate(
        session, ticket_id, act, unit=form.unit, reason=form.reason, version=version_in(if_match)
    )
    return changed(response, case)


@router.post("/tickets/{ticket_id}/resolve", tags=["tickets"], responses=refusals(*_OF_A_VERB))
async def resolve(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: ResolveIn | None = None,
    if_match: IfMatch = None,
) -> TicketOut:
    """Settles the ticket; the citizen is told, and asked how well it went."""
    form = form or ResolveIn()
    case = await verbs.resolve(session, ticket_id, act, body=form.body, version=version_in(if_match))
    return changed(response, case)
