"""Taking out of a case again what joined it and does not belong there: it becomes a case of its own."""

from dataclasses import replace
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Opened, Separated
from services.tickets.domain.policies import Policies
from services.tickets.domain.threading import Code
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.timeline import begin
from services.tickets.domain.topics import Choice, Topic, unit_of
from services.tickets.domain.verbs.changing import change, happened
from shared.errors import Conflict, FieldError
from shared.ids import new_id, new_tracking_code


class NotSeparable(Conflict):
    """It is no word of the citizen's, or the one with which the case began."""

    code, title = "not_separable", "It cannot be taken out of the case"
    fault = FieldError("entry_id", "cannot be taken out", "something that the citizen said after the case began")


def separate(
    case: Case, entry: Entry, code: Code | None, own_chat: UUID | None, choice: Choice, policies: Policies, act: Act
) -> tuple[Change, Change]:
    """What becomes of the case, and the new one. Its clock runs from when it was said, by the policy of today.

    `code` is what its citizen was given for it; without it the new case gets one. `own_chat` is the chat in which the
    case goes on. Raises `NotSeparable`.
    """
    if entry.author != "citizen" or entry.contact_id is None or entry.contact_id == case.ticket.contact_id:
        raise NotSeparable("Only what its citizen said after a case began can be taken out of it.")
    if entry.said_to is not None:
        raise NotSeparable("It was said to a ticket that was merged into this one. Undo that merge first.")
    new = _new_case(case, entry, entry.contact_id, code, choice.topic, policies, act)
    occasions = max(1, case.ticket.occasions - 1)
    ticket = replace(case.ticket, version=case.ticket.version + 1, chat_id=own_chat, occasions=occasions)
    parted = Separated(entry.contact_id, new.ticket.id)
    opened = Opened(new.ticket.channel, because=choice.because, confidence=round(choice.confidence, 4))
    new_one = Change(None, new, (happened(new, opened, act),), act.trace)
    return change(case, replace(case, ticket=ticket), parted, act), new_one


def _new_case(
    case: Case, entry: Entry, contact_id: UUID, code: Code | None, topic: Topic | None, policies: Policies, act: Act
) -> Case:
    unit, channel = unit_of(topic, case.unit), code.channel if code else case.ticket.channel
    policy = policies.of(topic.slug if topic else None, channel)
    ticket = Ticket(
        id=new_id(),
        tracking_code=code.code if code else new_tracking_code(),
        contact_id=contact_id,
        chat_id=code.chat_id if code else None,
        channel=channel,
        status="open",
        topic=topic.slug if topic else None,
        unit=unit.slug,
        subject="",
        citizen_id=case.citizen.id,
        zone=policy.zone,
        opened_at=entry.at,
        correlation_id=act.trace.correlation_id,
        privacy=case.ticket.privacy,
    )
    return Case(ticket, begin(ticket.id, policy, entry.at), unit, case.citizen)
