"""Is it an answer to something? What is said in a chat goes on with the case of that chat, and what proves which ticket
it answers with the case of that. A mail that has a tracking code in its subject goes on with that case if it is its
citizen's; a stranger's begins a case of its own, in which agents see the code.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.threading import going_on, mentioned_code, takes_part, thread_of
from services.tickets.repository import cases, tickets
from services.tickets.service.batch import Batch
from shared.visibility import EVERYTHING


async def thread(session: AsyncSession, batch: Batch) -> None:
    """Holds the cases of all chats, and of all tickets that are answered, and says which contacts go on with one."""
    chats = {arrival.contact.chat_id for arrival in batch.arrivals}
    held = await cases.lock_chats(session, EVERYTHING, sorted(chat for chat in chats if chat))
    answered = {arrival.contact.ticket_id for arrival in batch.arrivals} | await _mentioned(session, batch, held)
    answered -= {case.ticket.id for case in held}
    held += await cases.lock(session, EVERYTHING, sorted(ticket for ticket in answered if ticket))
    batch.by_thread = {thread_of(case.ticket): case for case in held}
    by_ticket = {case.ticket.id: name for name, case in batch.by_thread.items()}
    by_code = {case.ticket.tracking_code: case for case in held}
    for arrival in batch.arrivals:
        ticket, chat = arrival.contact.ticket_id, arrival.contact.chat_id
        mentioned = by_code.get(arrival.mention) if arrival.mention and chat not in batch.by_thread else None
        if mentioned and takes_part(mentioned.citizen, arrival.contact):
            ticket = mentioned.ticket.id
        arrival.thread = by_ticket.get(ticket, chat) if ticket else chat
    threads = [arrival.thread for arrival in batch.arrivals]
    for arrival, goes_on in zip(batch.arrivals, going_on(threads, batch.by_thread), strict=True):
        arrival.goes_on = goes_on


async def _mentioned(session: AsyncSession, batch: Batch, held: Sequence[Case]) -> set[UUID | None]:
    """Notes which codes stand in the subjects of mails that prove nothing, and answers the tickets of those."""
    chats = {case.ticket.chat_id for case in held}
    for arrival in batch.arrivals:
        contact = arrival.contact
        if contact.channel == "email" and contact.ticket_id is None and contact.chat_id not in chats - {None}:
            arrival.mention = mentioned_code(contact.subject)
    codes = sorted({arrival.mention for arrival in batch.arrivals if arrival.mention})
    return set(await tickets.ids_of_codes(session, EVERYTHING, codes)) if codes else set()
