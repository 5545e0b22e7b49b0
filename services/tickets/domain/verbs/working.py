"""How a case gets on: an answer to the citizen, a level higher."""

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Escalated, Replied
from services.tickets.domain.units import Unit
from services.tickets.domain.verbs.changing import change, handled_by, next_version
from services.tickets.domain.verbs.refusing import check_may
from shared.errors import Conflict, FieldError

HIGHEST_LEVEL = 3


class HighestLevel(Conflict):
    """There is nobody above."""

    code, title = "highest_level", "The ticket cannot go higher"
    fault = FieldError("ticket_id", "is at the highest level", "a ticket below it")


def reply(case: Case, entry: Entry, act: Act) -> Change:
    """An agent answers: now the citizen's word is awaited."""
    check_may(case.ticket, "reply")
    after = next_version(case, status="answered", first_replied_at=case.ticket.first_replied_at or act.now)
    return change(case, after, Replied(entry.id), act, entry)


def escalate(case: Case, unit: Unit | None, reason: str, act: Act) -> Change:
    """One level up, perhaps to another unit. The clock runs on from the filing."""
    check_may(case.ticket, "escalate")
    if case.ticket.escalation_level >= HIGHEST_LEVEL:
        raise HighestLevel(f"Level {HIGHEST_LEVEL} is the highest.")
    level = case.ticket.escalation_level + 1
    after = handled_by(next_version(case, status="escalated", escalation_level=level), unit or case.unit)
    return change(case, after, Escalated(level, reason), act)
