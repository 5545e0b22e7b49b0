"""Policies, each in its versions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.policies import RESOLUTION, Policy, Step, Term, days_policy
from services.tickets.repository import calendars

_COLUMNS = "name, version, resolution_days, mode, zone, terms"
_CALENDAR_OF_BEFORE = "indonesia"
"""By which a policy counts that says nothing but how many days."""


async def in_force(session: AsyncSession) -> list[Policy]:
    """Every policy as it is now, by its name, with the calendars that are in force."""
    rows = await session.execute(text(f"SELECT {_COLUMNS} FROM tickets.sla_policies WHERE in_force ORDER BY name"))
    known = await calendars.in_force(session)
    return [_policy(row, known) for row in rows]


async def get(session: AsyncSession, name: str) -> Policy | None:
    """The policy of this name as it is now, or None."""
    return next((policy for policy in await in_force(session) if policy.name == name), None)


async def versions(
    session: AsyncSession, named: Sequence[tuple[str, int]], known: Mapping[str, Calendar]
) -> dict[tuple[str, int], Policy]:
    """These versions of policies, with the calendars of these names."""
    found = await session.execute(
        text(f"""
        SELECT {_COLUMNS} FROM tickets.sla_policies
        WHERE (name, version) IN (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:versions AS integer[])))
        """),
        {"names": [name for name, _ in named], "versions": [version for _, version in named]},
    )
    return {(row.name, row.version): _policy(row, known) for row in found}


async def latest(session: AsyncSession, name: str) -> int:
    """The number of the newest version of a policy, in force or not; 0 if there is none."""
    query = text("SELECT coalesce(max(version), 0) FROM tickets.sla_policies WHERE name = :name")
    return int(await session.scalar(query, {"name": name}) or 0)


async def add(session: AsyncSession, policy: Policy, by: str, now: datetime) -> None:
    """Writes a new version, which is in force from now on. The policies are held."""
    await session.execute(
        text("UPDATE tickets.sla_policies SET in_force = false WHERE name = :name AND in_force"), {"name": policy.name}
    )
    days, mode = _in_days(policy)
    await session.execute(
        text("""
        INSERT INTO tickets.sla_policies
            (name, version, resolution_days, mode, zone, in_force, terms, edited_by, edited_at)
        VALUES (:name, :version, :days, :mode, :zone, true, CAST(:terms AS jsonb), :by, :now)
        """),
        {
            "name": policy.name,
            "version": policy.version,
            "days": days,
            "mode": mode,
            "zone": policy.zone,
            "terms": json.dumps(_kept(policy)),
            "by": by,
            "now": now,
        },
    )


def _in_days(policy: Policy) -> tuple[int, str]:
    """By when a case is resolved, as a release before reads it: hours are days there."""
    resolution = policy.term(RESOLUTION)
    assert resolution is not None  # noqa: S101 - no policy is without one
    if resolution.measure == "working_minutes":
        return -(-resolution.target // (24 * 60)), "calendar_days"
    return resolution.target, resolution.measure


def _kept(policy: Policy) -> Mapping[str, Any]:
    return {"clocks": list(map(_term, policy.terms)), "topics": policy.topics, "channels": policy.channels}


def _term(term: Term) -> Mapping[str, Any]:
    told = {each.name: getattr(term, each.name) for each in fields(term)}
    return {**told, "calendar": term.calendar.name, "chain": [asdict(step) for step in term.chain]}


def _policy(row: Any, known: Mapping[str, Calendar]) -> Policy:
    if row.terms is None:
        days = row.resolution_days
        return days_policy(row.name, row.version, days, row.mode, row.zone, known[_CALENDAR_OF_BEFORE])
    return Policy(
        name=row.name,
        version=row.version,
        zone=row.zone,
        terms=tuple(_terms(row.terms["clocks"], known)),
        topics=tuple(row.terms["topics"]),
        channels=tuple(row.terms["channels"]),
    )


def _terms(kept: Sequence[Mapping[str, Any]], known: Mapping[str, Calendar]) -> Iterator[Term]:
    for term in kept:
        yield Term(
            **{
                **term,
                "calendar": known[term["calendar"]],
                "stops": tuple(term["stops"]),
                "pauses": tuple(term["pauses"]),
                "chain": tuple(Step(**{**step, "tell": tuple(step["tell"])}) for step in term["chain"]),
            }
        )
