"""What is done when a timer of a clock fires. The case is looked at again: it may be over, or wait, by now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.clocks import Clock
from services.tickets.domain.completeness import InfoRequest
from services.tickets.domain.happenings import Alerted, Breached, Warned
from services.tickets.domain.policies import SILENCE, Step
from services.tickets.domain.silence import of_silence
from services.tickets.domain.thresholds import BREACH, STEP, WARN, Timer, threshold
from services.tickets.domain.units import Unit
from services.tickets.domain.verbs import escalate, note
from shared.errors import Conflict


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom of a unit somebody is to write to: a role, such as `unit-head`, and its address."""

    unit: str
    role: str
    email: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The units that steps lead to, and whom to tell in each unit."""

    units: Mapping[str, Unit]
    contacts: Sequence[Contact]

    def of(self, unit: str, roles: Sequence[str]) -> list[Contact]:
        """The contacts of a unit in these roles."""
        return [contact for contact in self.contacts if contact.unit == unit and contact.role in roles]


def fire(case: Case, timer: Timer, chart: Chart, asked: Sequence[InfoRequest], act: Act) -> list[Change]:
    """What comes of a timer that is due: nothing, if the clock was stopped, stands still, or is due later by now.

    `asked` is what the citizen was asked for and has not answered.
    """
    clock = next((clock for clock in case.clocks if clock.kind == timer.clock), None)
    if clock is None or not _is_due(clock, timer.kind, act.now):
        return []
    if clock.kind == SILENCE:
        return list(of_silence(case, clock, timer.kind, asked, act))
    if timer.kind == WARN:
        return [note(case, Warned(clock.kind, clock.due_at), act)]
    if timer.kind == BREACH:
        return [] if clock.breached_at else [note(case, Breached(clock.kind, clock.due_at), act)]
    return list(_take_step(case, clock, int(timer.kind.removeprefix(STEP)), chart, act))


def _is_due(clock: Clock, kind: str, now: datetime) -> bool:
    due_at = threshold(clock, kind) if clock.runs else None
    return due_at is not None and due_at <= now


def _take_step(case: Case, clock: Clock, place: int, chart: Chart, act: Act) -> Iterator[Change]:
    """The case goes up, unless it is as high as it can, and those are told who handle it then."""
    step: Step = clock.term.chain[place - 1]
    try:
        above = escalate(case, chart.units.get(step.unit or ""), f"{clock.kind}, step {place}", act)
    except Conflict:
        pass
    else:
        case = above.after
        yield above
    for contact in chart.of(case.unit.slug, step.tell):
        told = Alerted(clock.kind, place, clock.due_at, contact.unit, contact.role, contact.email)
        yield note(case, told, act)
