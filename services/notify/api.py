"""The routes of the post."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.notify import repository
from services.notify.domain.delivery import Status
from services.notify.domain.notices import mask
from services.notify.models import Notice
from services.notify.schemas import DecisionIn, NoticeOut, NoticePage
from services.notify.service.ledger import Ledger
from shared.auth import staff
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute

Reader = Depends(staff("agent", "supervisor"))
Supervisor = Depends(staff("supervisor"))


def routes(ledger: Ledger) -> APIRouter:
    """The router, around the ledger that `main` wired."""
    router = APIRouter(prefix="/v1", tags=["notices"], route_class=KeyedRoute)

    @router.get("/notices", dependencies=[Reader])
    async def list_notices(
        session: Reading,
        ticket: UUID | None = None,
        status: Status | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        cursor: UUID | None = None,
    ) -> NoticePage:
        """Notices, oldest first: of one ticket, or all with a status (`uncertain` ones wait for a person)."""
        notices = await repository.list_notices(session, ticket_id=ticket, status=status, after=cursor, limit=limit + 1)
        page = notices[:limit]
        return NoticePage(
            items=[_show(notice) for notice in page],
            next_cursor=str(page[-1].id) if len(notices) > limit else None,
        )

    @router.post("/notices/{notice_id}/decide", dependencies=[Supervisor])
    async def decide(request: Request, session: Transaction, notice_id: UUID, form: DecisionIn) -> NoticeOut:
        """A person decides about a notice that is uncertain or failed."""
        arrived = form.decision == "arrived"
        return _show(await ledger.decide(session, notice_id, arrived=arrived, now=request.app.state.clock()))

    return router


def _show(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        ticket_id=notice.ticket_id,
        tracking_code=notice.tracking_code,
        reason=notice.reason,
        kind=notice.kind,
        to=mask(notice.address) if notice.address else None,
        status=notice.status,
        attempts=notice.attempts,
        error=notice.error,
        created_at=notice.created_at,
        ended_at=notice.ended_at,
    )
