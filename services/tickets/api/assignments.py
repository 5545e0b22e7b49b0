"""Why a case is whose it is, and what it asks of whoever takes it."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.tickets.api.parameters import AGENT, Reader
from services.tickets.schemas.assignments import LanguageIn, ReasonsOut
from services.tickets.service import assignments
from shared.auth import visibility
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.visibility import Visibility
from shared.wiring import Now

router = APIRouter(prefix="/v1", tags=["tickets"], route_class=KeyedRoute)


@router.get("/tickets/{ticket_id}/routing", responses=refusals(NotFound))
async def get_routing(session: Reading, sees: Reader, now: Now, ticket_id: UUID) -> ReasonsOut:
    """Why somebody got the case, or why nobody has yet: of each agent of its unit, what spoke for or against him."""
    found = await assignments.reasons(session, sees, ticket_id, now)
    return ReasonsOut.model_validate(
        {
            "ticket_id": found.ticket.id,
            "assignee": found.ticket.assignee,
            "is_given_by_itself": found.is_given_by_itself,
            "now": [asdict(look) for look in found.now],
            "kept": [asdict(routing) for routing in found.kept],
        }
    )


@router.put("/tickets/{ticket_id}/language", status_code=204, responses=refusals(NotFound))
async def put_language(
    session: Transaction, sees: Annotated[Visibility, Depends(visibility(AGENT))], ticket_id: UUID, form: LanguageIn
) -> None:
    """Says in which language the citizen wants to be answered."""
    await assignments.set_language(session, sees, ticket_id, form.language)
