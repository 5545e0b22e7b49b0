"""Nobody else changes meanwhile what contacts go on with."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.repository import cases
from services.tickets.service.batch import Batch
from shared.visibility import EVERYTHING


async def hold(session: AsyncSession, batch: Batch) -> None:
    """Holds the tickets that contacts go on with, all at once and so in one order, and reads them whole."""
    wanted = sorted({arrival.thread for arrival in batch.arrivals if arrival.goes_on})
    held = await cases.lock(session, EVERYTHING, wanted) if wanted else []
    batch.by_thread = {case.ticket.id: case for case in held}
