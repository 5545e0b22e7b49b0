"""Is anything missing? Where the policy of a case says what comes of silence, the citizen is asked without an agent,
until one has answered: then a person talks to him, and sees what is missing.
"""

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
    """Asks for what is missing of the cases in which citizens said something: once for each set, as always. So a case
    is asked about as it begins, or when it becomes known what it is about, and again when an answer left something out.
    A machine is asked nothing.
    """
    latest = {change.after.ticket.id: change.after for change in changes}
    known = _known(batch, changes)
    for case, before in _to_look_at(batch, changes, latest):
        topic = classifier.by_slug.get(case.ticket.topic or "")
        missing = missing_fields(topic, case.ticket.channel, known[case.citizen.id])
        was_asked = {request.fields for request in before}
        if missing and set_of(missing) not in was_asked and can_be_asked(case):
            last = next(change for change in reversed(changes) if change.after.ticket.id == case.ticket.id)
            act = Act(POLICY, last.trace, last.happened[-1].at, EVERYTHING)
            yield request_info(case, missing, before, act)


def _known(batch: Batch, changes: Sequence[Change]) -> dict[UUID, set[str]]:
    """What is known of each citizen, also by another of his contacts of the same batch."""
    known: dict[UUID, set[str]] = {}
    for citizen in (*(arrival.citizen for arrival in batch.arrivals), *(change.after.citizen for change in changes)):
        known.setdefault(citizen.id, set()).update(known_fields(citizen))
    return known


def _to_look_at(
    batch: Batch, changes: Sequence[Change], latest: dict[UUID, Case]
) -> Iterator[tuple[Case, Sequence[InfoRequest]]]:
    speaking = {
        batch.by_thread[arrival.thread].ticket.id
        for arrival in batch.arrivals
        if not arrival.contact.is_automatic and arrival.said_to is None  # who answers a merged one may be another
    }
    for id_ in dict.fromkeys(change.after.ticket.id for change in changes):
        case = latest[id_]
        asks = case.resolution.policy.asks_by_itself and case.ticket.first_replied_at is None
        if id_ in speaking and asks and "request_info" in possible(case.ticket.status):
            yield case, [request for request in batch.requests if request.ticket_id == id_]
