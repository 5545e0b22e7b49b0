"""The agents, and whether they are there."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from services.tickets.domain.change import Act
from services.tickets.domain.roster import Agent, Shift
from services.tickets.domain.units import LONGEST_SLUG, SLUG
from services.tickets.schemas.roster import (
    AgentIn,
    AgentOut,
    AgentPage,
    PresenceIn,
    PresenceOut,
    Released,
    ReleaseIn,
)
from services.tickets.service import roster
from shared.auth import staff, visibility
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction, trace
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.visibility import Visibility
from shared.wiring import Now

_MANAGE = staff("agents:manage", by_unit=True)
Reader = Annotated[Visibility, Depends(visibility(staff("agents:read", by_unit=True)))]
Manager = Annotated[Visibility, Depends(visibility(_MANAGE))]
Worker = Annotated[Caller, Depends(staff("cases:work", by_unit=True))]
Subject = Annotated[str, Path(pattern=r"^staff:[^/\x00-\x1f]{1,255}$", description="Of his token, as `staff:4711`")]
router = APIRouter(prefix="/v1", tags=["agents"], route_class=KeyedRoute)


async def _act(request: Request, caller: Annotated[Caller, Depends(_MANAGE)], now: Now) -> Act:
    return Act(caller.subject, trace(request), now, caller.sees, f"api {request.scope['state']['request_id']}")


ManagersAct = Annotated[Act, Depends(_act)]


@router.get("/agents")
async def list_agents(
    session: Reading,
    sees: Reader,
    unit: Annotated[str | None, Query(pattern=SLUG, max_length=LONGEST_SLUG)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str, Query(max_length=300)] = "",
) -> AgentPage:
    """The agents of the units that you see, by their subjects. Follow `next_cursor` until it is null."""
    found = await roster.list_agents(session, sees, unit=unit, after=cursor, limit=limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return AgentPage(items=[_out(*each) for each in page], next_cursor=page[-1][0].subject if more else None)


@router.get("/agents/{subject}", responses=refusals(NotFound))
async def get_agent(session: Reading, sees: Reader, subject: Subject) -> AgentOut:
    """An agent, whether he is there, and how many open cases he has."""
    return _out(*await roster.get(session, sees, subject))


@router.put("/agents/{subject}")
async def put_agent(session: Transaction, sees: Manager, subject: Subject, form: AgentIn) -> AgentOut:
    """Adds an agent of your units, or changes what is said of him. Whether he is there he says himself."""
    told = {name: frozenset(getattr(form, name)) for name in ("units", "skills", "languages")}
    shifts = tuple(Shift(**dict(shift)) for shift in form.shifts)
    agent = Agent(**{**dict(form), **told, "subject": subject, "shifts": shifts})
    return _out(*await roster.keep(session, sees, agent))


@router.post("/agents/{subject}:release", responses=refusals(NotFound))
async def release(session: Transaction, act: ManagersAct, subject: Subject, form: ReleaseIn | None = None) -> Released:
    """Has an agent offline, and every case of his that has not ended waits for others."""
    because = form.because if form else ""
    return Released(subject=subject, requeued=await roster.release(session, subject, act, because=because))


@router.delete("/agents/{subject}", responses=refusals(NotFound))
async def remove(session: Transaction, act: ManagersAct, subject: Subject) -> Released:
    """Takes an agent from the roster, and releases him. End his tokens, too: `satuatap tokens revoke`."""
    return Released(subject=subject, requeued=await roster.remove(session, subject, act))


@router.put("/me/presence", responses=refusals(NotFound))
async def declare(session: Transaction, now: Now, caller: Worker, form: PresenceIn) -> PresenceOut:
    """Says whether you are there. While you are available you are given cases, if your unit has it so."""
    lasts = timedelta(minutes=form.minutes)
    until = await roster.declare(session, caller.subject, form.presence, lasts, now)
    return PresenceOut(presence=form.presence, present_until=until)


def _out(agent: Agent, load: int) -> AgentOut:
    sets = {name: sorted(getattr(agent, name)) for name in ("units", "skills", "languages")}
    return AgentOut.model_validate({**asdict(agent), **sets, "open": load})
