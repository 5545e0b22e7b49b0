"""What is asked of the tables of this service, and in what pieces they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its conversation a line stands, or in the trail of its ticket a happening. Those from before places were
    counted have the number 0, and go by their ids.
    """

    number: int
    id: UUID


BEGINNING = Place(0, UUID(int=0))
"""Before every place."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list, and the place after which the next page begins; None behind the last."""

    items: Sequence[Item]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A ticket that a chat, a code or its own id leads to, and whose it is."""

    ticket_id: UUID
    citizen_id: UUID


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of tickets is narrowed to; None does not narrow."""

    status: str | None = None
    statuses: tuple[str, ...] | None = None
    channel: str | None = None
    unit: str | None = None
    topic: str | None = None
    escalation_level: int | None = None
    tracking_code: str | None = None
    contact_id: UUID | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    due_before: datetime | None = None
