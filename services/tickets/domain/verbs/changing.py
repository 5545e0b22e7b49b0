"""How a verb makes its change: the next version of the case, its clocks as they go on, and what happened."""

from dataclasses import replace
from typing import Any

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Happened, Happening
from services.tickets.domain.status import Status
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.timeline import go_on
from services.tickets.domain.units import Unit


def next_version(case: Case, **changes: Any) -> Case:
    """The case in its next version. A hold ends with the status that it is."""
    if changes.get("status", "held") != "held":
        changes = {"held_until": None, **changes}
    return replace(case, ticket=replace(case.ticket, version=case.ticket.version + 1, **changes))


def handled_by(case: Case, unit: Unit) -> Case:
    """The case with another unit, where it is nobody's yet."""
    moved = unit.slug != case.ticket.unit
    assignee = None if moved else case.ticket.assignee
    return replace(case, ticket=replace(case.ticket, unit=unit.slug, assignee=assignee), unit=unit)


def change(before: Case, after: Case, happening: Happening, act: Act, entry: Entry | None = None) -> Change:
    """What a verb comes to."""
    what = happened(after, happening, act)
    return Change(before, on_time(after, what), (what,), act.trace, entry)


def unchanged(case: Case, act: Act) -> Change:
    """Nothing: what was asked for is so already."""
    return Change(case, case, (), act.trace)


def on_time(case: Case, what: Happened) -> Case:
    """The case with its clocks as they go on after what happened: no verb sets one itself."""
    return replace(case, clocks=go_on(case.clocks, what))


def happened(case: Case, happening: Happening, act: Act) -> Happened:
    return Happened(case.ticket.id, case.ticket.version, happening, act.actor, act.now, act.origin)


def open_status(ticket: Ticket) -> Status:
    """How a case stands when the next word is ours."""
    return "escalated" if ticket.escalation_level else "open"
