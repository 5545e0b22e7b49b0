"""A citizen is asked for what his case lacks."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.tickets.api.parameters import AgentsAct, IfMatch, WiredRulebook, changed, version_in
from services.tickets.domain.completeness import AlreadyAsked, NothingMissing
from services.tickets.domain.verbs import AlreadyResolved
from services.tickets.schemas import RequestInfoIn, TicketOut
from services.tickets.service import info_requests
from shared.errors import NotFound, VersionConflict
from shared.http import Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

router = APIRouter(prefix="/v1", route_class=KeyedRoute)
_REFUSALS = refusals(NotFound, VersionConflict, AlreadyResolved, NothingMissing, AlreadyAsked)


@router.post("/tickets/{ticket_id}/request-info", tags=["tickets"], responses=_REFUSALS)
async def request_info(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    rulebook: WiredRulebook,
    ticket_id: UUID,
    form: RequestInfoIn | None = None,
    if_match: IfMatch = None,
) -> TicketOut:
    """Asks the citizen for what is missing, by the way he came, once for each set of fields. What he answers fills
    them, or stays text.
    """
    fields = form.fields if form else None
    case = await info_requests.request_info(
        session, rulebook, ticket_id, act, fields=fields, version=version_in(if_match)
    )
    return changed(response, case)
