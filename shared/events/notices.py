"""What `notify` says: a citizen may not have been told something."""

from typing import Annotated, Literal
from uuid import UUID

from shared.events.envelope import BaseEvent, Data
from shared.events.streams import STREAMS
from shared.events.words import NoticeKind, NoticeOutcome, Words


class NoticeFailedData(Data):
    """A notice that could not be handed over (`failed`), or of which nobody knows whether it was (`uncertain`)."""

    notice_id: UUID
    ticket_id: UUID | None = None
    reason: str
    kind: Annotated[str, Words(NoticeKind)]
    outcome: Annotated[str, Words(NoticeOutcome)]
    error: str


class NoticeFailed(BaseEvent):
    """A citizen may not have been told something: a person must look."""

    stream = STREAMS["notices"]
    type: Literal["notice.failed"] = "notice.failed"
    dataschema: Literal["urn:satuatap:notice.failed:1"] = "urn:satuatap:notice.failed:1"
    data: NoticeFailedData
