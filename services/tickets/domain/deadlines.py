"""What a person, or a calendar that was edited, says of the deadlines of a case."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.happenings import DueSet, Happening, PolicyChanged, Recomputed
from services.tickets.domain.policies import Policy
from services.tickets.domain.timeline import by_calendar, under
from services.tickets.domain.verbs import NotInThisState, note
from shared.errors import FieldError, Invalid

FURTHEST = timedelta(days=5 * 366)


def set_due(case: Case, clock: str, due_at: datetime | None, reason: str, act: Act) -> Change:
    """Fixes when something is due, whatever its policy says; None gives it back to its policy."""
    _check_open(case)
    running = [each.kind for each in case.clocks if not each.stopped_at]
    if clock not in running:
        raise Invalid(
            "No such clock runs for this ticket.",
            errors=[FieldError("clock", "does not run", f"one of: {', '.join(running)}")],
        )
    if due_at is not None and not act.now < due_at <= act.now + FURTHEST:
        fault = FieldError("due_at", "is past, or years away", "a moment to come, within five years; or null")
        raise Invalid("What is owed is due at a moment to come.", errors=[fault])
    return _next(case, case, DueSet(clock, due_at, reason), act)


def set_policy(case: Case, policy: Policy, act: Act) -> Change:
    """Puts the case under a policy. Its clocks keep when they began and stood still; others are dropped."""
    _check_open(case)
    clocks = under(case.clocks, policy, act.now, case.ticket.first_replied_at)
    was = case.resolution.policy
    changed = PolicyChanged(policy.name, policy.version, was.name, was.version)
    return _next(case, replace(case, clocks=clocks), changed, act)


def recompute(case: Case, calendar: Calendar, act: Act) -> Change:
    """Has the clocks of a case run by another version of their calendar; tells what is due at another moment."""
    after = replace(case, clocks=by_calendar(case.clocks, calendar))
    happened = [
        note(after, Recomputed(now.kind, calendar.name, calendar.version, was.due_at, now.due_at), act).happened[0]
        for was, now in zip(case.clocks, after.clocks, strict=True)
        if was.due_at != now.due_at
    ]
    return Change(case, after, tuple(happened), act.trace)


def _check_open(case: Case) -> None:
    if case.resolution.stopped_at:
        fault = FieldError("ticket_id", f"is {case.ticket.status}", "a ticket that has not ended")
        raise NotInThisState("Nothing is due any more.", errors=[fault])


def _next(before: Case, after: Case, happening: Happening, act: Act) -> Change:
    version = before.ticket.version + 1
    change = note(replace(after, ticket=replace(after.ticket, version=version)), happening, act)
    return replace(change, before=before)
