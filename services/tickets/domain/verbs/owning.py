"""Whose case it is among those who work."""

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.happenings import Assigned, Claimed, Unassigned
from services.tickets.domain.verbs.changing import change, next_version, unchanged
from services.tickets.domain.verbs.refusing import check_may
from shared.errors import Conflict, FieldError


class AlreadyAssigned(Conflict):
    """Somebody else has the ticket. A claim takes only what nobody has; `assign` gives it to another."""

    code, title = "already_assigned", "Somebody else has the ticket"
    fault = FieldError("ticket_id", "is somebody else's", "a ticket that nobody has")


def claim(case: Case, act: Act) -> Change:
    """Whoever acts takes the case as his, if nobody has it. Twice is once."""
    check_may(case.ticket, "claim")
    if case.ticket.assignee == act.actor:
        return unchanged(case, act)
    if case.ticket.assignee is not None:
        raise AlreadyAssigned("Somebody was faster. Claim another, or have this one assigned.")
    return change(case, next_version(case, assignee=act.actor), Claimed(act.actor), act)


def assign(case: Case, assignee: str, act: Act, *, because: str = "") -> Change:
    """The case is given to an agent, whoever has it now."""
    check_may(case.ticket, "assign")
    before = case.ticket.assignee
    if before == assignee:
        return unchanged(case, act)
    return change(case, next_version(case, assignee=assignee), Assigned(assignee, before, because), act)


def unassign(case: Case, act: Act, *, because: str = "") -> Change:
    """The case is nobody's: it waits for whoever claims it."""
    check_may(case.ticket, "unassign")
    before = case.ticket.assignee
    if before is None:
        return unchanged(case, act)
    return change(case, next_version(case, assignee=None), Unassigned(before, because), act)
