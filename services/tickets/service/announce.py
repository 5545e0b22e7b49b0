"""What others are told of what happened: the event of each happening that has one."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from services.tickets.domain.change import Change
from services.tickets.domain.digests import body_digest
from services.tickets.domain.happenings import (
    CitizenChanged,
    Escalated,
    Happened,
    Joined,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Replied,
    Resolved,
    Separated,
    Settled,
    Unrecognised,
    Withdrawn,
)
from shared.events import (
    AnyEvent,
    EscalatedData,
    JoinedData,
    OpenedData,
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


def events(change: Change) -> Iterator[AnyEvent]:
    """The events of a change, in the order in which things happened.

    Each says how the ticket is after the whole change: a case that a booth resolved is opened as a resolved one.
    """
    ticket_data = _ticket_data(change)
    words = change.entry.body if change.entry else ""
    for happened in change.happened:
        match happened.happening:
            case Opened(is_automatic=is_automatic):
                digest = body_digest(words) if ticket_data["channel"] == "email" else ""
                opened = OpenedData(
                    **ticket_data,
                    is_automatic=is_automatic,
                    body_digest=digest,
                    contact_id=change.after.ticket.contact_id,
                )
                yield _event(TicketOpened, opened, change.trace, happened)
            case Joined() as joined:
                yield _event(TicketJoined, JoinedData(**ticket_data, **asdict(joined)), change.trace, happened)
            case Reopened() as reopened:
                yield _event(TicketReopened, JoinedData(**ticket_data, **asdict(reopened)), change.trace, happened)
            case Replied() as replied:
                yield _event(
                    TicketReplied, RepliedData(**ticket_data, **asdict(replied), body=words), change.trace, happened
                )
            case Escalated(reason=reason):
                yield _event(TicketEscalated, EscalatedData(**ticket_data, reason=reason), change.trace, happened)
            case Resolved():
                data = ResolvedData(
                    **ticket_data, resolved_at=change.after.ticket.resolved_at or happened.at, answer=words
                )
                yield _event(TicketResolved, data, change.trace, happened)
            case Settled():
                data = ResolvedData(**ticket_data, resolved_at=change.after.ticket.resolved_at or happened.at)
                yield _event(TicketResolved, data, change.trace, happened)
            case NoticeFailed() | NoticeSettled() | Withdrawn() | Separated() | CitizenChanged() | Unrecognised():
                pass


def _ticket_data(change: Change) -> dict[str, Any]:
    ticket = change.after.ticket
    return {
        "ticket_id": ticket.id,
        "tracking_code": ticket.tracking_code,
        "version": ticket.version,
        "status": ticket.status,
        "channel": ticket.channel,
        "chat_id": ticket.chat_id,
        "topic": ticket.topic,
        "unit": ticket.unit,
        "unit_name": change.after.unit.name,
        "subject": ticket.subject,
        "opened_at": ticket.opened_at,
        "resolution_due_at": change.after.resolution.due_at,
        "zone": ticket.zone,
        "escalation_level": ticket.escalation_level,
        "citizen": change.after.citizen.person,
    }


def _event(event_type: type[AnyEvent], data: TicketData, trace: Trace, happened: Happened) -> AnyEvent:
    return event_type.of(data, subject=happened.ticket_id, now=happened.at, trace=trace, sequence=happened.version)
