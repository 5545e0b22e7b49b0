"""What happens to a case moves its clocks: the one place that says how.

Happenings are known by the names of their kinds, so that those of a newer release move clocks as they do there. What
is not named here moves none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.clocks import Clock, begun
from services.tickets.domain.happenings import Happened, data_of, kind_of
from services.tickets.domain.policies import RESOLUTION, SILENCE, Policy, State

STATE_AFTER: Mapping[str, State] = {
    "opened": "open",
    "joined": "open",
    "reopened": "open",
    "reopened_by_agent": "open",
    "info_received": "open",
    "hold_ended": "open",
    "escalated": "open",
    "replied": "answered",
    "info_requested": "waiting",
    "held": "held",
    "forwarded": "forwarded",
    "resolved": "ended",
    "settled": "ended",
    "closed": "ended",
    "rejected": "ended",
}
"""Whose turn it is after a happening; after any other it is whose it was."""
MOMENTS: Mapping[str, tuple[str, ...]] = {
    "joined": ("citizen_wrote",),
    "reopened": ("citizen_wrote",),
    "info_received": ("citizen_wrote",),
    "replied": ("answered",),
    "info_requested": ("asked",),
    "claimed": ("assigned",),
    "assigned": ("assigned",),
    "forwarded": ("forwarded",),
    "escalated": ("escalated",),
    "resolved": ("resolved", "ended"),
    "settled": ("resolved", "ended"),
    "closed": ("ended",),
    "rejected": ("ended",),
}
"""Which of the moments that terms speak of a happening is."""
_TAKEN_UP = {"joined", "reopened", "reopened_by_agent"}


def begin(ticket_id: UUID, policy: Policy, filed_at: datetime) -> tuple[Clock, ...]:
    """The clocks of a case that was filed at that moment."""
    return tuple(begun(ticket_id, policy, term, filed_at) for term in policy.terms if term.starts == "filed")


def go_on(clocks: tuple[Clock, ...], happened: Happened) -> tuple[Clock, ...]:
    """The clocks of a case after what happened to it."""
    kind, at, data = kind_of(happened.happening), happened.at, data_of(happened.happening)
    if kind in ("merged", "unmerged"):
        return _merged(clocks, kind, data, at)
    if kind == "settled" and data.get("settled_at"):
        at = datetime.fromisoformat(data["settled_at"])
    if kind == "prioritised":
        return tuple(clock.of_priority(data["after"]) for clock in clocks)
    if kind == "due_set":
        fixed_at = datetime.fromisoformat(data["due_at"]) if data.get("due_at") else None
        return tuple(clock.fixed(fixed_at) if clock.kind == data["clock"] else clock for clock in clocks)
    if kind == "breached":
        return tuple(replace(clock, breached_at=at) if clock.kind == data["clock"] else clock for clock in clocks)
    moments = () if data.get("is_reminder") else MOMENTS.get(kind, ())
    state = STATE_AFTER.get(kind)
    if not moments and state is None:
        return clocks
    moved = tuple(_moved(clock, moments, state, kind in _TAKEN_UP, at) for clock in clocks)
    return _with_new(moved, moments, at)


def under(
    clocks: tuple[Clock, ...], policy: Policy, at: datetime, answered_at: datetime | None = None
) -> tuple[Clock, ...]:
    """The clocks of a case that another policy is for from now on. They keep when they began and stood still.

    Those that it lacks are dropped; those that it has beside them began with the case, which was first answered at
    `answered_at`.
    """
    resolution = _resolution(clocks)
    kinds = {clock.kind for clock in clocks}
    new = (
        begun(resolution.ticket_id, policy, term, resolution.started_at, resolution.priority)
        for term in policy.terms
        if term.starts == "filed" and term.kind not in kinds
    )
    answered = (
        clock.stopped(answered_at) if answered_at and "answered" in clock.term.stops else clock for clock in new
    )
    kept = (_kept_under(clock, policy, at).of_priority(resolution.priority) for clock in clocks)
    return (*kept, *answered)


def by_calendar(clocks: tuple[Clock, ...], calendar: Calendar) -> tuple[Clock, ...]:
    """The clocks of a case by another version of the calendar of that name: those that are not stopped."""
    return tuple(
        replace(clock, calendar=calendar).counted()
        if clock.calendar.name == calendar.name and not clock.stopped_at
        else clock
        for clock in clocks
    )


def run(
    policies: Mapping[tuple[str, int], Policy],
    first: Policy,
    ticket_id: UUID,
    filed_at: datetime,
    trail: Iterable[Happened],
) -> tuple[Clock, ...]:
    """The clocks of a case by all that happened to it, from the beginning, when it was under the policy `first`.

    Which version of a calendar counts does not depend on when it came: the policies have those that do.
    """
    clocks, answered_at = begin(ticket_id, first, filed_at), None
    for happened in trail:
        if kind_of(happened.happening) == "policy_changed":
            data = data_of(happened.happening)
            clocks = under(clocks, policies[data["policy"], data["version"]], happened.at, answered_at)
        else:
            clocks = go_on(clocks, happened)
        if kind_of(happened.happening) == "replied":
            answered_at = answered_at or happened.at
    return clocks


def _moved(clock: Clock, moments: tuple[str, ...], state: State | None, taken_up: bool, at: datetime) -> Clock:
    term = clock.term
    if taken_up and term.goes_on_when_reopened:
        clock = clock.resumed(at)
    if "ended" in moments or set(moments) & set(term.stops):
        return clock.stopped(at)
    if state is None or clock.stopped_at:
        return clock
    return clock.still(at) if state in term.pauses else clock.going(at)


def _with_new(clocks: tuple[Clock, ...], moments: tuple[str, ...], at: datetime) -> tuple[Clock, ...]:
    """The clocks with those that a moment begins. What is owed already is not owed anew; but whoever is asked something
    has the whole time for it, also if he owed another answer.
    """
    if not moments or "ended" in moments:
        return clocks
    resolution = _resolution(clocks)
    by_kind = {clock.kind: clock for clock in clocks}
    for term in resolution.policy.terms:
        was = by_kind.get(term.kind)
        if term.starts in moments and (was is None or was.stopped_at or term.kind == SILENCE):
            by_kind[term.kind] = begun(resolution.ticket_id, resolution.policy, term, at, resolution.priority)
    return tuple(by_kind.values())


def _merged(clocks: tuple[Clock, ...], kind: str, data: Mapping[str, str], at: datetime) -> tuple[Clock, ...]:
    """The clocks of a case that became one with another, or two again. That which goes on is resolved by the earliest
    deadline of both, and stands still no longer: the other may not have waited.
    """
    if data["role"] == "source" and kind == "merged":
        return tuple(clock.stopped(at) for clock in clocks)
    if data["role"] == "source":
        return tuple(clock.resumed(at) if clock.term.goes_on_when_reopened else clock for clock in clocks)
    due = datetime.fromisoformat(data["due_at"])
    running = clocks if kind == "unmerged" else tuple(clock.going(at) for clock in clocks)
    return tuple(clock.fixed(due) if clock.kind == RESOLUTION and clock.due_at != due else clock for clock in running)


def _kept_under(clock: Clock, policy: Policy, at: datetime) -> Clock:
    term = policy.term(clock.kind)
    if term is None:
        return clock if clock.stopped_at else replace(clock.stopped(at), dropped=True)
    if clock.dropped:
        return replace(clock, policy=policy, calendar=term.calendar, stopped_at=None, dropped=False).counted()
    return clock if clock.stopped_at else replace(clock, policy=policy, calendar=term.calendar).counted()


def _resolution(clocks: tuple[Clock, ...]) -> Clock:
    """Every case has one."""
    return next(clock for clock in clocks if clock.kind == RESOLUTION)
