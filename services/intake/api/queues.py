"""The routes by which visitors get their turn: called, called again, missed, back again, sent on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.intake.api.booths import BoothName
from services.intake.domain.booths import ServiceClosed
from services.intake.domain.queues import (
    AlreadyWaitsThere,
    CalledTooEarly,
    ReturnedTooLate,
    VisitNotAtTurn,
    VisitNotWaiting,
)
from services.intake.domain.visits import VisitEnded
from services.intake.schemas.booths import NAME
from services.intake.schemas.queues import TransferIn
from services.intake.schemas.visits import VisitOut
from services.intake.service.queues import Desk, QueueEmpty, Queues
from shared.auth import integration, staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Transaction
from shared.idempotency import IdempotencyKey, KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

Officer = Annotated[Caller, Depends(staff("booths:serve"))]
WiredQueues = Annotated[Queues, Depends(wired(Queues))]
AnotherVisitor = Annotated[
    bool, Query(alias="next", description="Call another, though you have not ended the visit of the last")
]


async def desk_of(
    caller: Officer, counter: Annotated[str | None, Query(pattern=NAME, description="Where you sit")] = None
) -> Desk:
    """Who calls, and from where."""
    return Desk(caller.subject, counter)


AtDesk = Annotated[Desk, Depends(desk_of)]

router = APIRouter(prefix="/v1", tags=["booths"], route_class=KeyedRoute)


@router.post("/booths/{booth}/call-next", responses=refusals(QueueEmpty))
async def call_next(
    session: Transaction,
    now: Now,
    queues: WiredQueues,
    booth: BoothName,
    desk: AtDesk,
    another: AnotherVisitor = False,
    key: IdempotencyKey = None,
) -> VisitOut:
    """Calls the visitor whose turn it is for the services of the `counter`; 404 `queue_empty` when nobody waits.

    An officer whose call got no answer may ask again. With the same key, he gets the same visitor. Without a key,
    he gets the visitor whom he called today at this booth and whose visit has not ended, if there is one, unless
    he says `next=true`. A new key calls the next.
    """
    another = another or key is not None
    return await queues.call_next(session, booth, desk, now, another=another)


@router.post("/visits/{visit_id}/call", responses=refusals(NotFound, VisitNotWaiting, CalledTooEarly))
async def call(session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID, desk: AtDesk) -> VisitOut:
    """Calls this visitor before it is his turn. 409 where another officer was faster: call the next."""
    return await queues.call(session, visit_id, desk, now)


@router.post("/visits/{visit_id}/recall", responses=refusals(NotFound, VisitNotAtTurn, CalledTooEarly))
async def recall(session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID, desk: AtDesk) -> VisitOut:
    """Calls a visitor again who was called and has not come; `Retry-After` says from when on."""
    return await queues.recall(session, visit_id, desk, now)


@router.post(
    "/visits/{visit_id}/arrive",
    dependencies=[Depends(staff("booths:serve"))],
    responses=refusals(NotFound, VisitNotAtTurn),
)
async def arrive(session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID) -> VisitOut:
    """Notes that the visitor stands at the counter, so that the end of the day does not send him away."""
    return await queues.arrive(session, visit_id, now)


@router.post("/visits/{visit_id}/no-show", responses=refusals(NotFound, VisitNotAtTurn))
async def no_show(session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID, caller: Officer) -> VisitOut:
    """Notes that the visitor whom you called did not come.

    He waits at his old place, and is called again from `callable_at` on; called as often as the booth's policy says,
    he is a `no_show`.
    """
    return await queues.no_show(session, visit_id, caller.subject, now)


@router.post(
    "/visits/{visit_id}/return",
    dependencies=[Depends(integration("booths:write", "booth"))],
    responses=refusals(NotFound, ReturnedTooLate),
)
async def come_back(session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID) -> VisitOut:
    """Lets a no-show wait again at his old place, within the grace of the booth's policy."""
    return await queues.come_back(session, visit_id, now)


@router.post("/visits/{visit_id}/transfer", responses=refusals(NotFound, VisitEnded, ServiceClosed, AlreadyWaitsThere))
async def transfer(
    session: Transaction, now: Now, queues: WiredQueues, visit_id: UUID, form: TransferIn, caller: Officer
) -> VisitOut:
    """Sends the visitor on to another service, with his number and his place by the time he came. Refused, he is still
    where he was.
    """
    return await queues.transfer(session, visit_id, form.service, caller.subject, now)
