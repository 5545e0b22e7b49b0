"""The route of the figures of calls."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.intake.domain.call_figures import Grouping
from services.intake.schemas.call_figures import CallFiguresReport
from services.intake.service.call_figures import DEFAULT_WITHIN_SECONDS, Figures, Span
from shared.auth import staff
from shared.http import Reading
from shared.trail import RecordedRoute
from shared.wiring import wired

Since = Annotated[date, Query(alias="from", description="The first day, in the contact centre's zone")]
Until = Annotated[date, Query(alias="to", description="The last day")]
QueueName = Annotated[str, Query(max_length=64, description="Of this queue alone; of the house where it is empty")]
Within = Annotated[int, Query(ge=1, le=3_600, description="Seconds: who was answered within them counts as in time")]

Reader = staff("figures:read", is_recorded=False)
"""Figures say nothing of a person."""

router = APIRouter(prefix="/v1", tags=["calls"], route_class=RecordedRoute)


@router.get("/calls/figures", dependencies=[Depends(Reader)])
async def read_figures(
    session: Reading,
    figures: Annotated[Figures, Depends(wired(Figures))],
    since: Since,
    until: Until,
    queue: QueueName = "",
    by: Grouping = "day",
    within: Within = DEFAULT_WITHIN_SECONDS,
) -> CallFiguresReport:
    """How calls went between two days: counts, the ratios made of them exactly and rounded, and the waits."""
    return await figures.report(session, Span(since, until, queue or None, by, within))
