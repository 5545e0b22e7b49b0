"""What others are told of what happened: the event of each happening that has one."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from services.tickets.domain.change import Addressee, Change
from services.tickets.domain.digests import body_digest
from services.tickets.domain.happenings import (
    Alerted,
    Assigned,
    Breached,
    CitizenChanged,
    Claimed,
    Closed,
    DueSet,
    Escalated,
    Forwarded,
    Happened,
    Held,
    HoldEnded,
    InfoReceived,
    InfoRequested,
    Joined,
    Linked,
    Merged,
    Noted,
    NoticeFailed,
    NoticeSettled,
    Opened,
    PolicyChanged,
    Prioritised,
    PrivacySet,
    Recomputed,
    Rejected,
    Reopened,
    ReopenedByAgent,
    Replied,
    Resolved,
    Separated,
    Settled,
    Split,
    Unassigned,
    Unmerged,
    Unrecognised,
    Warned,
    Withdrawn,
)
from shared.events import (
    AlertedData,
    AnyEvent,
    ClockData,
    Data,
    EndedData,
    EscalatedData,
    ForwardedData,
    InfoRequestedData,
    JoinedData,
    OpenedData,
    RepliedData,
    ResolvedData,
    TicketAlerted,
    TicketClosed,
    TicketEscalated,
    TicketForwarded,
    TicketInfoRequested,
    TicketJoined,
    TicketOpened,
    TicketRejected,
    TicketReopened,
    TicketReplied,
    TicketResolved,
    TicketSlaBreached,
    TicketSlaWarned,
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
            case Closed(reason=reason):
                yield _event(TicketClosed, EndedData(**ticket_data, reason=reason), change.trace, happened)
            case Rejected(reason=reason):
                yield _event(TicketRejected, EndedData(**ticket_data, reason=reason), change.trace, happened)
            case Forwarded(to=to):
                forwarded = ForwardedData(**ticket_data, to=to, body=words)
                yield _event(TicketForwarded, forwarded, change.trace, happened)
            case InfoRequested(reply_id=reply_id, fields=fields):
                info = InfoRequestedData(**ticket_data, reply_id=reply_id, fields=fields, body=words)
                yield _event(TicketInfoRequested, info, change.trace, happened)
            case Warned(clock=clock, due_at=due_at):
                warned = ClockData(**ticket_data, clock=clock, due_at=due_at)
                yield _event(TicketSlaWarned, warned, change.trace, happened)
            case Breached(clock=clock, due_at=due_at):
                breached = ClockData(**ticket_data, clock=clock, due_at=due_at)
                yield _event(TicketSlaBreached, breached, change.trace, happened)
            case Alerted() as alerted:
                yield _event(TicketAlerted, _alert(ticket_data, alerted, happened), change.trace, happened)
            case NoticeFailed() | NoticeSettled() | Withdrawn() | InfoReceived() | Unrecognised():
                pass
            case Claimed() | Assigned() | Unassigned() | Noted() | Held() | HoldEnded() | ReopenedByAgent():
                pass
            case Prioritised() | PrivacySet() | Linked() | Merged() | Unmerged() | Split():
                pass
            case DueSet() | PolicyChanged() | Recomputed():
                pass
            case Separated() | CitizenChanged():
                pass


def _ticket_data(change: Change) -> dict[str, Any]:
    ticket = change.after.ticket
    theirs = change.addressee or Addressee(ticket, change.after.citizen)
    return {
        "ticket_id": ticket.id,
        "tracking_code": theirs.ticket.tracking_code,
        "version": ticket.version,
        "status": ticket.status,
        "channel": theirs.ticket.channel,
        "chat_id": theirs.ticket.chat_id,
        "topic": ticket.topic,
        "unit": ticket.unit,
        "unit_name": change.after.unit.name,
        "subject": ticket.subject,
        "opened_at": ticket.opened_at,
        "resolution_due_at": change.after.resolution.due_at,
        "zone": ticket.zone,
        "escalation_level": ticket.escalation_level,
        "citizen": theirs.citizen.person,
        "privacy": ticket.privacy,
    }


def _alert(ticket_data: dict[str, Any], alerted: Alerted, happened: Happened) -> AlertedData:
    """What a member of the staff is told: of the case what is no personal data."""
    said = {name: value for name, value in ticket_data.items() if name in AlertedData.model_fields}
    told = {"clock": alerted.clock, "due_at": alerted.due_at, "step": alerted.step, "role": alerted.role}
    return AlertedData(**said, **told, email=alerted.email, is_late=happened.at > alerted.due_at)


def _event(event_type: type[AnyEvent], data: Data, trace: Trace, happened: Happened) -> AnyEvent:
    return event_type.of(data, subject=happened.ticket_id, now=happened.at, trace=trace, sequence=happened.version)
