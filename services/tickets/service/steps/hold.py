"""Nobody else changes meanwhile what contacts go on with."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.repository import cases, merges
from services.tickets.service.batch import Arrival, Batch
from services.tickets.service.steps.thread import follow
from shared.visibility import EVERYTHING


async def hold(session: AsyncSession, batch: Batch) -> None:
    """Holds the tickets that contacts go on with, all at once and so in one order, and reads them whole. Where somebody
    merged meanwhile, it is looked again: then nothing is kept of the first look, for locks are taken in that order.
    """
    joining = [arrival for arrival in batch.arrivals if arrival.goes_on]
    while joining:
        attempt = await session.begin_nested()
        held = await cases.lock(session, EVERYTHING, sorted({arrival.thread for arrival in joining}))
        if await _lead_there_still(session, joining, held):
            await attempt.commit()
            batch.by_thread = {case.ticket.id: case for case in held}
            return
        await attempt.rollback()
        await follow(session, joining)


async def _lead_there_still(session: AsyncSession, joining: Sequence[Arrival], held: Sequence[Case]) -> bool:
    """Whether tickets lead, now that the roots are held, to where they led before. One that is its own root is held."""
    if any(case.ticket.merged_into for case in held):
        return False
    merged = {arrival.said_to: arrival.thread for arrival in joining if arrival.said_to}
    leads = await merges.leads(session, EVERYTHING, sorted(merged))
    return merged == {lead.ticket_id: lead.root_id for lead in leads}
