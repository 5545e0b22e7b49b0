"""Cases that nobody has are given to agents: by the rule (`domain/routing.py`), and with its reasons kept.

What somebody has is counted while his row is held, so that no two who give at once give him too much. Agents are held
before tickets: by everybody, or two would wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.roster import Agent, why_unable
from services.tickets.domain.routing import Look, Placing, check_may_be_given, place
from services.tickets.domain.status import category_of
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Demand, Routing
from services.tickets.repository import assignments, cases, roster, tickets, units
from services.tickets.service.write import write
from shared.db import OUTBOX_BELL, after_commit
from shared.errors import NotFound
from shared.events import Trace
from shared.visibility import EVERYTHING, Visibility

ROUTING = "routing"
"""Who gives cases to agents, in the trail."""
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reasons:
    """Whose a case is, why it went where it went, the newest first, and how agents would be looked at now, if nobody
    has it and somebody should.
    """

    ticket: Ticket
    is_given_by_itself: bool
    now: tuple[Look, ...]
    kept: Sequence[Routing]


@dataclass(frozen=True, slots=True)
class _Staffing:
    """The agents of units, what each has, and those who were able and whom somebody else held."""

    agents: Sequence[Agent]
    loads: Mapping[str, int]
    busy: frozenset[str]

    def room(self, unit: str, now: datetime) -> list[tuple[Agent, int]]:
        """Who can take cases of a unit now, and how many."""
        return [
            (agent, agent.capacity - self.loads.get(agent.subject, 0))
            for agent in self.agents
            if unit in agent.units
            and agent.subject not in self.busy
            and why_unable(agent, now) is None
            and self.loads.get(agent.subject, 0) < agent.capacity
        ]


async def give(session: AsyncSession, now: datetime) -> int:
    """Gives what waits to who can take it, in the units that have it so. How many cases found somebody."""
    assigning = await units.assigning(session)
    if not assigning:
        return 0
    staffing = await _held(session, assigning, now)
    demands = [_demand(unit, staffing.room(unit, now)) for unit in assigning]
    waiting = await assignments.hold_waiting(session, demands)
    placings = place(waiting, staffing.agents, staffing.loads, now, busy=staffing.busy)
    given = {placing.ticket_id: placing.agent for placing in placings if placing.agent}
    found = await cases.lock(session, EVERYTHING, list(given))
    await write(session, [_assigned(case, given[case.ticket.id], now) for case in found])
    await roster.note_given(session, list(given.values()), now)
    await assignments.keep(session, await _news(session, placings), now)
    return len(given)


async def _held(session: AsyncSession, of_units: Sequence[str], now: datetime) -> _Staffing:
    """The agents of these units. Those who are able are held, unless somebody else does so already."""
    agents = await roster.of_units(session, of_units)
    able = [agent.subject for agent in agents if why_unable(agent, now) is None]
    held = {agent.subject: agent for agent in await roster.hold_free(session, able)}
    loads = await assignments.loads(session, [agent.subject for agent in agents])
    return _Staffing([held.get(agent.subject, agent) for agent in agents], loads, frozenset(able) - held.keys())


def _demand(unit: str, room: Sequence[tuple[Agent, int]]) -> Demand:
    """What can be taken in a unit. Where it is nothing the first case is looked at, to say why it waits."""
    skills = [agent.skills for agent, _ in room]
    topics = sorted(frozenset[str]().union(*skills)) if skills and all(skills) else None
    return Demand(unit, topics, min(max(1, sum(free for _, free in room)), MOST_AT_ONCE))


def _assigned(case: Case, agent: str, now: datetime) -> Change:
    act = Act(ROUTING, Trace(case.ticket.correlation_id), now, EVERYTHING, "job routing")
    return verbs.assign(case, agent, act)


async def _news(session: AsyncSession, placings: Sequence[Placing]) -> list[Placing]:
    """What is worth keeping: that a case was given, and that it waits where that was not so for the same reasons."""
    last = await assignments.last(session, [placing.ticket_id for placing in placings if placing.agent is None])
    return [placing for placing in placings if placing.agent or not _is_known(placing, last.get(placing.ticket_id))]


def _is_known(placing: Placing, last: Routing | None) -> bool:
    return last is not None and last.agent is None and _verdicts(last.looks) == _verdicts(placing.looks)


def _verdicts(looks: Sequence[Look]) -> set[tuple[str, str]]:
    return {(look.agent, look.verdict) for look in looks}


async def hold_assignee(session: AsyncSession, subject: str) -> Agent | None:
    """The agent, held before any ticket is; None of somebody who is not on the roster, of whom nothing is known."""
    return await roster.hold(session, subject)


async def check(session: AsyncSession, agent: Agent | None, ticket: Ticket, now: datetime) -> None:
    """Whether a person may give a ticket to an agent who is held. Raises `CannotTake`."""
    if agent is not None and ticket.assignee != agent.subject:
        load = (await assignments.loads(session, [agent.subject])).get(agent.subject, 0)
        check_may_be_given(agent, await assignments.waiting_of(session, ticket), load, now)


async def requeue(session: AsyncSession, subject: str, act: Act, *, because: str) -> int:
    """Takes every case that has not ended from somebody: they wait again. How many. His row is held."""
    found = await cases.lock(session, EVERYTHING, await assignments.ids_of(session, subject))
    changes = [verbs.unassign(case, act, because=because) for case in found if case.ticket.assignee == subject]
    await write(session, changes)
    return len(changes)


async def reasons(session: AsyncSession, sees: Visibility, ticket_id: UUID, now: datetime) -> Reasons:
    """Why a ticket is whose it is, or nobody's. Raises `NotFound`."""
    ticket = await _seen(session, sees, ticket_id)
    is_given_by_itself = ticket.unit in await units.assigning(session)
    looks: tuple[Look, ...] = ()
    if ticket.assignee is None and category_of(ticket.status) == "open":
        agents = await roster.of_units(session, [ticket.unit])
        loads = await assignments.loads(session, [agent.subject for agent in agents])
        (placing,) = place([await assignments.waiting_of(session, ticket)], agents, loads, now)
        looks = placing.looks
    return Reasons(ticket, is_given_by_itself, looks, await assignments.of_ticket(session, ticket))


async def set_language(session: AsyncSession, sees: Visibility, ticket_id: UUID, language: str) -> None:
    """Notes in which language a citizen wants to be answered. Raises `NotFound`."""
    await assignments.set_language(session, await _seen(session, sees, ticket_id), language)
    look_again(session)


def look_again(session: AsyncSession) -> None:
    """Has what waits looked at as soon as the transaction is committed."""
    after_commit(session, session.info[OUTBOX_BELL].ring)


async def _seen(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> Ticket:
    for ticket in await tickets.get(session, sees, ticket_id):
        return ticket
    raise NotFound("There is no such ticket.")
