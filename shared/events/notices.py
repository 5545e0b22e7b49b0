"""What `notify` says: a citizen may not have been told something, and how that was settled."""

from typing import Annotated, Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.streams import STREAMS
from shared.events.words import NoticeKind, NoticeOutcome, NoticeSettlement, Words


class NoticeFailedData(Data):
    """A notice that could not be handed over (`failed`), of which nobody knows whether it was (`uncertain`), or that
    may be part of a loop of machines (`held`). `error` says why.
    """

    notice_id: UUID
    ticket_id: UUID | None = None
    reason: str
    kind: Annotated[str, Words(NoticeKind)]
    outcome: Annotated[str, Words(NoticeOutcome)]
    error: str


class NoticeFailed(Event[NoticeFailedData]):
    """A citizen may not have been told something: a person must look."""

    stream = STREAMS["notices"]
    type: Literal["notice.failed"] = "notice.failed"
    dataschema: Literal["urn:satuatap:notice.failed:1"] = "urn:satuatap:notice.failed:1"


class NoticeSettledData(Data):
    """What became of a notice that had failed, or of which nobody knew whether it was handed over.

    `by` is `notify` where the provider's own word came late, and otherwise who decided, such as `staff:4711`.
    """

    notice_id: UUID
    ticket_id: UUID
    reason: str
    kind: Annotated[str, Words(NoticeKind)]
    outcome: Annotated[str, Words(NoticeSettlement)]
    by: str


class NoticeSettled(Event[NoticeSettledData]):
    """It is known now that a citizen was told something, or it is sent to him again."""

    stream = STREAMS["notices"]
    type: Literal["notice.settled"] = "notice.settled"
    dataschema: Literal["urn:satuatap:notice.settled:1"] = "urn:satuatap:notice.settled:1"
