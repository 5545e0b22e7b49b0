"""The routes of notify."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.notify.domain.delivery import Status
from services.notify.models import Notice
from services.notify.schemas import (
    DecisionIn,
    DecisionsIn,
    DecisionsOut,
    NoticeOut,
    NoticePage,
    UndecidedOut,
)
from services.notify.service import notices
from services.notify.service.ledger import Ledger, NothingToDecide, TextRemoved
from shared.auth import staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.privacy import masked_address
from shared.refusals import refusals
from shared.wiring import Now, wired

Reader = Depends(staff("notices:read"))
Supervisor = Annotated[Caller, Depends(staff("notices:decide"))]


WiredLedger = Annotated[Ledger, Depends(wired(Ledger))]
router = APIRouter(prefix="/v1", tags=["notices"], route_class=KeyedRoute)


@router.get("/notices", dependencies=[Reader])
async def list_notices(
    session: Reading,
    ticket: UUID | None = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: UUID | None = None,
) -> NoticePage:
    """Notices, oldest first: of one ticket, or all with a status. `error` says why one is held, or was not sent."""
    found, next_cursor = await notices.page(session, ticket_id=ticket, status=status, after=cursor, limit=limit)
    return NoticePage(items=[notice_out(notice) for notice in found], next_cursor=next_cursor)


@router.post("/notices/{notice_id}/decide", responses=refusals(NotFound, NothingToDecide, TextRemoved))
async def decide(
    session: Transaction, now: Now, ledger: WiredLedger, notice_id: UUID, form: DecisionIn, caller: Supervisor
) -> NoticeOut:
    """A person decides about a notice that is uncertain, failed or held."""
    done = await ledger.decide(session, [notice_id], form.decision, by=caller.subject, now=now)
    for refusal in done.refused.values():
        raise refusal
    return notice_out(done.notices[0])


@router.post("/notices:decide")
async def decide_many(
    session: Transaction, now: Now, ledger: WiredLedger, form: DecisionsIn, caller: Supervisor
) -> DecisionsOut:
    """A person decides about many at once. Those about which there is nothing to decide stay as they are."""
    names = list(dict.fromkeys(form.notices))
    done = await ledger.decide(session, names, form.decision, by=caller.subject, now=now)
    return DecisionsOut(
        decided=[notice_out(notice) for notice in done.notices],
        undecided=[
            UndecidedOut(id=name, code=refusal.code, detail=refusal.detail) for name, refusal in done.refused.items()
        ],
    )


def notice_out(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        ticket_id=notice.ticket_id,
        tracking_code=notice.tracking_code,
        reason=notice.reason,
        kind=notice.kind,
        to=masked_address(notice.address) if notice.address and not notice.is_private else None,
        status="held" if notice.hold else notice.status,
        attempts=notice.attempts,
        error=notice.error,
        created_at=notice.created_at,
        ended_at=notice.ended_at,
    )
