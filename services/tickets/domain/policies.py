"""Policies: what is owed about a case, within what time, and what happens when it is not done (docs/domain.md,
"Deadlines"). They are data; a version never changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from services.tickets.domain.calendars import Calendar

Measure = Literal["working_minutes", "calendar_days", "working_days", "working_days_with_cuti_bersama"]
"""In what a target is counted: minutes of working time, or days of which some count."""
Start = Literal["filed", "citizen_wrote", "answered", "asked", "forwarded", "escalated"]
Stop = Literal["citizen_wrote", "answered", "asked", "assigned", "forwarded", "escalated", "resolved", "ended"]
State = Literal["open", "answered", "waiting", "held", "forwarded", "ended"]
"""Whose turn it is: ours; the citizen's, who was answered or asked; nobody's before a moment; another authority's; or
nobody's any more.
"""
RESOLUTION, FIRST_RESPONSE = "resolution", "first_response"
SILENCE = "complainant_silence"
"""The clock of the citizen: by when he answers what he was asked, or his case is closed."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a case goes, and which roles are told, so many working minutes after its clock ran out; before, if less
    than 0. `unit` is the slug of the unit that takes over; None: the one that has it keeps it.
    """

    after: int
    unit: str | None = None
    tell: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One clock of a policy: how much time there is, by which calendar, what starts it, stops it and lets it stand
    still. `warn_before` is in working minutes. `by_priority` are other targets for cases of these priorities.
    """

    kind: str
    target: int
    measure: Measure
    calendar: Calendar
    starts: Start = "filed"
    stops: tuple[Stop, ...] = ("ended",)
    pauses: tuple[State, ...] = ()
    warn_before: int | None = None
    by_priority: Mapping[str, int] = field(default_factory=dict)
    chain: tuple[Step, ...] = ()

    def target_of(self, priority: str) -> int:
        """How much time there is for a case of this priority."""
        return self.by_priority.get(priority, self.target)

    def counting(self, calendar: Calendar) -> Calendar:
        """A calendar with the days off that this term leaves out."""
        match self.measure:
            case "working_days":
                return calendar.keeping("public")
            case "working_days_with_cuti_bersama":
                return calendar.keeping("public", "government")
            case _:
                return calendar

    @property
    def goes_on_when_reopened(self) -> bool:
        """Whether it is owed again when a case is that had ended."""
        return "ended" in self.stops or "resolved" in self.stops


@dataclass(frozen=True, slots=True)
class Policy:
    """What is owed about a case: a clock for each term. `zone` is the unit's, in which days end and moments are told.

    New cases of these `topics` or `channels` are under it; those of no such policy are under that of the settings.
    """

    name: str
    version: int
    zone: str
    terms: tuple[Term, ...]
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def term(self, kind: str) -> Term | None:
        """The term of this kind, or None."""
        return next((term for term in self.terms if term.kind == kind), None)

    @property
    def asks_by_itself(self) -> bool:
        """Whether citizens are asked for what is missing of their cases without an agent: where it says what comes of
        their silence, for nobody is left waiting for an answer without an end.
        """
        silence = self.term(SILENCE)
        return silence is not None and silence.starts == "asked"


def days_policy(name: str, version: int, days: int, measure: Measure, zone: str, calendar: Calendar) -> Policy:
    """A policy that asks for nothing but that a case is resolved within so many days."""
    return Policy(name, version, zone, (Term(RESOLUTION, days, measure, calendar),))


class Policies:
    """The policies that are in force, and which of them a new case is under."""

    def __init__(self, usual: Policy, others: Iterable[Policy] = ()) -> None:
        self.usual = usual
        self._chosen: Sequence[Policy] = sorted(others, key=lambda policy: policy.name)

    def of(self, topic: str | None, channel: str) -> Policy:
        """The first by its name that names the topic; else the first that names the channel; else the usual one."""
        by_topic = next((policy for policy in self._chosen if topic in policy.topics), None)
        by_channel = next((policy for policy in self._chosen if channel in policy.channels), None)
        return by_topic or by_channel or self.usual


def minutes(amount: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=amount)
