"""The verbs of the desk: answer, escalate, resolve. Each locks one ticket, changes it by a verb that may refuse,
and writes down who did it and what others should know."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Act, Entry
from services.tickets.service import announce
from shared import outbox
from shared.errors import NotFound
from shared.events import AnyEvent
from shared.ids import new_id


async def reply(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Ticket:
    """Answers the citizen. Raises `NotFound`, `VersionConflict`, `TicketResolved`."""
    ticket = (await _hold(session, ticket_id, version)).replied(act.now)
    entry = _entry(ticket, body, act.now)
    event = announce.replied(ticket, entry.id, body, act.trace, act.now)
    await _write(session, ticket, event, entry, act, "replied")
    return ticket


async def escalate(
    session: AsyncSession, ticket_id: UUID, act: Act, *, unit: str | None, reason: str, version: int | None
) -> Ticket:
    """Takes the case one level up. Raises `NotFound`, `VersionConflict`, `TicketResolved`, `HighestLevel`."""
    ticket = (await _hold(session, ticket_id, version)).escalated(unit)
    event = announce.escalated(ticket, act.trace, act.now, reason)
    detail = ": ".join(filter(None, (f"level {ticket.escalation_level}", reason)))
    await _write(session, ticket, event, None, act, "escalated", detail)
    return ticket


async def resolve(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str, version: int | None) -> Ticket:
    """Settles the case, with or without a last word. Raises `NotFound`, `VersionConflict`, `TicketResolved`."""
    ticket = (await _hold(session, ticket_id, version)).resolved(act.now)
    entry = _entry(ticket, body, act.now) if body else None
    event = announce.resolved(ticket, act.trace, act.now, body)
    await _write(session, ticket, event, entry, act, "resolved")
    return ticket


async def _hold(session: AsyncSession, ticket_id: UUID, version: int | None) -> Ticket:
    ticket = await repository.lock_ticket(session, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    ticket.check_version(version)
    return ticket


async def _write(
    session: AsyncSession, ticket: Ticket, event: AnyEvent, entry: Entry | None, act: Act, verb: str, detail: str = ""
) -> None:
    await repository.update_tickets(session, [ticket])
    await repository.insert_entries(session, [entry] if entry else [])
    await repository.insert_audit(session, [announce.audit(ticket, act.actor, verb, act.now, detail)])
    await outbox.add(session, "tickets", [event])


def _entry(ticket: Ticket, body: str, now: datetime) -> Entry:
    return Entry(id=new_id(), ticket_id=ticket.id, author="agent", contact_id=None, body=body, at=now)
