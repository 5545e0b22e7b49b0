"""What citizens do: a contact begins a case, or goes on with one. Neither is ever refused."""

from dataclasses import replace
from datetime import datetime

from services.tickets.domain.audit import BOOTH
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Escalated, Happening, Joined, Opened, Reopened, Settled
from services.tickets.domain.matching import Match
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.topics import Choice, Topic
from services.tickets.domain.verbs.changing import change, handled_by, happened, next_version, on_time, open_status
from services.tickets.domain.verbs.ending import resolved
from shared.events import ContactData


def open_case(
    case: Case,
    outcome: str,
    said_at: datetime,
    entry: Entry,
    act: Act,
    *,
    is_automatic: bool = False,
    mention: str | None = None,
    choice: Choice | None = None,
) -> Change:
    """A case begins. A booth may have escalated or resolved it in the same moment. `mention` is the code of another
    case that stands in its subject, `choice` why it has its topic.

    Any other `outcome`, also one that a newer release knows, leaves it open for somebody to look at.
    """
    opening = Opened(case.ticket.channel, is_automatic, mention)
    if choice:
        opening = replace(opening, because=choice.because, confidence=round(choice.confidence, 4))
    opened = Change(None, case, (happened(case, opening, act),), act.trace, entry)
    match outcome:
        case "escalated":
            escalated = next_version(case, status="escalated", escalation_level=1)
            return _at_the_booth(opened, escalated, Escalated(level=1), act)
        case "settled":
            return _at_the_booth(opened, resolved(case, said_at), Settled(said_at), act)
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
    """The citizen said more. A case that waits, or that had come to an end of whatever kind, is open again.

    What was not known is taken from what he says now (of himself: `citizen`); what was known stays, and all of it where
    he answers a ticket that was merged into this one: he may be another. A case without a topic may get one, unless a
    person has sent it somewhere already. `match` says why it is taken to belong here, where nothing proves it; then
    answers go to the chat in which it was said.
    """
    ticket = case.ticket
    standing = {} if ticket.status_category == "open" else {"status": open_status(ticket), "resolved_at": None}
    occasions = ticket.occasions + (contact.chat_id is None or contact.chat_id != ticket.chat_id)
    after = next_version(case, subject=ticket.subject or contact.subject, occasions=occasions, **standing)
    if topic and _is_unrouted(ticket):
        after = handled_by(replace(after, ticket=replace(after.ticket, topic=topic.slug)), topic.unit)
    if entry.said_to is None:
        after = replace(after, citizen=case.citizen.learned(citizen))
    joining = Reopened if ticket.status_category == "resolved" else Joined
    newly_reachable = after.citizen.person.reachable and not case.citizen.person.reachable
    if match is None:
        return change(case, after, joining(contact.contact_id, newly_reachable), act, entry)
    after = replace(after, ticket=replace(after.ticket, chat_id=contact.chat_id or ticket.chat_id))
    return change(case, after, joining(contact.contact_id, newly_reachable, match.because, match.score), act, entry)


def _at_the_booth(opened: Change, after: Case, happening: Happening, act: Act) -> Change:
    at_once = happened(after, happening, replace(act, actor=BOOTH))
    return replace(opened, after=on_time(after, at_once), happened=(*opened.happened, at_once))


def _is_unrouted(ticket: Ticket) -> bool:
    return not ticket.topic and not ticket.escalation_level
