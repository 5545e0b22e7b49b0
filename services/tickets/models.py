"""Rows of this service's schema beside the ticket itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from shared.events import Trace


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a ticket, by which request, and when."""

    actor: str
    trace: Trace
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation."""

    id: UUID
    ticket_id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did what to a ticket, and in `detail` what the desk said about it."""

    id: UUID
    ticket_id: UUID
    version: int
    actor: str
    verb: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its conversation a line stands, or in its audit trail a record. Those from before places were counted
    have the number 0, and go by their ids.
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
