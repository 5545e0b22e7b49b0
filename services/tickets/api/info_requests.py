"""A citizen is asked for what his case lacks."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, WiredRulebook, changed
from services.tickets.api.verbs import OF_A_VERB
from services.tickets.domain.completeness import AlreadyAsked, NothingMissing
from services.tickets.schemas.info_requests import RequestInfoIn
from services.tickets.schemas.tickets import TicketOut
from services.tickets.service import info_requests
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

router = APIRouter(prefix="/v1", route_class=KeyedRoute)
_REFUSALS = refusals(*OF_A_VERB, NothingMissing, AlreadyAsked)


@router.post("/tickets/{ticket_id}/request-info", tags=["tickets"], responses=_REFUSALS)
async def request_info(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    rulebook: WiredRulebook,
    ticket_id: UUID,
    form: RequestInfoIn | None = None,
) -> TicketOut:
    """Asks the citizen for what is missing, by the way he came, once for each set of fields. What he answers fills
    them, or stays text.
    """
    fields = form.fields if form else None
    return changed(response, act, await info_requests.request_info(session, rulebook, ticket_id, act, fields=fields))
