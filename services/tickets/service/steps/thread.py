"""Is it an answer to something? What is said in a chat goes on with the case of that chat, and what proves which ticket
it answers with the case of that.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.threading import going_on, thread_of
from services.tickets.repository import cases
from services.tickets.service.batch import Batch
from shared.visibility import EVERYTHING


async def thread(session: AsyncSession, batch: Batch) -> None:
    """Holds the cases of all chats, and of all tickets that are answered, and says which contacts go on with one."""
    chats = {arrival.contact.chat_id for arrival in batch.arrivals}
    held = await cases.lock_chats(session, EVERYTHING, sorted(chat for chat in chats if chat))
    answered = {arrival.contact.ticket_id for arrival in batch.arrivals} - {case.ticket.id for case in held}
    held += await cases.lock(session, EVERYTHING, sorted(ticket for ticket in answered if ticket))
    batch.by_thread = {thread_of(case.ticket): case for case in held}
    by_ticket = {case.ticket.id: name for name, case in batch.by_thread.items()}
    for arrival in batch.arrivals:
        ticket, chat = arrival.contact.ticket_id, arrival.contact.chat_id
        arrival.thread = by_ticket.get(ticket, chat) if ticket else chat
    threads = [arrival.thread for arrival in batch.arrivals]
    for arrival, goes_on in zip(batch.arrivals, going_on(threads, batch.by_thread), strict=True):
        arrival.goes_on = goes_on
