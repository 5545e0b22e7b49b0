"""What is owed about a case: policies, looked up and edited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.tickets.api.parameters import READER, SUPERVISOR, IfMatch, version_in
from services.tickets.domain.calendars import Calendar
from services.tickets.domain.policies import Policy, Step, Term
from services.tickets.domain.units import LONGEST_SLUG, SLUG
from services.tickets.schemas.policies import PolicyIn, PolicyOut, PolicyPage, StepOut, TermIn, TermOut
from services.tickets.service import policies
from shared.caller import Caller
from shared.errors import NotFound, VersionConflict
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

PolicyName = Annotated[str, Path(alias="name", pattern=SLUG, max_length=LONGEST_SLUG, description="As `ptsa`")]
Supervisor = Annotated[Caller, Depends(SUPERVISOR)]
router = APIRouter(prefix="/v1", tags=["policies"], route_class=KeyedRoute)


@router.get("/policies", dependencies=[Depends(READER)])
async def list_policies(session: Reading) -> PolicyPage:
    """Every policy that is in force, by its name."""
    return PolicyPage(items=[_policy(policy) for policy in await policies.list_policies(session)])


@router.get("/policies/{name}", dependencies=[Depends(READER)], responses=refusals(NotFound))
async def get_policy(response: Response, session: Reading, name: PolicyName) -> PolicyOut:
    """One policy as it is in force."""
    return _tagged(response, await policies.get_policy(session, name))


@router.put("/policies/{name}", responses=refusals(VersionConflict))
async def put_policy(
    response: Response,
    session: Transaction,
    now: Now,
    caller: Supervisor,
    name: PolicyName,
    form: PolicyIn,
    if_match: IfMatch = None,
) -> PolicyOut:
    """Adds a policy (`If-Match: "0"`: only if there is none), or edits it. New cases are under it within ten seconds;
    cases that are there stay under the version that they have.
    """
    known = await policies.known_calendars(session, [term.calendar for term in form.clocks])
    policy = Policy(
        name=name,
        version=0,
        zone=form.zone,
        terms=tuple(_term(term, known[term.calendar]) for term in form.clocks),
        topics=tuple(form.topics),
        channels=tuple(form.channels),
    )
    kept = await policies.keep(session, policy, by=caller.subject, now=now, version=version_in(if_match))
    return _tagged(response, kept)


def _term(form: TermIn, calendar: Calendar) -> Term:
    return Term(
        kind=form.kind,
        target=form.target,
        measure=form.measure,
        calendar=calendar,
        starts=form.starts,
        stops=tuple(sorted(form.stops)),
        pauses=tuple(sorted(form.pauses)),
        warn_before=form.warn_before,
        by_priority={priority: target for priority, target in form.by_priority.items()},  # noqa: C416 - of any word
        chain=tuple(Step(step.after, step.unit, tuple(step.tell)) for step in form.chain),
    )


def _tagged(response: Response, policy: Policy) -> PolicyOut:
    response.headers["ETag"] = f'"{policy.version}"'
    return _policy(policy)


def _policy(policy: Policy) -> PolicyOut:
    return PolicyOut(
        name=policy.name,
        version=policy.version,
        zone=policy.zone,
        clocks=[_clock(term) for term in policy.terms],
        topics=list(policy.topics),
        channels=list(policy.channels),
    )


def _clock(term: Term) -> TermOut:
    return TermOut(
        kind=term.kind,
        target=term.target,
        measure=term.measure,
        calendar=term.calendar.name,
        starts=term.starts,
        stops=list(term.stops),
        pauses=list(term.pauses),
        warn_before=term.warn_before,
        by_priority=dict(term.by_priority),
        chain=[StepOut(after=step.after, unit=step.unit, tell=list(step.tell)) for step in term.chain],
    )
