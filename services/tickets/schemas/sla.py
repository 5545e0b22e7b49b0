"""The deadlines of a ticket over HTTP: each with its sum."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.tickets.domain.units import Slug
from services.tickets.schemas import Short
from services.tickets.schemas.policies import ClockKind
from shared.http import Model, example


class SetDueIn(Model):
    """By when something is due; null: when its policy says so."""

    model_config = example(clock="resolution", due_at="2026-03-25T16:00:00+07:00", reason="Menunggu keputusan bank")
    clock: ClockKind = Field(default="resolution")
    due_at: AwareDatetime | None
    reason: Short = Field(default="", description="For agents")


class SetPolicyIn(Model):
    """What is owed about the case from now on."""

    model_config = example(policy="ptsa")
    policy: Slug = Field(description="The name of one of GET /v1/policies")


class PauseOut(BaseModel):
    """From when until when a clock stood still; `end` is null while it does."""

    start: datetime
    end: datetime | None
    working_seconds: int


class DayOut(BaseModel):
    """What a day is in the sum. `why` it does not count: `filed`, `weekend`, `day_off` (called `name`), `paused`, or
    `before` the clock began or after it was due.
    """

    day: date
    counts: bool
    working_seconds: int
    why: str | None
    name: str | None


class ClockOut(BaseModel):
    """One clock of a ticket, and its sum. `target` is in working minutes or in days, as `measure` says."""

    kind: str
    state: Literal["pending", "paused", "met", "breached", "dropped"]
    target: int
    measure: str
    calendar: str
    calendar_version: int
    holidays: str
    started_at: datetime
    due_at: datetime
    fixed_at: datetime | None
    paused_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    remaining_seconds: int | None
    pauses: list[PauseOut]
    days: list[DayOut]
    estimated_years: list[int]
    recomputed_due_at: datetime | None
    agrees: bool
    words: list[str]


class SlaOut(BaseModel):
    """What is owed about a ticket, and why by then."""

    ticket_id: UUID
    policy: str
    policy_version: int
    zone: str
    priority: str
    clocks: list[ClockOut]
