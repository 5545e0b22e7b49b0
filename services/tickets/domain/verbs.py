"""The verbs that change a case. Each may refuse; what it changed and what happened are one `Change`."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.tickets.domain.audit import BOOTH
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import (
    Escalated,
    Happened,
    Happening,
    Joined,
    Opened,
    Reopened,
    Replied,
    Resolved,
    Settled,
)
from services.tickets.domain.matching import Match
from services.tickets.domain.ticket import Status, Ticket
from services.tickets.domain.timeline import go_on
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit
from shared.errors import Conflict, FieldError
from shared.events import ContactData

HIGHEST_LEVEL = 3


class AlreadyResolved(Conflict):
    """A resolved case takes no more verbs of an agent; the citizen may open it again by writing."""

    code, title = "ticket_resolved", "The ticket is resolved"
    fault = FieldError("ticket_id", "is resolved", "a ticket that is open")


class HighestLevel(Conflict):
    """There is nobody above."""

    code, title = "highest_level", "The ticket cannot go higher"
    fault = FieldError("ticket_id", "is at the highest level", "a ticket below it")


def open_case(
    case: Case,
    outcome: str,
    said_at: datetime,
    entry: Entry,
    act: Act,
    *,
    is_automatic: bool = False,
    mention: str | None = None,
) -> Change:
    """A case begins. A booth may have escalated or resolved it in the same moment. `mention` is the code of another
    case that stands in its subject.

    Any other `outcome`, also one that a newer release knows, leaves it open for somebody to look at.
    """
    opening = Opened(case.ticket.channel, is_automatic, mention)
    opened = Change(None, case, (_happened(case, opening, act),), act.trace, entry)
    match outcome:
        case "escalated":
            escalated = _next(case, status="escalated", escalation_level=1)
            return _at_the_booth(opened, escalated, Escalated(level=1), act)
        case "settled":
            return _at_the_booth(opened, _resolved(case, said_at), Settled(said_at), act)
        case _:
            return opened


def join(
    case: Case,
    contact: ContactData,
    citizen: Citizen,
    topic: Topic | None,
    entry: Entry,
    act: Act,
    match: Match | None = None,
) -> Change:
    """The citizen said more. A resolved or answered case is open again.

    What was not known is taken from what he says now (of himself: `citizen`); what was known stays. A case without a
    topic may get one, unless a person has sent it somewhere already. `match` says why it is taken to belong here, where
    nothing proves it; then answers go to the chat in which it was said.
    """
    ticket = case.ticket
    standing = {} if ticket.status_category == "open" else {"status": _open_status(ticket), "resolved_at": None}
    occasions = ticket.occasions + (contact.chat_id is None or contact.chat_id != ticket.chat_id)
    after = _next(case, subject=ticket.subject or contact.subject, occasions=occasions, **standing)
    if topic and _is_unrouted(ticket):
        after = _handled_by(replace(after, ticket=replace(after.ticket, topic=topic.slug)), topic.unit)
    after = replace(after, citizen=case.citizen.learned(citizen))
    joining = Reopened if ticket.status == "resolved" else Joined
    newly_reachable = after.citizen.person.reachable and not case.citizen.person.reachable
    if match is None:
        return _change(case, after, joining(contact.contact_id, newly_reachable), act, entry)
    after = replace(after, ticket=replace(after.ticket, chat_id=contact.chat_id or ticket.chat_id))
    return _change(case, after, joining(contact.contact_id, newly_reachable, match.because, match.score), act, entry)


def reply(case: Case, entry: Entry, act: Act) -> Change:
    """An agent answers: now the citizen's word is awaited."""
    _check_open(case.ticket)
    after = _next(case, status="answered", first_replied_at=case.ticket.first_replied_at or act.now)
    return _change(case, after, Replied(entry.id), act, entry)


def escalate(case: Case, unit: Unit | None, reason: str, act: Act) -> Change:
    """One level up, perhaps to another unit. The clock runs on from the filing."""
    _check_open(case.ticket)
    if case.ticket.escalation_level >= HIGHEST_LEVEL:
        raise HighestLevel(f"Level {HIGHEST_LEVEL} is the highest.")
    level = case.ticket.escalation_level + 1
    after = _handled_by(_next(case, status="escalated", escalation_level=level), unit or case.unit)
    return _change(case, after, Escalated(level, reason), act)


def resolve(case: Case, entry: Entry | None, act: Act) -> Change:
    """An agent resolves it, with or without a last word."""
    _check_open(case.ticket)
    return _change(case, _resolved(case, act.now), Resolved(), act, entry)


def note(case: Case, happening: Happening, act: Act) -> Change:
    """Something became known about a case that changes nothing of it."""
    return _change(case, case, happening, act)


def _at_the_booth(opened: Change, after: Case, happening: Happening, act: Act) -> Change:
    at_once = _happened(after, happening, replace(act, actor=BOOTH))
    return replace(opened, after=_on_time(after, at_once), happened=(*opened.happened, at_once))


def _check_open(ticket: Ticket) -> None:
    if ticket.status == "resolved":
        raise AlreadyResolved("It was resolved before.")


def _is_unrouted(ticket: Ticket) -> bool:
    return not ticket.topic and not ticket.escalation_level


def _open_status(ticket: Ticket) -> Status:
    return "escalated" if ticket.escalation_level else "open"


def _resolved(case: Case, at: datetime) -> Case:
    return _next(case, status="resolved", resolved_at=at)


def _next(case: Case, **changes: Any) -> Case:
    return replace(case, ticket=replace(case.ticket, version=case.ticket.version + 1, **changes))


def _handled_by(case: Case, unit: Unit) -> Case:
    return replace(case, ticket=replace(case.ticket, unit=unit.slug), unit=unit)


def _change(before: Case, after: Case, happening: Happening, act: Act, entry: Entry | None = None) -> Change:
    happened = _happened(after, happening, act)
    return Change(before, _on_time(after, happened), (happened,), act.trace, entry)


def _on_time(case: Case, happened: Happened) -> Case:
    """The case with its clocks as they go on after what happened: no verb sets one itself."""
    return replace(case, clocks=go_on(case.clocks, happened))


def _happened(case: Case, happening: Happening, act: Act) -> Happened:
    return Happened(case.ticket.id, case.ticket.version, happening, act.actor, act.now)
