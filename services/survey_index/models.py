"""Rows of this service's schema."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.survey_index.domain.editions import DEFAULT_EDITION, Edition
from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.period import Run
from services.survey_index.domain.profile import DEFAULT_CODE_LIST, CodeList, code_lists
from services.survey_index.domain.scope import Scope
from services.survey_index.domain.sheet.notes import ElementsNamedBy
from services.survey_index.domain.skm import Missing
from services.survey_index.domain.span import DaysTaken
from services.survey_index.domain.tallies import Answers, Layout

DEFAULT_ZONE = "Asia/Jakarta"
DEFAULT_PRIORITIES = 3
Selection = Literal["everybody", "simple_random", "nobody"]
"""Whom a survey asks of those whose cases end. `nobody`: it has other ways in alone."""


@dataclass(frozen=True)
class Survey:
    """An instrument at work. What decides a figure stays with it from its first day: the instrument as it was, the
    edition, the missing-answer policy, the code list as it was.
    """

    code: str
    title: str
    instrument: Instrument
    unit: str = ""
    services: tuple[str, ...] = ()
    opens_on: date | None = None
    closes_on: date | None = None
    edition: Edition = DEFAULT_EDITION
    missing: Missing = "per_question"
    code_list: str = DEFAULT_CODE_LIST
    codes: CodeList = field(default_factory=lambda: code_lists()[DEFAULT_CODE_LIST])
    zone: str = DEFAULT_ZONE
    population: int | None = None
    min_age: int | None = None
    selection: Selection = "everybody"
    response_percent: int = 100
    invitation_days: int = 14
    recontact_days: int = 30
    priorities: int = DEFAULT_PRIORITIES
    """How many elements a report names as those to improve first, at least; equal ones are never parted."""
    questions_assumed: bool = False
    """Whether nobody said what was asked: the survey began with a file, and the usual questionnaire was taken."""
    closed_at: datetime | None = None
    published_at: datetime | None = None

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.instrument)

    @property
    def scope(self) -> Scope:
        return Scope(self.unit, self.services)

    def is_ruled_as(self, other: "Survey") -> bool:
        """Whether both read an answer in the same way: all but how far they have come is the same."""
        as_it_began = replace(self, closed_at=None, published_at=None)
        return as_it_began == replace(other, closed_at=None, published_at=None)

    def spelled(self, part: "Part") -> "Part":
        """The part, with its unit and service as the survey spells them."""
        unit = part.unit and (self.scope.find("unit", part.unit) or part.unit)
        service = part.service and (self.scope.find("service", part.service) or part.service)
        return replace(part, unit=unit, service=service)

    def day_of(self, now: datetime) -> date:
        """Which day it is where the survey is run."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def answered_until(self, now: datetime) -> datetime:
        """Until when an invitation of `now` can be answered: the end of a day, where the survey is run."""
        day = self.day_of(now) + timedelta(days=self.invitation_days)
        last = min(day, self.closes_on) if self.closes_on else day
        return datetime.combine(last, time(23, 59, 59), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def run(self) -> Run:
        """When it was to run, and when it was closed."""
        return Run(self.opens_on, self.closes_on, self.day_of(self.closed_at) if self.closed_at else None)

    def population_of(self, part: "Part", today: date) -> int | None:
        """How many were served of whom `part` tells: of some days, a unit, a service or a channel nobody knows."""
        return self.population if part.is_of_all and self.run.is_whole(part.first, part.last, today) else None

    def takes(self, day: date) -> bool:
        """Whether an answer given on `day` belongs to it."""
        begun = self.opens_on is None or day >= self.opens_on
        return begun and self.closed_at is None and (self.closes_on is None or day <= self.closes_on)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a survey: the days from `first` to `last`, both included, of one unit, service and channel."""

    first: date | None = None
    last: date | None = None
    unit: str | None = None
    service: str | None = None
    channel: str | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether everybody who was served in these days belongs to it, so that the survey's population does, too."""
        return self.unit is None and self.service is None and self.channel is None


CaseOutcome = Literal[
    "invited", "not_drawn", "asked_recently", "no_address", "nobody_is_asked", "not_running", "other_unit"
]


@dataclass(frozen=True, slots=True)
class Case:
    """A resolved case in a survey's frame, and whether its citizen was asked. `person` is a keyed mark, no name."""

    ticket_id: UUID
    survey: str
    tracking_code: str
    unit: str
    channel: str
    ended_at: datetime
    person: bytes | None
    outcome: CaseOutcome


@dataclass(frozen=True, slots=True)
class Invitation:
    id: UUID
    survey: str
    ticket_id: UUID
    tracking_code: str
    unit: str
    channel: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a respondent told of himself, by codes of the survey's list; nothing of it is a must."""

    age: int | None = None
    sex: str = ""
    education: str = ""
    occupation: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """One respondent's answers, in the order of the instrument's questions. It knows no name."""

    id: UUID
    survey: str
    unit: str
    service: str
    channel: str
    day: date
    answered_at: datetime
    complete: bool
    answers: Answers
    profile: Profile = field(default_factory=Profile)
    comment: str | None = None
    comment_about: str = ""
    respondent: str | None = None
    import_id: UUID | None = None
    invitation_id: UUID | None = None
    response_key: str | None = None
    """What makes a second sending of it the same response: the call, the questionnaire's number."""
    interviewer_name: str | None = None
    interviewer_nip: str | None = None
    first_day: date | None = None
    """Where it is only known that it was given from this day to `day`; None where the day is known."""


@dataclass(frozen=True, slots=True)
class Import:
    """A file of answers that was imported, how it was read, whether it was taken back, and whose place it took."""

    import_id: UUID
    rows: int
    read_as: str
    imported_by: str
    imported_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    replaces: UUID | None = None
    days: DaysTaken | None = None
    """None of a file from before this was written down."""
    elements_named_by: ElementsNamedBy | None = None
    """None likewise."""

    def elements_known_by(self, instrument: Instrument) -> ElementsNamedBy | None:
        """By what its elements are known. What was said of its columns stands in `read_as`, also of a file from before
        `mapping` was a word, or before anything was kept.
        """
        said = {part.rpartition(":")[2] for part in self.read_as.split(",") if ":" in part}
        return "mapping" if said & set(instrument.codes) else self.elements_named_by


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One line of the plan of follow-up (rencana tindak lanjut): what is done about an element, by whom, by when."""

    id: UUID
    survey: str
    element: str
    action: str
    responsible: str
    due_on: date
    planned: int
    realised: int
