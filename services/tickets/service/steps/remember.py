"""What is kept of what was found out: what leads to a ticket now, and what a person is to be asked."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Change
from services.tickets.domain.suggestions import Suggestion, suggested
from services.tickets.domain.threading import Code
from services.tickets.repository import codes, suggestions
from services.tickets.service.batch import Arrival, Batch


async def remember(session: AsyncSession, batch: Batch, changes: Sequence[Change], now: datetime) -> None:
    """Lets the codes and chats of contacts lead to the tickets that they joined, and keeps all suggestions. `changes`
    are what became of the contacts, in their order.
    """
    pairs = zip(batch.arrivals, changes, strict=True)
    await codes.add(session, [code for arrival, change in pairs for code in _codes(arrival, change)])
    await suggestions.add(session, [*batch.suggestions, *_suggested_cases(batch, now)])


def _codes(arrival: Arrival, change: Change) -> Iterator[Code]:
    """Those of a contact that joined a ticket of another code. A chat of the ticket whose place it takes leads there,
    too. A further line of a chat has none of its own. Of what answers a merged ticket they lead to that, also once it
    is parted again.
    """
    contact, ticket = arrival.contact, change.after.ticket
    leads_to = arrival.said_to or ticket.id
    is_line = arrival.match is None and contact.chat_id not in (None, contact.contact_id)
    if change.before is None or contact.tracking_code == ticket.tracking_code or is_line:
        return
    yield Code(
        contact.tracking_code, leads_to, contact.contact_id, contact.chat_id, contact.channel, contact.received_at
    )
    before = change.before.ticket
    if before.chat_id and before.chat_id != ticket.chat_id:
        yield Code(before.tracking_code, ticket.id, before.contact_id, before.chat_id, before.channel, before.opened_at)


def _suggested_cases(batch: Batch, now: datetime) -> Iterator[Suggestion]:
    for arrival in batch.arrivals:
        match = arrival.match
        if match and match.verdict == "suggest":
            other = match.candidate.thread
            other = batch.by_thread[other].ticket.id if other in batch.by_thread else other
            ticket = batch.by_thread[arrival.thread].ticket.id
            yield suggested("tickets", (ticket, other), match.score, match.because, now)
