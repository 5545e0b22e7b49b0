"""Is it an answer to something? What is said in a chat goes on with the case of that chat, and what proves which ticket
it answers with the case of that. A mail that has a tracking code in its subject goes on with that case if it is its
citizen's; a stranger's begins a case of its own, in which agents see the code.

Tickets are found here and held later, with those that other steps find: all in one order.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.threading import going_on, mentioned_code, takes_part
from services.tickets.models import Anchor
from services.tickets.repository import citizens, codes
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
    for arrival in batch.arrivals:
        contact = arrival.contact
        names = (contact.ticket_id, own.get(contact.contact_id), contact.chat_id)
        arrival.thread = next((anchors[name].ticket_id for name in names if name in anchors), arrival.thread)
    batch.owner_of = {anchor.ticket_id: anchor.citizen_id for anchor in anchors.values()}
    threads = [arrival.thread for arrival in batch.arrivals]
    for arrival, goes_on in zip(batch.arrivals, going_on(threads, batch.owner_of), strict=True):
        arrival.goes_on = goes_on


def _mention(arrival: Arrival) -> str | None:
    contact = arrival.contact
    return mentioned_code(contact.subject) if contact.channel == "email" and contact.ticket_id is None else None


async def _mentioned_by_their_own(
    session: AsyncSession, batch: Batch, anchors: Mapping[UUID | str | None, Anchor]
) -> dict[UUID, str]:
    """The codes in the subjects of mails whose writers take part in the cases of those, by contact. A mail of a
    conversation that has a case mentions none.
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
