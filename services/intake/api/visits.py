"""The routes of visits to a booth: a number is taken, and the visit is settled or escalated."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.intake.api.booths import BoothName
from services.intake.domain.booths import BoothClosed, ServiceClosed
from services.intake.domain.visits import VisitEnded, VisitNotCalled
from services.intake.schemas.visits import OutcomeIn, VisitIn, VisitOut, VisitPage, VisitStatus
from services.intake.service.contacts import Origin
from services.intake.service.visits import VisitEnding, Visits
from shared.auth import integration, staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction, trace
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

Button = Depends(integration("booths:write", "booth"))
Officer = Annotated[Caller, Depends(staff("booths:serve"))]
WiredVisits = Annotated[Visits, Depends(wired(Visits))]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.post(
    "/booths/{booth}/visits",
    status_code=201,
    dependencies=[Button],
    responses=refusals(BoothClosed, ServiceClosed),
)
async def take_number(
    session: Transaction, now: Now, visits: WiredVisits, booth: BoothName, form: VisitIn | None = None
) -> VisitOut:
    """Takes a number at the booth. `call_due_at` says until when the visitor must be called.

    Who sends the telephone number of somebody who waits at that service gets his number again.
    """
    return await visits.take_number(session, booth, form or VisitIn(), now)


@router.get("/booths/{booth}/visits", dependencies=[Depends(staff("booths:serve"))])
async def list_visits(
    session: Reading,
    now: Now,
    visits: WiredVisits,
    booth: BoothName,
    day: Annotated[date | None, Query(description="A day of the booth; without it, today")] = None,
    status: Annotated[VisitStatus | None, Query(description="`closed_unserved`: to whom escalation is offered")] = None,
    cursor: Annotated[UUID | None, Query(description="The `next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> VisitPage:
    """The visits of a day, in the order in which their numbers were taken."""
    return await visits.page(session, booth, day, now, status=status, limit=limit, after=cursor)


@router.get("/visits/{visit_id}", dependencies=[Depends(staff("booths:serve"))], responses=refusals(NotFound))
async def read_visit(session: Reading, visits: WiredVisits, visit_id: UUID) -> VisitOut:
    """A visit, with each of its waits."""
    return await visits.read(session, visit_id)


@router.post("/visits/{visit_id}/print", dependencies=[Button], responses=refusals(NotFound))
async def print_again(session: Transaction, visits: WiredVisits, visit_id: UUID) -> VisitOut:
    """Gives the same number again, for a paper that was not printed or was lost."""
    return await visits.print_again(session, visit_id)


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
    """What was brought becomes a ticket; the visitor is told the due date by SMS or e-mail at once.

    Also for whom the end of the day sent away before anybody served him.
    """
    return await visits.end(session, visit_id, ending, "escalated")
