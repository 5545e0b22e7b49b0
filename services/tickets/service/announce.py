"""How the desk says what happened: the audit record, and the event."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.tickets.domain.ticket import Ticket
from services.tickets.models import Audit
from shared.events import (
    AnyEvent,
    EscalatedData,
    JoinedData,
    RepliedData,
    ResolvedData,
    TicketData,
    TicketEscalated,
    TicketJoined,
    TicketOpened,
    TicketReopened,
    TicketReplied,
    TicketResolved,
    Trace,
)
from shared.ids import new_id


def audit(ticket: Ticket, actor: str, verb: str, now: datetime, detail: str = "") -> Audit:
    return Audit(
        id=new_id(),
        ticket_id=ticket.id,
        version=ticket.version,
        actor=actor,
        verb=verb,
        detail=detail,
        at=now,
    )


def opened(ticket: Ticket, trace: Trace, now: datetime) -> AnyEvent:
    """It is the first thing said of a case, also where a booth settled or escalated it in the same moment."""
    return _event(TicketOpened, TicketData(**_said(ticket)), ticket, trace, now, sequence=1)


def joined(
    ticket: Ticket, contact_id: UUID, trace: Trace, now: datetime, *, reopened: bool, newly_reachable: bool
) -> AnyEvent:
    data = JoinedData(**_said(ticket), contact_id=contact_id, newly_reachable=newly_reachable)
    return _event(TicketReopened if reopened else TicketJoined, data, ticket, trace, now)


def replied(ticket: Ticket, reply_id: UUID, body: str, trace: Trace, now: datetime) -> AnyEvent:
    return _event(TicketReplied, RepliedData(**_said(ticket), reply_id=reply_id, body=body), ticket, trace, now)


def escalated(ticket: Ticket, trace: Trace, now: datetime, reason: str = "") -> AnyEvent:
    return _event(TicketEscalated, EscalatedData(**_said(ticket), reason=reason), ticket, trace, now)


def resolved(ticket: Ticket, trace: Trace, now: datetime, answer: str = "") -> AnyEvent:
    data = ResolvedData(**_said(ticket), resolved_at=ticket.resolved_at or now, answer=answer)
    return _event(TicketResolved, data, ticket, trace, now)


def _said(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket_id": ticket.id,
        "tracking_code": ticket.tracking_code,
        "version": ticket.version,
        "status": ticket.status,
        "channel": ticket.channel,
        "chat_id": ticket.chat_id,
        "topic": ticket.topic,
        "unit": ticket.unit,
        "subject": ticket.subject,
        "opened_at": ticket.opened_at,
        "resolution_due_at": ticket.resolution_due_at,
        "zone": ticket.zone,
        "escalation_level": ticket.escalation_level,
        "citizen": ticket.citizen,
    }


def _event(
    kind: type[AnyEvent], data: TicketData, ticket: Ticket, trace: Trace, now: datetime, sequence: int | None = None
) -> AnyEvent:
    return kind.of(data, subject=ticket.id, now=now, trace=trace, sequence=sequence or ticket.version)
