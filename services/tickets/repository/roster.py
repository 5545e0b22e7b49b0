"""The agents."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.roster import Agent, Presence, Shift
from shared.visibility import Visibility

_COLUMNS = """subject, name, role, units, capacity, skills, languages, shifts, works_on_days_off, zone, presence,
    present_until, last_given_at"""


async def page(session: AsyncSession, sees: Visibility, *, unit: str | None, after: str, limit: int) -> list[Agent]:
    """The agents of the units that are seen, by their subjects."""
    return await _find(
        session,
        "(CAST(:seen AS text[]) IS NULL OR units && CAST(:seen AS text[]))"
        " AND (CAST(:unit AS text) IS NULL OR units @> ARRAY[CAST(:unit AS text)])"
        " AND subject > :after ORDER BY subject LIMIT :limit",
        seen=_seen(sees),
        unit=unit,
        after=after,
        limit=limit,
    )


async def get(session: AsyncSession, subject: str) -> Agent | None:
    """The agent of this subject, or None."""
    return next(iter(await _find(session, "subject = :subject", subject=subject)), None)


async def of_units(session: AsyncSession, units: Sequence[str]) -> list[Agent]:
    """Everybody who works in any of these units."""
    return await _find(session, "units && CAST(:units AS text[]) ORDER BY subject", units=list(units))


async def hold(session: AsyncSession, subject: str) -> Agent | None:
    """The agent, held until the end of the transaction: what he has can be counted. Before any ticket is held."""
    return next(iter(await _find(session, "subject = :subject FOR UPDATE", subject=subject)), None)


async def hold_free(session: AsyncSession, subjects: Sequence[str]) -> list[Agent]:
    """Those of the agents whom nobody else holds, held until the end of the transaction."""
    held = "subject = ANY(:subjects) ORDER BY subject FOR UPDATE SKIP LOCKED"
    return await _find(session, held, subjects=list(subjects))


async def keep(session: AsyncSession, agent: Agent) -> None:
    """Adds an agent, or changes what people say of him. Whether he is there is his to say."""
    values = {
        **asdict(agent),
        "units": sorted(agent.units),
        "skills": sorted(agent.skills),
        "languages": sorted(agent.languages),
        "shifts": json.dumps([[shift.day, f"{shift.start:%H:%M}", f"{shift.end:%H:%M}"] for shift in agent.shifts]),
    }
    await session.execute(
        text("""
        INSERT INTO tickets.agents (subject, name, role, units, capacity, skills, languages, shifts, works_on_days_off,
            zone)
        VALUES (:subject, :name, :role, :units, :capacity, :skills, :languages, CAST(:shifts AS jsonb),
            :works_on_days_off, :zone)
        ON CONFLICT (subject) DO UPDATE SET name = excluded.name, role = excluded.role, units = excluded.units,
            capacity = excluded.capacity, skills = excluded.skills, languages = excluded.languages,
            shifts = excluded.shifts, works_on_days_off = excluded.works_on_days_off, zone = excluded.zone
        """),
        values,
    )


async def declare(session: AsyncSession, subject: str, presence: Presence, until: datetime | None) -> bool:
    """Notes whether an agent is there, and until when that holds. False: there is no such agent."""
    found = await session.scalars(
        text("""
        UPDATE tickets.agents SET presence = :presence, present_until = :until WHERE subject = :subject
        RETURNING subject
        """),
        {"subject": subject, "presence": presence, "until": until},
    )
    return found.one_or_none() is not None


async def note_given(session: AsyncSession, subjects: Sequence[str], now: datetime) -> None:
    """Notes that these agents were given a case now."""
    await session.execute(
        text("UPDATE tickets.agents SET last_given_at = :now WHERE subject = ANY(:subjects)"),
        {"subjects": list(subjects), "now": now},
    )


async def remove(session: AsyncSession, subject: str) -> None:
    await session.execute(text("DELETE FROM tickets.agents WHERE subject = :subject"), {"subject": subject})


def _seen(sees: Visibility) -> list[str] | None:
    return None if sees.units is None else sorted(sees.units)


async def _find(session: AsyncSession, which: str, **values: Any) -> list[Agent]:
    rows = await session.execute(text(f"SELECT {_COLUMNS} FROM tickets.agents WHERE {which}"), values)
    return [_agent(row) for row in rows]


def _agent(row: Row[Any]) -> Agent:
    sets = {name: frozenset(row._mapping[name]) for name in ("units", "skills", "languages")}
    return Agent(**{**row._mapping, **sets, "shifts": tuple(Shift.of(*shift) for shift in row.shifts)})
