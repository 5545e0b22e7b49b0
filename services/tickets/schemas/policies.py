"""Policies over HTTP."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.tickets.domain.policies import Measure, Start, Stop
from services.tickets.domain.units import LONGEST_SLUG, SLUG, Slug
from services.tickets.schemas.calendars import Zone
from shared.http import Model, example

ClockKind = Literal[
    "first_response",
    "next_response",
    "resolution",
    "verify",
    "first_follow_up",
    "complainant_silence",
]
Minutes = Annotated[int, Field(ge=1, le=1_000_000)]
Role = Annotated[str, StringConstraints(pattern=SLUG, max_length=LONGEST_SLUG)]


class StepIn(Model):
    """What happens so many working minutes after a clock ran out, or before it does (less than 0)."""

    after: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    unit: Slug | None = Field(default=None, description="Who takes over; null: who has it keeps it")
    tell: Annotated[list[Role], Field(max_length=10)] = Field(
        default=[], description="The roles that are told, of the unit that has it then"
    )


class TermIn(Model):
    """One clock of a policy. `target` is in minutes of working time or in days, as `measure` says."""

    kind: ClockKind
    target: Minutes
    measure: Measure
    calendar: Slug
    starts: Start = Field(default="filed")
    stops: Annotated[set[Stop], Field(min_length=1)] = Field(description="What ends it; a case that ends does anyway")
    pauses: set[Literal["answered", "waiting", "held", "forwarded", "ended"]] = Field(
        default=set(), description="While a case is so, the clock stands still"
    )
    warn_before: Minutes | None = Field(default=None, description="In working minutes")
    by_priority: dict[Literal["low", "normal", "high", "urgent"], Minutes] = Field(default={})
    chain: Annotated[list[StepIn], Field(max_length=10)] = Field(default=[])


class PolicyIn(Model):
    """What is owed about a case."""

    model_config = example(
        zone="Asia/Jakarta",
        clocks=[
            {
                "kind": "first_response",
                "target": 240,
                "measure": "working_minutes",
                "calendar": "contact-centre",
                "stops": ["answered"],
                "warn_before": 60,
            },
            {
                "kind": "resolution",
                "target": 14,
                "measure": "working_days",
                "calendar": "indonesia",
                "stops": ["ended"],
                "pauses": ["waiting"],
                "chain": [{"after": 0, "tell": ["unit-head"]}, {"after": 480, "tell": ["unit-head"]}],
            },
        ],
        topics=["upah"],
    )
    zone: Zone = Field(description="The unit's: its days end there, and moments are told there")
    clocks: Annotated[list[TermIn], Field(min_length=1, max_length=20)]
    topics: Annotated[list[str], Field(max_length=200)] = Field(
        default=[], description="New cases of these are under it"
    )
    channels: Annotated[list[str], Field(max_length=20)] = Field(default=[], description="And those by these channels")


class StepOut(BaseModel):
    after: int
    unit: str | None
    tell: list[str]


class TermOut(BaseModel):
    kind: str
    target: int
    measure: str
    calendar: str
    starts: str
    stops: list[str]
    pauses: list[str]
    warn_before: int | None
    by_priority: dict[str, int]
    chain: list[StepOut]


class PolicyOut(BaseModel):
    """A policy as it is in force. Cases stay under the version that they have."""

    name: str
    version: int
    zone: str
    clocks: list[TermOut]
    topics: list[str]
    channels: list[str]


class PolicyPage(BaseModel):
    items: list[PolicyOut]
