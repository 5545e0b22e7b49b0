"""Is it an answer to something? What is said in a chat goes on with the case of that chat, and what proves which ticket
it answers with the case of that. A mail that has a tracking code in its subject goes on with that case if it is its
citizen's; a stranger's begins a case of its own, in which agents see the code.

Tickets are found here and held later, with those that other steps find: all in one order. What answers a ticket that
was merged goes on with the one that goes on with it (docs/adr/0046-merging.md).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.threading import going_on, mentioned_code, takes_part
from services.tickets.models import Anchor
from services.tickets.repository import citizens, codes, merges
from services.tickets.repository.merges import Lead
from services.tickets.service.batch import Arrival, Batch
from shared.visibility import EVERYTHING


async def thread(session: AsyncSession, batch: Batch) -> None:
    """Holds all chats, and says which contacts go on with a case, and with which."""
    contacts = [arrival.contact for arrival in batch.arrivals]
    chats = sorted({contact.chat_id for contact in contacts if contact.chat_id})
    await codes.hold_chats(session, chats)
    for arrival in batch.arrivals:
        arrival.mention = _mention(arrival)
    anchors = await codes.anchors(
        session,
        EVERYTHING,
        chats=chats,
        tickets=sorted({contact.ticket_id for contact in contacts if contact.ticket_id}),
        codes=sorted({arrival.mention for arrival in batch.arrivals if arrival.mention}),
    )
    own = await _mentioned_by_their_own(session, batch, anchors)
    answering: list[Arrival] = []
    for arrival in batch.arrivals:
        contact = arrival.contact
        names = (contact.ticket_id, own.get(contact.contact_id), contact.chat_id)
        if anchor := next((anchors[name] for name in names if name in anchors), None):
            arrival.thread = anchor.ticket_id
            answering.append(arrival)
    batch.owner_of = {lead.root_id: lead.citizen_id for lead in await follow(session, answering)}
    threads = [arrival.thread for arrival in batch.arrivals]
    for arrival, goes_on in zip(batch.arrivals, going_on(threads, batch.owner_of), strict=True):
        arrival.goes_on = goes_on


async def follow(session: AsyncSession, arrivals: Sequence[Arrival]) -> Sequence[Lead]:
    """Lets contacts go on with the roots of the tickets that they answer, and says where those lead to."""
    answered = sorted({arrival.said_to or arrival.thread for arrival in arrivals})
    leads = await merges.leads(session, EVERYTHING, answered)
    by_ticket = {lead.ticket_id: lead for lead in leads}
    for arrival in arrivals:
        if lead := by_ticket.get(arrival.said_to or arrival.thread):
            arrival.thread = lead.root_id
            arrival.said_to = lead.ticket_id if lead.ticket_id != lead.root_id else None
    return leads


def _mention(arrival: Arrival) -> str | None:
    """The code in the subject of a mail that proves nothing."""
    contact = arrival.contact
    return mentioned_code(contact.subject) if contact.channel == "email" and contact.ticket_id is None else None


async def _mentioned_by_their_own(
    session: AsyncSession, batch: Batch, anchors: Mapping[UUID | str | None, Anchor]
) -> dict[UUID, str]:
    """The codes in the subjects of mails whose writers take part in the cases of those, by contact; of a merged ticket
    that may be another than in its root. A mail of a conversation that has a case mentions none.
    """
    for arrival in batch.arrivals:
        if arrival.contact.chat_id in anchors:
            arrival.mention = None
    mentions = [(arrival.contact, arrival.mention) for arrival in batch.arrivals if arrival.mention in anchors]
    owners = {anchors[mention].citizen_id for _, mention in mentions}
    known = await citizens.get(session, EVERYTHING, sorted(owners)) if owners else {}
    return {
        contact.contact_id: mention
        for contact, mention in mentions
        if mention and takes_part(known[anchors[mention].citizen_id], contact)
    }
