"""How a case comes to an end, and is taken up again."""

from datetime import datetime

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Closed, Forwarded, Rejected, ReopenedByAgent, Resolved
from services.tickets.domain.verbs.changing import change, next_version, open_status
from services.tickets.domain.verbs.refusing import check_may


def resolve(case: Case, entry: Entry | None, act: Act) -> Change:
    """An agent resolves it, with or without a last word."""
    check_may(case.ticket, "resolve")
    return change(case, resolved(case, act.now), Resolved(), act, entry)


def close(case: Case, reason: Entry, act: Act) -> Change:
    """It is at its end for us, whether it was resolved or not. The citizen is told why; he may still write."""
    check_may(case.ticket, "close")
    return change(case, next_version(case, status="closed"), Closed(case.ticket.status, reason.body), act, reason)


def reject(case: Case, reason: Entry, act: Act) -> Change:
    """It is no case that can be taken up. The citizen is told why."""
    check_may(case.ticket, "reject")
    return change(case, next_version(case, status="rejected"), Rejected(case.ticket.status, reason.body), act, reason)


def forward(case: Case, to: str, entry: Entry | None, act: Act) -> Change:
    """It is another authority's to decide, and was sent there. The citizen is told where; our clock runs on."""
    check_may(case.ticket, "forward")
    return change(case, next_version(case, status="forwarded"), Forwarded(to), act, entry)


def reopen(case: Case, reason: str, act: Act) -> Change:
    """An agent takes up again what had ended, or had been sent elsewhere. The clock runs on, due when it was."""
    check_may(case.ticket, "reopen")
    after = next_version(case, status=open_status(case.ticket), resolved_at=None)
    return change(case, after, ReopenedByAgent(case.ticket.status, reason), act)


def resolved(case: Case, at: datetime) -> Case:
    """The case, resolved at that moment."""
    return next_version(case, status="resolved", resolved_at=at)
