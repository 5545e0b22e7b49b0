"""Who is it? Whoever goes on with a case is whose it is; anybody else is looked for by his handles, also among those
who came before him in the same batch.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.identity import Likeness, likeness, recognise
from services.tickets.domain.suggestions import Suggestion, suggested
from services.tickets.repository import citizens, handles
from services.tickets.repository.handles import HandleName
from services.tickets.service.batch import Arrival, Batch
from shared.visibility import EVERYTHING


async def identify(session: AsyncSession, batch: Batch, now: datetime) -> None:
    """Holds the handles of all contacts, then the citizens who have one of them, and says who each of them is."""
    names = {handle.name for arrival in batch.arrivals for handle in arrival.introduced.handles if handle.name}
    await handles.hold_names(session, names)
    found = {*await handles.owners(session, EVERYTHING, names), *batch.owner_of.values()}
    known = _Known((await citizens.hold(session, EVERYTHING, sorted(found))).values())
    for arrival in batch.arrivals:
        if arrival.goes_on:
            batch.suggestions += _go_on(arrival, batch, known, now)
        else:
            batch.suggestions += _recognise(arrival, known, now)
            batch.owner_of[arrival.thread] = arrival.citizen.id
        known.note(arrival.citizen)
    batch.recognised = known.changed()


def _recognise(arrival: Arrival, known: "_Known", now: datetime) -> Iterator[Suggestion]:
    arrival.recognition = recognise(arrival.introduced, known.who_have(arrival.introduced))
    who = arrival.recognition.known
    arrival.citizen = who.recognised(arrival.introduced) if who else arrival.introduced
    for other, found in arrival.recognition.suggested:
        yield _suggestion(arrival.citizen, other, found, now)


def _go_on(arrival: Arrival, batch: Batch, known: "_Known", now: datetime) -> Iterator[Suggestion]:
    """Whose case it is said something more of himself, which somebody else may have said before."""
    owner = known.by_id[batch.owner_of[arrival.thread]]
    # merged since his ticket was found: it is another's, who learns it when it is held
    # who answers a ticket that was merged into it may be another
    is_his = owner.merged_into is None and arrival.said_to is None
    arrival.citizen = owner.learned(arrival.introduced) if is_his else owner
    if arrival.citizen is not owner:
        for other in known.who_have(arrival.introduced):
            found = likeness(arrival.citizen, other)
            if other.id != owner.id and found.verdict != "new":
                yield _suggestion(arrival.citizen, other, found, now)


def _suggestion(one: Citizen, other: Citizen, found: Likeness, now: datetime) -> Suggestion:
    return suggested("citizens", (one.id, other.id), found.weight, found.because, now)


class _Known:
    """The citizens who are known, also those who were new in this batch, by their ids and their handles."""

    def __init__(self, held: Iterable[Citizen]) -> None:
        self.by_id: dict[UUID, Citizen] = {}
        self._of_name: dict[HandleName, dict[UUID, None]] = {}
        for citizen in held:
            self.note(citizen)
        self._held = dict(self.by_id)

    def note(self, citizen: Citizen) -> None:
        """Takes a citizen as he is now."""
        if self.by_id.get(citizen.id) is not citizen:
            self.by_id[citizen.id] = citizen
            for handle in citizen.handles:
                if handle.name:
                    self._of_name.setdefault(handle.name, {})[citizen.id] = None

    def who_have(self, details: Citizen) -> list[Citizen]:
        """Those who have any of the handles of `details`."""
        names = [handle.name for handle in details.handles if handle.name]
        return [self.by_id[id_] for id_ in dict.fromkeys(id_ for name in names for id_ in self._of_name.get(name, ()))]

    def changed(self) -> list[Citizen]:
        """Those of whom something was learnt who were known before."""
        return [self.by_id[id_] for id_, was in self._held.items() if self.by_id[id_] is not was]
