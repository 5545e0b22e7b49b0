"""Where does it go? Into the case with which it goes on, or into a new one, with who handles it and its clocks."""

from collections.abc import Iterator
from datetime import datetime

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case, new_case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import citizen_entry
from services.tickets.domain.policies import Policies
from services.tickets.domain.topics import unit_of
from services.tickets.domain.units import Unit
from services.tickets.service.batch import Arrival, Batch
from shared.visibility import EVERYTHING

INTAKE = "door"
"""Who brought a contact, as the audit trail has called intake from the beginning."""


def route(batch: Batch, policies: Policies, default_unit: Unit, now: datetime) -> Iterator[Change]:
    """What becomes of each contact, in their order: the lines of a chat join what the first of them opened."""
    for arrival in batch.arrivals:
        act = Act(INTAKE, arrival.event.trace, now, EVERYTHING, f"{arrival.contact.channel} {arrival.event.id}")
        if arrival.goes_on:
            change = _join(batch.by_thread[arrival.thread], arrival, act)
        else:
            change = _open(arrival, policies, default_unit, act)
        batch.by_thread[arrival.thread] = change.after
        yield change


def _open(arrival: Arrival, policies: Policies, default_unit: Unit, act: Act) -> Change:
    contact, topic = arrival.contact, arrival.topic
    policy = policies.of(topic.slug if topic else None, contact.channel)
    case = new_case(contact, arrival.citizen, topic, unit_of(topic, default_unit), policy, act.trace)
    entry = citizen_entry(case.ticket.id, contact)
    return verbs.open_case(
        case,
        contact.outcome,
        arrival.event.time,
        entry,
        act,
        is_automatic=contact.is_automatic,
        mention=arrival.mention,
        choice=arrival.choice,
    )


def _join(case: Case, arrival: Arrival, act: Act) -> Change:
    entry = citizen_entry(case.ticket.id, arrival.contact, arrival.said_to)
    return verbs.join(case, arrival.contact, arrival.introduced, arrival.topic, entry, act, arrival.match)
