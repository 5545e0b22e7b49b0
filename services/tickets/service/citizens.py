"""Who brings complaints: looked at, merged where two are one person, and parted again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Standing
from services.tickets.domain.change import Act
from services.tickets.domain.citizen_merges import (
    CitizenMerge,
    CitizenMerged,
    NotMerged,
    belonging,
    check_mergeable,
    merge_of,
)
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.suggestions import State, suggested
from services.tickets.repository import cases, citizen_merges, citizens, handles, suggestions, tickets
from services.tickets.service.write import write
from shared.errors import NotFound
from shared.visibility import Visibility

_MOST_CASES = 100


async def get_citizen(session: AsyncSession, sees: Visibility, citizen_id: UUID) -> Citizen:
    """The citizen, for whoever sees one of his cases in which he is not hidden. Raises `NotFound`."""
    for citizen in (await citizens.shown(session, sees, [citizen_id])).values():
        return citizen
    raise NotFound("There is no such citizen.")


async def cases_of(session: AsyncSession, sees: Visibility, citizen: Citizen) -> Sequence[Standing]:
    """How his newest cases stand, those that are seen."""
    return await cases.of_citizen(session, sees, citizen.id, _MOST_CASES)


async def merge(session: AsyncSession, citizen_id: UUID, into_id: UUID, act: Act, *, reason: str) -> Citizen:
    """Makes one citizen the other, with his handles and his cases. Done already, it changes nothing.

    Raises `NotFound`, `MergedIntoItself` and `CitizenMerged`.
    """
    citizen, into = await _hold(session, [citizen_id, into_id], act)
    if citizen.merged_into == into.id != citizen.id:
        return into
    check_mergeable(citizen, into)
    theirs = await cases.lock(session, act.sees, sorted(await tickets.ids_of_citizen(session, act.sees, citizen.id)))
    done = merge_of(citizen, into, theirs, reason, act)
    await handles.move(session, done.handle_ids, into.id)
    await citizen_merges.insert(session, done)
    now = await _as_he_is(session, act, into.id)
    await write(session, belonging(theirs, now, act))
    await _decide(session, done, "accepted", act)
    return now


async def unmerge(session: AsyncSession, citizen_id: UUID, act: Act) -> Citizen:
    """Parts a citizen again from the one whom he was merged into, with exactly what moved that time.

    Raises `NotFound`, `NotMerged`, and `CitizenMerged` where that one was merged in his turn since: that comes first.
    """
    merge = await citizen_merges.find(session, act.sees, citizen_id)
    if merge is None:
        await get_citizen(session, act.sees, citizen_id)
        raise NotMerged("He is not merged into anybody, or somebody parted them already.")
    citizen, into = await _hold(session, [citizen_id, merge.into_id], act)
    if citizen.merged_into != into.id:
        raise NotMerged("Somebody parted them meanwhile.")
    if into.merged_into:
        raise CitizenMerged(f"{into.id} was merged into {into.merged_into} afterwards. Part those first.")
    held = await cases.lock(session, act.sees, sorted(merge.ticket_ids))
    theirs = [case for case in held if case.ticket.citizen_id == into.id]
    await handles.move(session, merge.handle_ids, citizen.id)
    await citizen_merges.undo(session, merge, act)
    now = await _as_he_is(session, act, citizen.id)
    await write(session, belonging(theirs, now, act))
    await _decide(session, merge, "dismissed", act)
    return now


async def _hold(session: AsyncSession, ids: Sequence[UUID], act: Act) -> list[Citizen]:
    """These citizens, held as a batch of contacts holds them: their handles first. Raises `NotFound`."""
    found = await citizens.shown(session, act.sees, ids)
    await handles.hold_names(session, {h.name for citizen in found.values() for h in citizen.handles if h.name})
    held = await citizens.hold(session, act.sees, sorted(set(ids)))
    if set(ids) - (found.keys() & held.keys()):
        raise NotFound("There is no such citizen.")
    return [held[id_] for id_ in ids]


async def _as_he_is(session: AsyncSession, act: Act, citizen_id: UUID) -> Citizen:
    """A citizen who is held, after what was done to him."""
    return (await citizens.get(session, act.sees, [citizen_id]))[citizen_id]


async def _decide(session: AsyncSession, merge: CitizenMerge, state: State, act: Act) -> None:
    pair = suggested("citizens", (merge.citizen_id, merge.into_id), 0.0, ("a person said so",), act.now)
    await suggestions.decide(session, pair.decided(state, act.actor, act.now))
