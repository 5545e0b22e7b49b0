"""Is anything missing? Where the policy of a case says what comes of silence, the citizen is asked without an agent."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.completeness import (
    InfoRequest,
    can_be_asked,
    known_fields,
    missing_fields,
    request_info,
    set_of,
)
from services.tickets.domain.status import possible
from services.tickets.domain.topics import Classifier
from services.tickets.service.batch import Batch
from shared.visibility import EVERYTHING

POLICY = "policy"
"""Who asked, as the trail tells it: nobody did, but the rules."""


def ask(batch: Batch, changes: Sequence[Change], classifier: Classifier) -> Iterator[tuple[Change, InfoRequest]]:
    """Asks for what is missing of the cases that these changes began, and of those whose citizens answered and left
    something out: once for each set, as always. A machine is asked nothing.
    """
    latest = {change.after.ticket.id: change.after for change in changes}
    for case, before in _to_look_at(batch, changes, latest):
        topic = classifier.by_slug.get(case.ticket.topic or "")
        missing = missing_fields(topic, case.ticket.channel, known_fields(case.citizen))
        was_asked = {request.fields for request in before}
        if missing and set_of(missing) not in was_asked and can_be_asked(case):
            last = next(change for change in reversed(changes) if change.after.ticket.id == case.ticket.id)
            act = Act(POLICY, last.trace, last.happened[-1].at, EVERYTHING)
            yield request_info(case, missing, before, act)


def _to_look_at(
    batch: Batch, changes: Sequence[Change], latest: dict[UUID, Case]
) -> Iterator[tuple[Case, Sequence[InfoRequest]]]:
    automatic = {arrival.contact.contact_id for arrival in batch.arrivals if arrival.contact.is_automatic}
    begun = {change.after.ticket.id for change in changes if change.before is None}
    answering = {
        batch.by_thread[arrival.thread].ticket.id for arrival in batch.arrivals if arrival.answers or arrival.filled
    }
    for id_ in dict.fromkeys(change.after.ticket.id for change in changes):
        case = latest[id_]
        is_new = id_ in begun and case.ticket.contact_id not in automatic
        asks = case.resolution.policy.asks_by_itself and "request_info" in possible(case.ticket.status)
        if (is_new or id_ in answering) and asks:
            yield case, [request for request in batch.requests if request.ticket_id == id_]
