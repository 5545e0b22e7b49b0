"""The CloudEvents 1.0 envelope that every event travels in."""

from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.streams import Stream
from shared.ids import new_id


class Data(BaseModel):
    """What an event says. Readers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Trace(NamedTuple):
    """What leads from an event back to the request or the contact that caused it, through all services.

    `traceparent` is the W3C trace context of that request, if it had one.
    """

    correlation_id: str
    traceparent: str | None = None


class Attributes(BaseModel):
    """The envelope. `sequence`, `correlationid` and `traceparent` are registered extensions of CloudEvents."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    subject: str
    time: datetime
    sequence: int | None = None
    correlationid: str
    traceparent: str | None = None

    @property
    def trace(self) -> Trace:
        """What an event that this one causes says of its cause."""
        return Trace(self.correlationid, self.traceparent)


D = TypeVar("D", bound=Data)


class Event(Attributes, Generic[D]):
    """An event whose data are of the kind `D`: `class TicketReplied(Event[RepliedData])`.

    Each kind has its `stream`, and its `type` and `dataschema` as the only words that may stand there.
    """

    stream: ClassVar[Stream]
    data: D

    def encode(self) -> str:
        """The JSON that is stored in the outbox and sent over the stream."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def of(cls, data: D, *, subject: UUID, now: datetime, trace: Trace, sequence: int | None = None) -> Self:
        """A new event of this kind about `subject`, said at `now` by the service that owns the stream."""
        return cls.model_construct(  # type: ignore[return-value]
            id=new_id(),
            source=cls.stream.writer,
            subject=str(subject),
            time=now,
            sequence=sequence,
            correlationid=trace.correlation_id,
            traceparent=trace.traceparent,
            data=data,
        )


AnyEvent = Event[Any]
"""An event of whatever kind."""
