"""What happens to a case moves its clocks: the one place that says how."""

from dataclasses import replace
from datetime import datetime

from services.tickets.domain.clocks import Clock
from services.tickets.domain.happenings import (
    Closed,
    Happened,
    Joined,
    Merged,
    Rejected,
    Reopened,
    ReopenedByAgent,
    Resolved,
    Settled,
    Unmerged,
)


def go_on(clocks: tuple[Clock, ...], happened: Happened) -> tuple[Clock, ...]:
    """The clocks of a case after what happened to it. Whatever is not known here moves none."""
    match happened.happening:
        case Resolved():
            return tuple(clock.stopped(happened.at) for clock in clocks)
        case Settled(settled_at=settled_at):
            return tuple(clock.stopped(settled_at or happened.at) for clock in clocks)
        case Closed() | Rejected() | Merged(role="source"):
            return tuple(clock if clock.stopped_at else clock.stopped(happened.at) for clock in clocks)
        case Joined() | Reopened() | ReopenedByAgent() | Unmerged(role="source"):
            return tuple(clock.resumed() for clock in clocks)
        case Merged(due_at=due_at) | Unmerged(due_at=due_at):
            return due_as_merged(clocks, due_at)
        case _:
            return clocks


def due_as_merged(clocks: tuple[Clock, ...], due_at: datetime) -> tuple[Clock, ...]:
    """The clocks of a case into which another was merged, or is no more: it is resolved by the earliest deadline of all
    that it goes on with (docs/adr/0046-merging.md).
    """
    return tuple(replace(clock, due_at=due_at) if clock.kind == "resolution" else clock for clock in clocks)
