"""Every contract between the services: what is said on which stream, by whom, to whom.

Attribute names follow CloudEvents 1.0. Events are frozen and versioned by `dataschema`; readers ignore fields and keep
words that they do not know, so either may be added, but never renamed. There is one file for each writer.
`docs/events.md` and `docs/asyncapi.json` are generated from this package (`make docs`).
"""

from collections.abc import Iterable

from shared.events.citizens import CitizenErased, CitizenErasedData
from shared.events.contacts import (
    AttachmentData,
    ChatUnread,
    ChatUnreadData,
    ContactData,
    ContactReceived,
    ContactWithdrawn,
    ContactWithdrawnData,
    DeliveryReported,
    DeliveryReportedData,
)
from shared.events.envelope import AnyEvent, Data, Event, Trace
from shared.events.notices import NoticeFailed, NoticeFailedData, NoticeSettled, NoticeSettledData
from shared.events.people import Person
from shared.events.reading import (
    EVENT_TYPES,
    Envelope,
    NotAnEvent,
    UnknownEventType,
    UnknownVersion,
    decode,
    event_of,
    parse,
)
from shared.events.streams import STREAMS, Stream
from shared.events.surveys import InvitedData, SurveyInvited
from shared.events.tickets import (
    AlertedData,
    ClockData,
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
    TicketData,
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
)
from shared.events.words import Channel, DeliveryStatus, Unknown, Words

__all__ = [
    "EVENT_TYPES",
    "STREAMS",
    "AlertedData",
    "AnyEvent",
    "AttachmentData",
    "Channel",
    "ChatUnread",
    "ChatUnreadData",
    "CitizenErased",
    "CitizenErasedData",
    "ClockData",
    "ContactData",
    "ContactReceived",
    "ContactWithdrawn",
    "ContactWithdrawnData",
    "Data",
    "DeliveryReported",
    "DeliveryReportedData",
    "DeliveryStatus",
    "EndedData",
    "Envelope",
    "EscalatedData",
    "Event",
    "ForwardedData",
    "InfoRequestedData",
    "InvitedData",
    "JoinedData",
    "NotAnEvent",
    "NoticeFailed",
    "NoticeFailedData",
    "NoticeSettled",
    "NoticeSettledData",
    "OpenedData",
    "Person",
    "RepliedData",
    "ResolvedData",
    "Stream",
    "SurveyInvited",
    "TicketAlerted",
    "TicketClosed",
    "TicketData",
    "TicketEscalated",
    "TicketForwarded",
    "TicketInfoRequested",
    "TicketJoined",
    "TicketOpened",
    "TicketRejected",
    "TicketReopened",
    "TicketReplied",
    "TicketResolved",
    "TicketSlaBreached",
    "TicketSlaWarned",
    "Trace",
    "Unknown",
    "UnknownEventType",
    "UnknownVersion",
    "Words",
    "decode",
    "event_of",
    "parse",
    "types_on",
]


def types_on(stream: Stream) -> Iterable[type[AnyEvent]]:
    """The kinds of event that `stream` carries."""
    return (kind for kind in EVENT_TYPES if kind.stream is stream)
