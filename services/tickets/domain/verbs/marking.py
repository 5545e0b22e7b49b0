"""What is noted about a case and moves nothing: words among colleagues, marks, and what became known."""

from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Happening, Linked, Noted, Prioritised, PrivacySet
from services.tickets.domain.ticket import Priority
from services.tickets.domain.verbs.changing import change, next_version, unchanged
from services.tickets.domain.verbs.refusing import check_may
from shared.errors import FieldError, Invalid
from shared.visibility import Privacy


def write_note(case: Case, entry: Entry, act: Act) -> Change:
    """An agent writes something for his colleagues. No citizen sees it, and no clock heeds it."""
    check_may(case.ticket, "note")
    return change(case, next_version(case), Noted(entry.id), act, entry)


def set_priority(case: Case, priority: Priority, act: Act) -> Change:
    """How urgent it is."""
    check_may(case.ticket, "set_priority")
    before = case.ticket.priority
    if before == priority:
        return unchanged(case, act)
    return change(case, next_version(case, priority=priority), Prioritised(before, priority), act)


def set_privacy(case: Case, privacy: Privacy, act: Act) -> Change:
    """From whom it is hidden whose case it is."""
    check_may(case.ticket, "set_privacy")
    before = case.ticket.privacy
    if before == privacy:
        return unchanged(case, act)
    return change(case, next_version(case, privacy=privacy), PrivacySet(before, privacy), act)


def link(case: Case, other: UUID, act: Act) -> Change:
    """The case has to do with another. That one says so, too: a link has two ends."""
    check_may(case.ticket, "link")
    if other == case.ticket.id:
        fault = FieldError("other", "is this ticket", "the id of another ticket")
        raise Invalid("A ticket is linked with another.", errors=[fault])
    return change(case, next_version(case), Linked(other), act)


def note(case: Case, happening: Happening, act: Act) -> Change:
    """Something became known about a case that changes nothing of it."""
    return change(case, case, happening, act)
