"""What goes in and out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, EmailStr, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.tickets.domain.policies import Measure, Start, Stop
from services.tickets.domain.ticket import Category, Status
from services.tickets.domain.units import LONGEST_SLUG, SLUG, Slug
from services.tickets.domain.weeks import HOURS
from shared.http import Model, example
from shared.ratios import Ratio
from shared.text import OneLine

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
UnitName = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
Short = Annotated[str, StringConstraints(max_length=500)]


class UnitIn(Model):
    """What a unit is called."""

    model_config = example(name="Prakerja / pencairan")
    name: UnitName


class UnitOut(BaseModel):
    """A unit: `slug` is what programs call it, `name` what people do."""

    slug: str
    name: str


class UnitPage(BaseModel):
    items: list[UnitOut]


class ReplyIn(Model):
    """What an agent answers."""

    model_config = example(body="Insentif Anda kami proses; mohon tunggu sampai Jumat.")
    body: Text = Field(description="What the citizen is told")


class EscalateIn(Model):
    """To whom a case goes, and why."""

    model_config = example(unit="prakerja-pencairan", reason="Rekening perlu diperiksa bank")
    unit: UnitName | None = Field(default=None, description="The slug or the name of the unit that takes over")
    reason: Short = Field(default="", description="For agents; the citizen is told the due date, not the reason")


class ResolveIn(Model):
    """How a case ended."""

    model_config = example(body="Insentif sudah ditransfer pada 12 Maret.")
    body: Annotated[str, StringConstraints(max_length=20_000)] = Field(
        default="", description="What the citizen is told of the outcome"
    )


class TicketOut(BaseModel):
    """A case. `unit` is the slug of who handles it; `resolution_due_at` is the last second in time.

    `…_met_at` is when it was done in time, `…_breached_at` when it was known to be too late. A case is owed a first
    response if its policy has a clock for it.
    """

    id: UUID
    tracking_code: str
    contact_id: UUID
    status: Status
    status_category: Category
    channel: str
    unit: str
    unit_name: str
    topic: str | None
    subject: str
    opened_at: datetime
    resolution_due_at: datetime
    resolution_met_at: datetime | None
    resolution_breached_at: datetime | None
    first_response_due_at: datetime | None
    first_response_met_at: datetime | None
    first_response_breached_at: datetime | None
    first_replied_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int
    version: int


class CitizenOut(BaseModel):
    """Who it is, for agents. A programme number is masked to its last four digits."""

    name: str | None
    email: str | None
    phone: str | None
    nik: str | None
    programme_number: str | None


class EntryOut(BaseModel):
    id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime
    withdrawn_at: datetime | None


class AuditOut(BaseModel):
    version: int
    actor: str
    verb: str
    detail: str
    at: datetime


class EntryPage(BaseModel):
    items: list[EntryOut]
    next_cursor: str | None


class AuditPage(BaseModel):
    items: list[AuditOut]
    next_cursor: str | None


class TicketDetail(TicketOut):
    """A case with what is still missing from it, and the first page of its conversation and of its audit trail.

    `entries_next_cursor` and `audit_next_cursor` lead to the rest, by `…/entries` and `…/audit`; most cases have none.
    """

    citizen: CitizenOut
    missing: list[str]
    entries: list[EntryOut]
    entries_next_cursor: str | None
    audit: list[AuditOut]
    audit_next_cursor: str | None


class TicketPage(BaseModel):
    items: list[TicketOut]
    next_cursor: str | None


class Tracking(BaseModel):
    """What the citizen sees who knows the tracking code: how the case stands, and no personal data."""

    tracking_code: str
    status: Status
    status_category: Category
    channel: str
    topic: str | None
    unit: str
    unit_name: str
    opened_at: datetime
    resolution_due_at: datetime
    first_replied_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int


def known_zone(name: str) -> str:
    """`name`, if it is a zone. Raises what pydantic tells."""
    if name not in available_timezones():
        raise PydanticCustomError("not_known", "is not a known zone", {"expected": "a zone such as Asia/Jayapura"})
    return name


def within_a_day(hours: list[str] | None) -> list[str] | None:
    """`hours`, if none goes on into the next day. Raises what pydantic tells."""
    if any(told.partition("-")[0] >= told.partition("-")[2] for told in hours or ()):
        raise PydanticCustomError("not_one_day", "goes on into the next day", {"expected": "hours such as 09:00-12:00"})
    return hours


Day = date
"""Under another name, which a field called `date` does not hide."""
Hours = Annotated[str, StringConstraints(pattern=HOURS)]
DayHours = Annotated[list[Hours], Field(max_length=24)]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(known_zone)]


class WeekIn(Model):
    """The hours of each day, such as `08:00-12:00`; hours that end before they begin go on into the next day."""

    mon: DayHours = Field(default=[])
    tue: DayHours = Field(default=[])
    wed: DayHours = Field(default=[])
    thu: DayHours = Field(default=[])
    fri: DayHours = Field(default=[])
    sat: DayHours = Field(default=[])
    sun: DayHours = Field(default=[])


class SpecialDayIn(Model):
    """A day that is not as its week. `hours`: none for a day off, its own, or null for a day as its week is, although
    it is a day off elsewhere.
    """

    date: Day
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
    hours: Annotated[DayHours | None, AfterValidator(within_a_day)]


class CalendarIn(Model):
    """When there is work."""

    model_config = example(
        zone="Asia/Jakarta",
        week={"mon": ["08:00-12:00", "13:00-16:00"], "fri": ["08:00-11:00"]},
        days_off=["public", "government"],
        special=[{"date": "2026-03-17", "name": "Cuti bersama tambahan", "hours": []}],
    )
    zone: Zone = Field(description="Whose clocks show the hours, such as `Asia/Makassar`")
    week: WeekIn
    days_off: set[Literal["public", "government"]] = Field(
        default=set(), description="Which of the days off there is no work on: hari libur nasional, cuti bersama"
    )
    special: Annotated[list[SpecialDayIn], Field(max_length=2_000)] = Field(default=[])


class SpecialDayOut(BaseModel):
    date: Day
    name: str
    hours: list[str] | None


class CalendarOut(BaseModel):
    """A calendar as it is now. Clocks that run by an older version are computed anew soon after an edit."""

    name: str
    version: int
    zone: str
    week: dict[str, list[str]]
    days_off: list[str]
    special: list[SpecialDayOut]


class CalendarPage(BaseModel):
    items: list[CalendarOut]


class PassedOverOut(BaseModel):
    """An event of a file that is no day off: its place from 1 on, and why."""

    event: int
    why: str


class CalendarImported(BaseModel):
    """The calendar after a file, the days that the file has, and the events that were passed over."""

    calendar: CalendarOut
    days: list[Day]
    passed_over: list[PassedOverOut]


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


class FiguresRow(BaseModel):
    """The figures of a group: `of` is what it is called; empty for cases of no topic."""

    of: str
    figures: dict[str, int | Ratio | None]


class FiguresOut(BaseModel):
    """Figures of cases from one day to another, all together and by `by`. A fraction is null where nothing was counted
    that it could be a part of.
    """

    name: str
    since: date | None
    until: date | None
    by: str
    definitions: dict[str, str]
    total: dict[str, int | Ratio | None]
    items: list[FiguresRow]


class FeedItemOut(BaseModel):
    """Something that happened to a ticket. `place` is where it stands among all that happened; unit, topic and channel
    are those that the ticket has now. What was said is read at the ticket itself.
    """

    id: UUID
    place: str
    ticket_id: UUID
    version: int
    kind: str
    actor: str
    at: datetime
    unit: str
    topic: str | None
    channel: str


class FeedPage(BaseModel):
    """What happened, in order. `next_after` is where to read on, also when there was nothing yet."""

    items: list[FeedItemOut]
    next_after: str | None


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


class EscalationContact(Model):
    role: Role
    email: EmailStr


class EscalationContacts(Model):
    """Whom of a unit an escalation is told."""

    model_config = example(contacts=[{"role": "unit-head", "email": "kepala.bidang@dinas.example"}])
    contacts: Annotated[list[EscalationContact], Field(max_length=50)]
