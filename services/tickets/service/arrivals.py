"""Contacts become tickets: a batch at a time, each contact exactly one entry of exactly one ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.domain.sla import Policy, resolution_due_at
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.topics import Classifier
from services.tickets.models import Audit, Entry
from services.tickets.service import announce
from services.tickets.service.rulebook import Rulebook
from shared import outbox
from shared.events import AnyEvent, ContactReceived
from shared.ids import new_id

DOOR = "door"
_DONE_BY_THE_CHANNEL = ("escalated", "settled")
"""Any other outcome, also one that a newer release knows, leaves the case open for somebody to look at."""


@dataclass
class _Batch:
    """What a batch of contacts comes to. Written at the end, with one statement a table."""

    opened: dict[UUID, Ticket] = field(default_factory=dict)
    changed: dict[UUID, Ticket] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    audit: list[Audit] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)

    def keep(self, ticket: Ticket) -> None:
        (self.opened if ticket.id in self.opened else self.changed)[ticket.id] = ticket


class Arrivals:
    """Receives contacts."""

    def __init__(self, *, rulebook: Rulebook, default_unit: str) -> None:
        self._rulebook = rulebook
        self._default_unit = default_unit

    async def receive(self, session: AsyncSession, events: Sequence[ContactReceived], now: datetime) -> None:
        """Opens a ticket for each contact, or lets it join the ticket of its chat."""
        classifier, policy = await self._rulebook.read(session, now)
        chat_ids = sorted({event.data.chat_id for event in events if event.data.chat_id})
        by_chat = await repository.lock_chats(session, chat_ids) if chat_ids else {}
        batch = _Batch()
        for event in events:
            known = by_chat.get(event.data.chat_id) if event.data.chat_id else None
            if known is None:
                ticket = self._open(batch, event, classifier, policy, now)
            else:
                ticket = self._join(batch, known, event, classifier, now)
            if ticket.chat_id:
                by_chat[ticket.chat_id] = ticket
        await repository.insert_tickets(session, list(batch.opened.values()))
        await repository.update_tickets(session, list(batch.changed.values()))
        await repository.insert_entries(session, batch.entries)
        await repository.insert_audit(session, batch.audit)
        await outbox.add(session, "tickets", batch.events)

    def _open(
        self, batch: _Batch, event: ContactReceived, classifier: Classifier, policy: Policy, now: datetime
    ) -> Ticket:
        contact = event.data
        topic = classifier.classify(contact.subject, contact.body)
        ticket = Ticket(
            id=new_id(),
            tracking_code=contact.tracking_code,
            contact_id=contact.contact_id,
            chat_id=contact.chat_id,
            channel=contact.channel,
            status="open",
            topic=topic.slug if topic else None,
            unit=topic.unit if topic else self._default_unit,
            subject=contact.subject,
            citizen=contact.citizen,
            programme_number_sealed=contact.programme_number_sealed,
            programme_number_last4=contact.programme_number_last4,
            policy_name=policy.name,
            policy_version=policy.version,
            zone=policy.zone,
            opened_at=contact.received_at,
            resolution_due_at=resolution_due_at(contact.received_at, policy),
            correlation_id=event.correlationid,
        )
        batch.audit.append(announce.audit(ticket, DOOR, "opened", now, detail=contact.channel))
        if contact.outcome == "escalated":
            ticket = ticket.escalated(None)
        elif contact.outcome == "settled":
            ticket = ticket.resolved(event.time)
        batch.opened[ticket.id] = ticket
        batch.entries.append(_entry(ticket, event))
        batch.events.append(announce.opened(ticket, event.trace, now))
        if contact.outcome in _DONE_BY_THE_CHANNEL:
            batch.audit.append(announce.audit(ticket, "booth", contact.outcome, now))
            batch.events.append(
                announce.escalated(ticket, event.trace, now)
                if contact.outcome == "escalated"
                else announce.resolved(ticket, event.trace, now)
            )
        return ticket

    def _join(
        self, batch: _Batch, known: Ticket, event: ContactReceived, classifier: Classifier, now: datetime
    ) -> Ticket:
        topic = classifier.classify(event.data.body)
        said = event.data
        ticket = known.joined(
            topic.slug if topic else None,
            topic.unit if topic else known.unit,
            said.citizen,
            subject=said.subject,
            programme_number_sealed=said.programme_number_sealed,
            programme_number_last4=said.programme_number_last4,
        )
        batch.keep(ticket)
        batch.entries.append(_entry(ticket, event))
        reopened = known.status == "resolved"
        batch.audit.append(announce.audit(ticket, DOOR, "reopened" if reopened else "joined", now))
        newly_reachable = ticket.citizen.reachable and not known.citizen.reachable
        batch.events.append(
            announce.joined(
                ticket, said.contact_id, event.trace, now, reopened=reopened, newly_reachable=newly_reachable
            )
        )
        return ticket


def _entry(ticket: Ticket, event: ContactReceived) -> Entry:
    contact = event.data
    return Entry(
        id=new_id(),
        ticket_id=ticket.id,
        author="citizen",
        contact_id=contact.contact_id,
        body=contact.body,
        at=contact.received_at,
    )
