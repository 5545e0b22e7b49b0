"""The agents: who they are, whether they are there, and what becomes of their cases when they leave."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Act
from services.tickets.domain.roster import Agent, Presence
from services.tickets.repository import assignments, roster, units
from services.tickets.service.assignments import look_again, requeue
from shared.errors import FieldError, Forbidden, Invalid, NotFound
from shared.visibility import Visibility


async def list_agents(
    session: AsyncSession, sees: Visibility, *, unit: str | None, after: str, limit: int
) -> Sequence[tuple[Agent, int]]:
    """The agents of the units that are seen, by their subjects, each with how many open cases he has."""
    agents = await roster.page(session, sees, unit=unit, after=after, limit=limit)
    loads = await assignments.loads(session, [agent.subject for agent in agents])
    return [(agent, loads.get(agent.subject, 0)) for agent in agents]


async def get(session: AsyncSession, sees: Visibility, subject: str) -> tuple[Agent, int]:
    """An agent, and how many open cases he has. Raises `NotFound`."""
    agent = await roster.get(session, subject)
    if agent is None or not any(map(sees.shows, agent.units)):
        raise _not_on_it()
    return agent, (await assignments.loads(session, [subject])).get(subject, 0)


async def keep(session: AsyncSession, sees: Visibility, agent: Agent) -> tuple[Agent, int]:
    """Adds an agent, or changes what is said of him. Raises `Invalid` for a unit that is not there or not seen."""
    await _hold_own(session, sees, agent.subject)
    known = {unit.slug for unit in await units.list_all(session) if sees.shows(unit.slug)}
    if not agent.units <= known:
        fault = FieldError("units", "names one that is not known or not yours", "slugs of GET /v1/units that you see")
        raise Invalid("An agent works in units of yours.", errors=[fault])
    await roster.keep(session, agent)
    look_again(session)
    return await get(session, sees, agent.subject)


async def declare(
    session: AsyncSession, subject: str, presence: Presence, lasts: timedelta, now: datetime
) -> datetime | None:
    """Notes whether somebody is there, and until when. Raises `NotFound`."""
    until = now + lasts if presence == "available" else None
    if not await roster.declare(session, subject, presence, until):
        raise _not_on_it()
    look_again(session)
    return until


async def release(session: AsyncSession, subject: str, act: Act, *, because: str) -> int:
    """Has an agent offline, and his cases wait for others. How many. Raises `NotFound` and `Forbidden`."""
    if await _hold_own(session, act.sees, subject) is None:
        raise _not_on_it()
    await roster.declare(session, subject, "offline", None)
    return await requeue(session, subject, act, because=because or "released")


async def remove(session: AsyncSession, subject: str, act: Act) -> int:
    """Takes an agent from the roster; his cases wait for others. How many. Raises `NotFound` and `Forbidden`."""
    count = await release(session, subject, act, because="left")
    await roster.remove(session, subject)
    return count


async def _hold_own(session: AsyncSession, sees: Visibility, subject: str) -> Agent | None:
    """The agent, held; None if there is none. Raises `Forbidden` where he works in a unit that is not seen, too."""
    agent = await roster.hold(session, subject)
    if agent is not None and not all(map(sees.shows, agent.units)):
        raise Forbidden("This agent works in units that are not yours, too.")
    return agent


def _not_on_it() -> NotFound:
    return NotFound("Nobody of that subject is on the roster. A unit's head adds him by PUT /v1/agents/{subject}.")
