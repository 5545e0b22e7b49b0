"""Contacts become tickets: a batch at a time, each contact exactly one entry of exactly one ticket."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import citizens, verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.clocks import Policy, resolution_clock
from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.topics import Classifier
from services.tickets.repository import cases
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.write import write
from shared.events import ContactData, ContactReceived
from shared.ids import new_id

DOOR = "door"


class Arrivals:
    """Receives contacts."""

    def __init__(self, *, rulebook: Rulebook, default_unit: str) -> None:
        self._rulebook = rulebook
        self._default_unit = default_unit

    async def receive(self, session: AsyncSession, events: Sequence[ContactReceived], now: datetime) -> None:
        """Opens a ticket for each contact, or lets it join the ticket of its chat."""
        classifier, policy = await self._rulebook.read(session, now)
        chat_ids = sorted({event.data.chat_id for event in events if event.data.chat_id})
        held = await cases.lock_chats(session, chat_ids) if chat_ids else []
        by_chat = {case.ticket.chat_id: case for case in held}
        changes: list[Change] = []
        for event in events:
            said = event.data
            known = by_chat.get(said.chat_id) if said.chat_id else None
            citizen = citizens.introduced(said)
            act = Act(DOOR, event.trace, now)
            if known is None:
                change = self._open(event, citizen, classifier, policy, act)
            else:
                topic = classifier.classify(said.body)
                change = verbs.join(known, said, citizen, topic, _entry(known.ticket.id, said), act)
            by_chat[change.after.ticket.chat_id] = change.after
            changes.append(change)
        await write(session, changes)

    def _open(
        self, event: ContactReceived, citizen: Citizen, classifier: Classifier, policy: Policy, act: Act
    ) -> Change:
        said = event.data
        topic = classifier.classify(said.subject, said.body)
        ticket = Ticket(
            id=new_id(),
            tracking_code=said.tracking_code,
            contact_id=said.contact_id,
            chat_id=said.chat_id,
            channel=said.channel,
            status="open",
            topic=topic.slug if topic else None,
            unit=topic.unit if topic else self._default_unit,
            subject=said.subject,
            citizen_id=citizen.id,
            zone=policy.zone,
            opened_at=said.received_at,
            correlation_id=event.correlationid,
        )
        clock = resolution_clock(ticket.id, said.received_at, policy)
        return verbs.open_case(Case(ticket, clock, citizen), said.outcome, event.time, _entry(ticket.id, said), act)


def _entry(ticket_id: UUID, said: ContactData) -> Entry:
    return Entry(
        id=new_id(),
        ticket_id=ticket_id,
        author="citizen",
        contact_id=said.contact_id,
        body=said.body,
        at=said.received_at,
    )
