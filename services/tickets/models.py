"""What is asked of the tables of this service, and in what pieces they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from services.tickets.domain.cases import Standing
from services.tickets.domain.entries import Entry
from services.tickets.domain.routing import Look
from services.tickets.domain.search import Wanted
from services.tickets.domain.tracking import Step


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its conversation a line stands, or in the trail of its ticket a happening. Those from before places were
    counted have the number 0, and go by their ids.
    """

    number: int
    id: UUID


BEGINNING = Place(0, UUID(int=0))
"""Before every place."""
END = Place(2**63 - 1, UUID(int=2**128 - 1))
"""Behind every place."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list, and the place after which the next page begins; None behind the last."""

    items: Sequence[Item]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A case as its citizen is told it: how it stands, and what happened."""

    standing: Standing
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last lines before a place, as many as a page of moderate length shows, in order; `earlier` is the place
    before which the others are, None where there are no others.
    """

    entries: Sequence[Entry]
    earlier: Place | None


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
    wanted: tuple[Wanted, ...] = ()


Sort = Literal["newest", "oldest", "due"]
"""In which order a list of tickets is: `due` has those whose resolution is owed, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a list of tickets goes on: after which of them, and when that was due, where this is the order."""

    id: UUID
    due_at: datetime | None = None


Grouping = Literal["day", "month", "year", "unit", "topic", "channel", "agent"]


@dataclass(frozen=True, slots=True)
class Span:
    """Of which days figures are wanted, the first and the last, and of which cases; None does not narrow."""

    since: date | None = None
    until: date | None = None
    unit: str | None = None
    topic: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A place in the feed: the transaction that wrote it, and the number and id of the happening."""

    transaction: int
    number: int
    id: UUID


START = FeedPlace(0, 0, UUID(int=0))
"""Before all that happened."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """Something that happened, with the unit, topic and channel that its ticket has now."""

    place: FeedPlace
    ticket_id: UUID
    version: int
    kind: str
    actor: str
    at: datetime
    unit: str
    topic: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class TopicModel:
    """A model that chooses topics, without what it learned: of which topics, by whom and when, and the report of how
    well it did.
    """

    version: int
    labels: tuple[str, ...]
    trained_at: datetime
    trained_by: str
    report: Mapping[str, Any]
    is_active: bool
    activated_at: datetime | None
    activated_by: str | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What a unit's agents could take now: cases of these topics (None: any), and how many at most."""

    unit: str
    topics: list[str] | None
    most: int


@dataclass(frozen=True, slots=True)
class Routing:
    """To whom a case was given by itself and when (None: it waited), and how each agent was looked at."""

    at: datetime
    agent: str | None
    looks: tuple[Look, ...]
