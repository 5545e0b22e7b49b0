"""Policies are looked up and edited. Each edit is a version: cases stay under that which they have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.policies import RESOLUTION, SILENCE, Policy, Term
from services.tickets.repository import calendars, policies, units
from services.tickets.service.lasting import check_ends
from shared.errors import FieldError, Invalid, NotFound, VersionConflict


async def list_policies(session: AsyncSession) -> Sequence[Policy]:
    """Every policy that is in force, by its name."""
    return await policies.in_force(session)


async def get_policy(session: AsyncSession, name: str) -> Policy:
    """The policy of this name that is in force. Raises `NotFound`."""
    found = await policies.get(session, name)
    if found is None:
        fault = FieldError("policy", "is not known", "the name of one of GET /v1/policies")
        raise NotFound("There is no such policy.", errors=[fault])
    return found


async def known_calendars(session: AsyncSession, names: Sequence[str]) -> Mapping[str, Calendar]:
    """The calendars of these names, given clock by clock. Raises `Invalid`."""
    known = await calendars.in_force(session)
    faults = [
        FieldError(f"clocks.{place}.calendar", "is not known", f"one of: {', '.join(known)}")
        for place, name in enumerate(names)
        if name not in known
    ]
    if faults:
        raise Invalid("A clock runs by a calendar that is there.", errors=faults)
    return known


async def keep(session: AsyncSession, policy: Policy, *, by: str, now: datetime, version: int | None) -> Policy:
    """Adds a policy, or edits it. Raises `VersionConflict`, and `Invalid` for one that never ends."""
    await calendars.hold(session)
    was = await policies.get(session, policy.name)
    present = was.version if was else 0
    if version is not None and version != present:
        raise VersionConflict(
            "Somebody changed this policy since you read it. Read it again, and decide again.",
            errors=[FieldError("If-Match", "names another version than the present one", f'"{present}"')],
        )
    faults = [*_faults(policy.terms), *await _unknown_units(session, policy.terms)]
    if faults:
        raise Invalid("Some clocks of the policy are not possible.", errors=faults)
    check_ends(policy, now, "clocks")
    if was is not None and replace(policy, version=was.version) == was:
        return was
    now_is = replace(policy, version=await policies.latest(session, policy.name) + 1)
    await policies.add(session, now_is, by, now)
    return now_is


def _faults(terms: Sequence[Term]) -> list[FieldError]:
    kinds = [term.kind for term in terms]
    faults = [
        FieldError(f"clocks.{place}.kind", "is there twice", "one clock of each kind")
        for place, kind in enumerate(kinds)
        if kind in kinds[:place]
    ]
    for place, term in enumerate(terms):
        shortest = min(term.target, *term.by_priority.values()) if term.by_priority else term.target
        if term.measure == "working_minutes" and term.warn_before and term.warn_before >= shortest:
            faults.append(FieldError(f"clocks.{place}.warn_before", "is not less than the target", "fewer minutes"))
        if term.starts in term.stops:
            faults.append(FieldError(f"clocks.{place}.stops", "has what starts it", "another moment than `starts`"))
        if term.kind == SILENCE:
            faults += _faults_of_silence(place, term)
    resolution = next((term for term in terms if term.kind == RESOLUTION), None)
    if resolution is None or resolution.starts != "filed" or not resolution.goes_on_when_reopened:
        expected = "a clock `resolution` that starts when a case is filed, and stops when it is resolved or ended"
        faults.append(FieldError("clocks", "have no end of the case", expected))
    return faults


def _faults_of_silence(place: int, term: Term) -> Iterator[FieldError]:
    """The citizen's clock closes his case: it runs from what he is told until he writes, and leads nowhere else."""
    if term.starts not in ("asked", "answered"):
        yield FieldError(f"clocks.{place}.starts", "is no word of ours to the citizen", "`asked` or `answered`")
    if "citizen_wrote" not in term.stops:
        yield FieldError(f"clocks.{place}.stops", "lack his answer", "`citizen_wrote`, and others")
    if term.chain:
        yield FieldError(
            f"clocks.{place}.chain", "is of the citizen's clock", "no steps: at its end the case is closed"
        )


async def _unknown_units(session: AsyncSession, terms: Sequence[Term]) -> list[FieldError]:
    known = {unit.slug for unit in await units.list_all(session)}
    return [
        FieldError(f"clocks.{place}.chain.{step}.unit", "is no unit that is known", "the slug of one of GET /v1/units")
        for place, term in enumerate(terms)
        for step, taken in enumerate(term.chain)
        if taken.unit is not None and taken.unit not in known
    ]
