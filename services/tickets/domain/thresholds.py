"""The moments of a clock at which something is done about it: a warning, a breach, the steps of its chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.tickets.domain.calendars import add_working, take_working
from services.tickets.domain.clocks import Clock

WARN, BREACH, STEP = "warn", "breach", "step_"


@dataclass(frozen=True, slots=True)
class Timer:
    """When a threshold of a clock is due; None: not as the clock is now."""

    ticket_id: UUID
    clock: str
    kind: str
    due_at: datetime | None


def timers(clock: Clock) -> Iterator[Timer]:
    """Every threshold of a clock."""
    for kind in _kinds(clock):
        yield Timer(clock.ticket_id, clock.kind, kind, threshold(clock, kind) if clock.runs else None)


def threshold(clock: Clock, kind: str) -> datetime | None:
    """When this threshold of a clock is due, if it has it. A warning that would come before its clock began is none."""
    if kind == BREACH:
        return clock.is_over_at
    if kind == WARN:
        at = _before(clock, clock.term.warn_before) if clock.term.warn_before else None
        return at if at and at > clock.started_at else None
    place = int(kind.removeprefix(STEP)) - 1
    if place >= len(clock.term.chain):
        return None
    after = clock.term.chain[place].after
    return _before(clock, -after) if after < 0 else _after(clock, after)


def _kinds(clock: Clock) -> Iterator[str]:
    if clock.term.warn_before:
        yield WARN
    yield BREACH
    for place in range(len(clock.term.chain)):
        yield f"{STEP}{place + 1}"


def _before(clock: Clock, amount: int) -> datetime:
    return take_working(clock.calendar, clock.due_at, timedelta(minutes=amount))


def _after(clock: Clock, amount: int) -> datetime:
    return add_working(clock.calendar, clock.is_over_at, timedelta(minutes=amount)) if amount else clock.is_over_at
