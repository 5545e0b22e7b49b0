"""Is it the same case by another channel? Compared with what its own citizen said in his cases, also in those that
began before it in the same batch.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.matching import Candidate, MatchingRules, Said, best_match
from services.tickets.domain.status import CATEGORY
from services.tickets.domain.texts import gist_of
from services.tickets.repository import matching, suggestions
from services.tickets.repository.matching import Line
from services.tickets.service.batch import Arrival, Batch
from shared.visibility import EVERYTHING

_OPEN = tuple(status for status, category in CATEGORY.items() if category in ("open", "waiting"))


async def match(session: AsyncSession, batch: Batch, rules: MatchingRules, now: datetime) -> None:
    """Lets contacts that begin no case go on with the one that they belong to, or notes what they may belong to."""
    beginning = [arrival for arrival in batch.arrivals if not arrival.goes_on]
    theirs = Counter(arrival.citizen.id for arrival in batch.arrivals)
    asked = {citizen.id for arrival in beginning for citizen in arrival.recognition.same}
    cases = _Cases(await _candidates(session, sorted(asked), rules, now))
    apart = await suggestions.apart(session, EVERYTHING, cases.tickets()) if len(cases.tickets()) > 1 else frozenset()
    moved: dict[UUID, UUID] = {}
    for arrival in batch.arrivals:
        alike = cases.of(arrival)
        if alike or theirs[arrival.citizen.id] > 1:
            said = _said(arrival)
            if not arrival.goes_on:
                arrival.match = best_match(said, alike, rules, apart, may_join=arrival.contact.outcome == "open")
            if arrival.match and arrival.match.verdict == "join":
                moved[arrival.thread], arrival.goes_on = arrival.match.candidate.thread, True
            arrival.thread = moved.get(arrival.thread, arrival.thread)
            cases.add(arrival, said)


async def _candidates(
    session: AsyncSession, citizens: Sequence[UUID], rules: MatchingRules, now: datetime
) -> list[tuple[UUID, Candidate]]:
    lines = await matching.lines(
        session,
        EVERYTHING,
        citizens,
        open_statuses=_OPEN,
        opened_after=now - timedelta(days=rules.open_days),
        resolved_after=now - timedelta(days=rules.resolved_days),
    )
    return [_candidate(list(of_one)) for _, of_one in groupby(lines, key=attrgetter("ticket_id"))]


def _candidate(lines: Sequence[Line]) -> tuple[UUID, Candidate]:
    first = lines[0]
    said = tuple(
        Said(
            gist_of(line.subject, line.body) if line is first else gist_of(line.body), line.topic, line.channel, line.at
        )
        for line in lines
    )
    return first.citizen_id, Candidate(first.ticket_id, said, first.topic, first.opened_at, first.status in _OPEN)


def _said(arrival: Arrival) -> Said:
    contact, topic = arrival.contact, arrival.topic
    gist = gist_of(contact.subject, contact.body)
    return Said(gist, topic.slug if topic else None, contact.channel, contact.received_at)


class _Cases:
    """The cases that may be gone on with, by whose they are."""

    def __init__(self, known: Iterable[tuple[UUID, Candidate]]) -> None:
        self._of: dict[UUID, dict[UUID, Candidate]] = {}
        self._known: list[UUID] = []
        for citizen, candidate in known:
            self._of.setdefault(citizen, {})[candidate.thread] = candidate
            self._known.append(candidate.thread)

    def tickets(self) -> Sequence[UUID]:
        """The ids of those that were there before the batch."""
        return self._known

    def of(self, arrival: Arrival) -> list[Candidate]:
        """The cases of whoever brings it."""
        citizens = dict.fromkeys(citizen.id for citizen in (*arrival.recognition.same, arrival.citizen))
        return [candidate for citizen in citizens for candidate in self._of.get(citizen, {}).values()]

    def add(self, arrival: Arrival, said: Said) -> None:
        """Takes what a contact says to the case that it begins or goes on with."""
        for theirs in self._of.values():
            if arrival.thread in theirs:
                case = theirs[arrival.thread]
                theirs[arrival.thread] = replace(case, said=(*case.said, said))
                return
        case = Candidate(arrival.thread, (said,), said.topic, said.at)
        self._of.setdefault(arrival.citizen.id, {})[arrival.thread] = case
