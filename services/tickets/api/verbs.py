"""What staff do to a ticket: they own it, get on with it, end it, and take it up again."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, changed
from services.tickets.domain.completeness import Incomplete
from services.tickets.domain.routing import CannotTake
from services.tickets.domain.verbs import AlreadyAssigned, AlreadyResolved, HighestLevel, MergedAway, NotInThisState
from services.tickets.schemas.tickets import TicketOut
from services.tickets.schemas.verbs import (
    AssignIn,
    CloseIn,
    EscalateIn,
    ForwardIn,
    HoldIn,
    NoteIn,
    PriorityIn,
    PrivacyIn,
    ReopenIn,
    ReplyIn,
    ResolveIn,
    UnassignIn,
)
from services.tickets.service import verbs
from shared.errors import NotFound, VersionConflict
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

OF_A_VERB = (NotFound, VersionConflict, NotInThisState, AlreadyResolved, MergedAway)
"""What each verb may refuse."""
router = APIRouter(prefix="/v1", tags=["tickets"], route_class=KeyedRoute)


@router.post("/tickets/{ticket_id}/claim", responses=refusals(*OF_A_VERB, AlreadyAssigned))
async def claim(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID) -> TicketOut:
    """Takes the ticket as your own, if nobody has it. Of two at once, one gets it and the other is told so."""
    return changed(response, act, await verbs.claim(session, ticket_id, act))


@router.post("/tickets/{ticket_id}/assign", responses=refusals(*OF_A_VERB, CannotTake))
async def assign(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: AssignIn
) -> TicketOut:
    """Gives the ticket to an agent, whoever has it now. One of the roster must be there, of its unit, and have room."""
    return changed(response, act, await verbs.assign(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/unassign", responses=refusals(*OF_A_VERB))
async def unassign(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: UnassignIn | None = None
) -> TicketOut:
    """Takes the ticket from who has it: it waits for whoever claims it."""
    return changed(response, act, await verbs.unassign(session, ticket_id, act, **dict(form or UnassignIn())))


@router.post("/tickets/{ticket_id}/reply", responses=refusals(*OF_A_VERB))
async def reply(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: ReplyIn) -> TicketOut:
    """Answers the citizen, who gets it by the way he came: in the chat, and by e-mail or SMS. Where several take part,
    it goes to who spoke last.
    """
    return changed(response, act, await verbs.reply(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/note", responses=refusals(*OF_A_VERB))
async def note(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: NoteIn) -> TicketOut:
    """Adds a line for colleagues. The citizen never sees it, and no clock heeds it."""
    return changed(response, act, await verbs.note(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/hold", responses=refusals(*OF_A_VERB))
async def hold(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: HoldIn) -> TicketOut:
    """Lets the ticket rest until a moment, or until the citizen writes."""
    return changed(response, act, await verbs.hold(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/escalate", responses=refusals(*OF_A_VERB, HighestLevel))
async def escalate(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: EscalateIn | None = None
) -> TicketOut:
    """Takes the ticket one level up; the citizen is told the due date. In another unit it is nobody's yet."""
    return changed(response, act, await verbs.escalate(session, ticket_id, act, **dict(form or EscalateIn())))


@router.post("/tickets/{ticket_id}/priority", responses=refusals(*OF_A_VERB))
async def set_priority(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: PriorityIn
) -> TicketOut:
    """Says how urgent the ticket is."""
    return changed(response, act, await verbs.set_priority(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/privacy", responses=refusals(*OF_A_VERB))
async def set_privacy(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: PrivacyIn
) -> TicketOut:
    """Says from whom it is hidden who the citizen is. He is still told what happens to his case."""
    return changed(response, act, await verbs.set_privacy(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/resolve", responses=refusals(*OF_A_VERB, Incomplete))
async def resolve(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: ResolveIn | None = None
) -> TicketOut:
    """Settles the ticket; the citizen is told, and asked how well it went. Where the policy has citizens asked for what
    is missing, a ticket that still lacks something is settled only `despite` that.
    """
    return changed(response, act, await verbs.resolve(session, ticket_id, act, **dict(form or ResolveIn())))


@router.post("/tickets/{ticket_id}/forward", responses=refusals(*OF_A_VERB, Incomplete))
async def forward(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: ForwardIn
) -> TicketOut:
    """Notes that the ticket was sent to an authority that decides about it; the citizen is told which. The clock runs
    on: somebody looks after what became of it.
    """
    return changed(response, act, await verbs.forward(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/close", responses=refusals(*OF_A_VERB))
async def close(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: CloseIn) -> TicketOut:
    """Ends the ticket for good, with a reason that the citizen is told. Only he can open it again, by writing."""
    return changed(response, act, await verbs.close(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/reject", responses=refusals(*OF_A_VERB))
async def reject(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: CloseIn) -> TicketOut:
    """Takes the ticket for none that can be taken up, with a reason that the citizen is told."""
    return changed(response, act, await verbs.reject(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/reopen", responses=refusals(*OF_A_VERB))
async def reopen(
    response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: ReopenIn
) -> TicketOut:
    """Takes up again what was resolved, rejected or forwarded. The clock runs on, due when it was."""
    return changed(response, act, await verbs.reopen(session, ticket_id, act, **dict(form)))
