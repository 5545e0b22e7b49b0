"""Is it an answer to something? What is said in a chat goes on with the case of that chat, and what proves which ticket
it answers with the case of that. A mail that has a tracking code in its subject goes on with that case if it is its
citizen's; a stranger's begins a case of its own, in which agents see the code.

What answers a ticket that was merged goes on with the one that goes on with it (docs/adr/0046-merging.md).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.threading import going_on, mentioned_code, takes_part
from services.tickets.repository import cases, citizens, merges, tickets
from services.tickets.repository.merges import Lead
from services.tickets.service.batch import Arrival, Batch
from shared.visibility import EVERYTHING

NOBODYS = UUID(int=0)
"""The id of nothing."""


async def thread(session: AsyncSession, batch: Batch) -> None:
    """Holds the cases of all chats, and of all tickets that are answered, and says which contacts go on with one."""
    await tickets.hold_chats(session, sorted({a.contact.chat_id for a in batch.arrivals if a.contact.chat_id}))
    leads, held = await _hold(session, batch.arrivals)
    batch.by_thread = {case.ticket.id: case for case in held}
    by_code = await _by_code(session, leads, batch)
    by_chat = {lead.chat_id: lead for lead in leads if lead.chat_id}
    by_ticket = {lead.ticket_id: lead for lead in leads}
    for arrival in batch.arrivals:
        contact = arrival.contact
        arrival.mention = _mention(arrival) if contact.chat_id not in by_chat else None
        mentioned, citizen = by_code.get(arrival.mention or "", (None, None))
        lead = by_ticket.get(contact.ticket_id or NOBODYS) or by_chat.get(contact.chat_id or NOBODYS)
        if mentioned and citizen and takes_part(citizen, contact):
            lead = mentioned
        arrival.thread = lead.root_id if lead else contact.chat_id
        arrival.said_to = lead.ticket_id if lead and lead.ticket_id != lead.root_id else None
    threads = [arrival.thread for arrival in batch.arrivals]
    for arrival, goes_on in zip(batch.arrivals, going_on(threads, batch.by_thread), strict=True):
        arrival.goes_on = goes_on


async def _hold(session: AsyncSession, arrivals: Sequence[Arrival]) -> tuple[Sequence[Lead], Sequence[Case]]:
    """Where the arrivals lead to, and those cases, held. Where somebody merges meanwhile, it is looked again: then
    nothing is kept of the first look, for locks are taken in the order of ids.
    """
    ids = sorted({arrival.contact.ticket_id for arrival in arrivals if arrival.contact.ticket_id})
    chats = sorted({arrival.contact.chat_id for arrival in arrivals if arrival.contact.chat_id})
    codes = sorted({code for code in map(_mention, arrivals) if code})
    if not ids and not chats and not codes:
        return (), ()
    while True:
        attempt = await session.begin_nested()
        leads = await merges.leads(session, EVERYTHING, ids=ids, chats=chats, codes=codes)
        held = await cases.lock(session, EVERYTHING, sorted({lead.root_id for lead in leads}))
        if await _lead_there_still(session, leads, held):
            await attempt.commit()
            return leads, held
        await attempt.rollback()


async def _lead_there_still(session: AsyncSession, leads: Sequence[Lead], held: Sequence[Case]) -> bool:
    """Whether tickets lead, now that the roots are held, to where they led before. One that is its own root is held."""
    if any(case.ticket.merged_into for case in held):
        return False
    merged = [lead for lead in leads if lead.ticket_id != lead.root_id]
    return not merged or merged == await merges.leads(session, EVERYTHING, ids=[lead.ticket_id for lead in merged])


def _mention(arrival: Arrival) -> str | None:
    """The code in the subject of a mail that proves nothing."""
    contact = arrival.contact
    return mentioned_code(contact.subject) if contact.channel == "email" and contact.ticket_id is None else None


async def _by_code(
    session: AsyncSession, leads: Sequence[Lead], batch: Batch
) -> Mapping[str, tuple[Lead, Citizen | None]]:
    """Where each code leads to, and whose it is: of a merged ticket he may be another than that of the root."""
    whose = {case.ticket.id: case.citizen for case in batch.by_thread.values()}
    merged = await tickets.of_ids(
        session, EVERYTHING, [lead.ticket_id for lead in leads if lead.ticket_id not in whose]
    )
    known = await citizens.load(session, merged)
    whose |= {ticket.id: known[ticket.citizen_id] for ticket in merged}
    return {lead.tracking_code: (lead, whose.get(lead.ticket_id)) for lead in leads}
