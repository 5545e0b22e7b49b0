"""From what a stream carries to an event, in one pass, and what may be wrong with it."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict
from pydantic_core import from_json

from shared.events.citizens import CitizenErased
from shared.events.contacts import ChatUnread, ContactReceived, ContactWithdrawn, DeliveryReported
from shared.events.envelope import AnyEvent, Attributes
from shared.events.notices import NoticeFailed, NoticeSettled
from shared.events.surveys import SurveyInvited
from shared.events.tickets import (
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
)
from shared.events.words import Unknown

EVENT_TYPES: tuple[type[AnyEvent], ...] = (
    ContactReceived,
    ContactWithdrawn,
    DeliveryReported,
    ChatUnread,
    TicketOpened,
    TicketJoined,
    TicketReopened,
    TicketReplied,
    TicketEscalated,
    TicketResolved,
    TicketClosed,
    TicketRejected,
    TicketForwarded,
    TicketInfoRequested,
    CitizenErased,
    TicketSlaWarned,
    TicketSlaBreached,
    TicketAlerted,
    NoticeFailed,
    NoticeSettled,
    SurveyInvited,
)
_BY_NAME: Mapping[str, type[AnyEvent]] = {kind.model_fields["type"].default: kind for kind in EVENT_TYPES}
_DATASCHEMA = re.compile(r"urn:satuatap:([a-z_.]+):([1-9][0-9]{0,3})")


class NotAnEvent(ValueError):
    """What stands on the stream is no JSON object, or one that does not say what type of event it is."""


class UnknownEventType(Exception):
    """An event of a kind that this release does not know."""


class UnknownVersion(Exception):
    """A sound envelope around a version of its contract that this release does not know. It is kept in `envelope`."""

    def __init__(self, envelope: "Envelope") -> None:
        super().__init__(envelope.dataschema)
        self.envelope = envelope


class Envelope(Attributes):
    """The attributes of any event, whatever its data are."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: str
    dataschema: str


def parse(payload: bytes | str) -> Mapping[str, Any]:
    """The JSON object in `payload`, not looked at yet. Raises `NotAnEvent`."""
    try:
        fields = from_json(payload)
    except ValueError:
        raise NotAnEvent("not JSON") from None
    if not isinstance(fields, dict):
        raise NotAnEvent("not one JSON object")
    return fields


def event_of(fields: Mapping[str, Any], unknown: Unknown | None = None) -> AnyEvent:
    """The event that `said` is. Fields whose words this release does not know are noted in `unknown`.

    Raises `UnknownEventType` and `UnknownVersion` for what a newer writer may say, and `NotAnEvent` or
    `pydantic.ValidationError` for what is no event at all, or breaks the contract of a version that we know.
    """
    name = fields.get("type")
    if not isinstance(name, str):
        raise NotAnEvent("has no type")
    kind = _BY_NAME.get(name)
    if kind is None:
        raise UnknownEventType(name)
    dataschema = fields.get("dataschema")
    if dataschema != kind.model_fields["dataschema"].default and _names_a_version(dataschema, name):
        raise UnknownVersion(Envelope.model_validate(fields))
    return kind.model_validate(fields, context=unknown or Unknown())


def decode(payload: bytes | str) -> AnyEvent:
    """The event in `payload`. Raises as `parse` and `event_of` do."""
    return event_of(parse(payload))


def _names_a_version(dataschema: object, name: object) -> bool:
    found = _DATASCHEMA.fullmatch(dataschema) if isinstance(dataschema, str) else None
    return found is not None and found[1] == name
