"""The routes of visits to a booth: a number is taken, called, and the visit is settled or escalated."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request

from services.intake.domain.visits import VisitEnded, VisitNotCalled
from services.intake.schemas.visits import OutcomeIn, VisitIn, VisitOut
from services.intake.service.contacts import Origin
from services.intake.service.visits import QueueEmpty, VisitEnding, Visits
from shared.auth import Caller, integration, staff
from shared.errors import NotFound
from shared.http import Transaction, trace
from shared.idempotency import IdempotencyKey, KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

BoothName = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Dispenser = Depends(integration("booths:write"))
Officer = Annotated[Caller, Depends(staff("agent", "supervisor"))]
AnotherVisitor = Annotated[
    bool, Query(alias="next", description="Call another, though you have not ended the visit of the last")
]
WiredVisits = Annotated[Visits, Depends(wired(Visits))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.post("/booths/{booth}/visits", status_code=201, dependencies=[Dispenser])
async def take_number(
    session: Transaction, now: Now, visits: WiredVisits, booth: BoothName, form: VisitIn | None = None
) -> VisitOut:
    """Takes a number at the booth. `call_due_at` says until when the visitor must be called."""
    return await visits.take_number(session, booth, form or VisitIn(), now)


@router.post("/booths/{booth}/call-next", responses=refusals(QueueEmpty))
async def call_next(
    session: Transaction,
    now: Now,
    visits: WiredVisits,
    booth: BoothName,
    caller: Officer,
    another: AnotherVisitor = False,
    key: IdempotencyKey = None,
) -> VisitOut:
    """Calls the visitor who has waited longest today; 404 `queue_empty` when nobody waits.

    An officer whose call got no answer may ask again. With the same key, he gets the same visitor. Without a key,
    he gets the visitor whom he called today at this booth and whose visit has not ended, if there is one, unless
    he says `next=true`. A new key calls the next.
    """
    another = another or key is not None
    return await visits.call_next(session, booth, caller.subject, now, another=another)


async def visit_ending(request: Request, now: Now, caller: Officer, form: OutcomeIn | None = None) -> VisitEnding:
    """With what an officer ends a visit, and who he is."""
    return VisitEnding(form or OutcomeIn(), Origin(client=caller.subject, trace=trace(request), now=now))


Ending = Annotated[VisitEnding, Depends(visit_ending)]


@router.post("/visits/{visit_id}/settle", responses=refusals(NotFound, VisitNotCalled, VisitEnded))
async def settle(session: Transaction, visits: WiredVisits, visit_id: UUID, ending: Ending) -> VisitOut:
    """What was brought is settled at the booth."""
    return await visits.end(session, visit_id, ending, "settled")


@router.post("/visits/{visit_id}/escalate", responses=refusals(NotFound, VisitNotCalled, VisitEnded))
async def escalate(session: Transaction, visits: WiredVisits, visit_id: UUID, ending: Ending) -> VisitOut:
    """What was brought becomes a ticket; the visitor is told the due date by SMS or e-mail at once."""
    return await visits.end(session, visit_id, ending, "escalated")
