"""How staff make one ticket of two, two of one, and note that tickets have to do with each other."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, changed
from services.tickets.api.verbs import OF_A_VERB
from services.tickets.domain.verbs import MergedMeanwhile, NotMerged
from services.tickets.schemas.tickets import TicketOut
from services.tickets.schemas.verbs import LinkIn, MergeIn, SplitIn
from services.tickets.service import merges
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

router = APIRouter(prefix="/v1", tags=["tickets"], route_class=KeyedRoute)


@router.post("/tickets/{ticket_id}/merge", responses=refusals(*OF_A_VERB))
async def merge(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: MergeIn) -> TicketOut:
    """Makes this ticket part of another: its conversation, and whatever is still said to it by its code, its chat or a
    mail, is found there, under the earlier deadline of the two. It can be undone.
    """
    return changed(response, act, await merges.merge(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/unmerge", responses=refusals(*OF_A_VERB, NotMerged, MergedMeanwhile))
async def unmerge(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID) -> TicketOut:
    """Makes the ticket one of its own again, with what was said to it before and since. Twice is once."""
    return changed(response, act, await merges.unmerge(session, ticket_id, act))


@router.post("/tickets/{ticket_id}/split", responses=refusals(*OF_A_VERB))
async def split(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: SplitIn) -> TicketOut:
    """Makes a new ticket of lines of this one, with a code of its own that the citizen is told. Answers the new one."""
    return changed(response, act, await merges.split(session, ticket_id, act, **dict(form)))


@router.post("/tickets/{ticket_id}/link", responses=refusals(*OF_A_VERB))
async def link(response: Response, session: Transaction, act: AgentsAct, ticket_id: UUID, form: LinkIn) -> TicketOut:
    """Notes that two tickets have to do with each other, in both."""
    return changed(response, act, await merges.link(session, ticket_id, act, **dict(form)))
