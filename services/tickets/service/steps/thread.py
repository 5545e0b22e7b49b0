"""Is it an answer to something? What is said in a chat goes on with the case of that chat."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.threading import going_on
from services.tickets.repository import cases
from services.tickets.service.batch import Batch
from shared.visibility import EVERYTHING


async def thread(session: AsyncSession, batch: Batch) -> None:
    """Holds the cases of all chats, and says which contacts go on with one."""
    chats = [arrival.contact.chat_id for arrival in batch.arrivals]
    held = await cases.lock_chats(session, EVERYTHING, sorted({chat for chat in chats if chat}))
    batch.by_chat = {case.ticket.chat_id: case for case in held if case.ticket.chat_id}
    for arrival, goes_on in zip(batch.arrivals, going_on(chats, batch.by_chat), strict=True):
        arrival.goes_on = goes_on
