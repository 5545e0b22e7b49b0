"""Writes what verbs came to: the one place where cases, their trails, conversations and events are written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.clocks import Clock
from services.tickets.repository import citizens, clocks, entries, happenings, plans, tickets, timers
from services.tickets.service import announce, search, tallies
from shared import outbox


async def write(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Writes changes in their order, one statement a table, however many they are; cases are held by the caller."""
    if not changes:
        return
    await plans.keep(session)
    before: dict[UUID, Case | None] = {}
    after: dict[UUID, Case] = {}
    for change in changes:
        before.setdefault(change.after.ticket.id, change.before)
        after[change.after.ticket.id] = change.after
    what = happenings.sealed(
        [happened for change in changes for happened in change.happened],
        {id_: was.ticket.last_seal for id_, was in before.items() if was},
    )
    last_seals = {row.ticket_id: row.seal for row in what}
    after = {id_: _sealed(case, last_seals.get(id_)) for id_, case in after.items()}
    opened = [case for id_, case in after.items() if before[id_] is None]
    kept = [(was, after[id_]) for id_, was in before.items() if was]
    await citizens.keep(session, _spoken_of(before, after))
    begun = [clock for case in opened for clock in case.clocks]
    begun += [clock for was, now in kept for clock in _begun(was, now)]
    moved = [clock for was, now in kept for clock in _moved(was, now)]
    await clocks.insert(session, begun)
    await clocks.update(session, moved)
    await timers.keep(session, [*begun, *moved])
    await tickets.insert(session, [case.ticket for case in opened])
    await tickets.update(session, [now.ticket for was, now in kept if now.ticket != was.ticket])
    await entries.insert(session, [change.entry for change in changes if change.entry])
    await happenings.insert(session, what)
    await search.keep(session, changes)
    await tallies.count(session, changes)
    await outbox.add(session, "tickets", [event for change in changes for event in announce.events(change)])


def _sealed(case: Case, last_seal: str | None) -> Case:
    return replace(case, ticket=replace(case.ticket, last_seal=last_seal)) if last_seal else case


def _spoken_of(before: Mapping[UUID, Case | None], after: Mapping[UUID, Case]) -> list[Citizen]:
    """The citizens of new cases, and those of whom something was learnt."""
    return [now.citizen for id_, now in after.items() if (was := before[id_]) is None or now.citizen != was.citizen]


def _begun(was: Case, now: Case) -> list[Clock]:
    kinds = {clock.kind for clock in was.clocks}
    return [clock for clock in now.clocks if clock.kind not in kinds]


def _moved(was: Case, now: Case) -> list[Clock]:
    begun = _begun(was, now)
    return [clock for clock in now.clocks if clock not in was.clocks and clock not in begun]
