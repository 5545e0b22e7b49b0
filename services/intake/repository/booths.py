"""Booths, with their services, counters and dispensers."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth, BoothService, Counter, Dispenser, Policy
from shared import locks

_BOOTHS = """
SELECT b.*,
    (SELECT jsonb_agg(jsonb_build_object('name', name, 'prefix', prefix, 'is_open', is_open) ORDER BY place)
     FROM intake.booth_services s WHERE s.booth = b.booth)::text AS services,
    (SELECT jsonb_agg(jsonb_build_object('name', name, 'services', services) ORDER BY name)
     FROM intake.booth_counters c WHERE c.booth = b.booth)::text AS counters,
    (SELECT jsonb_agg(jsonb_build_object('device', device, 'prefix', prefix) ORDER BY device)
     FROM intake.booth_dispensers d WHERE d.booth = b.booth)::text AS dispensers
FROM intake.booths b WHERE b.booth = ANY(:booths)
"""


async def booths(session: AsyncSession, names: Collection[str]) -> dict[str, Booth]:
    """Those of these booths that somebody has described."""
    result = await session.execute(text(_BOOTHS), {"booths": list(names)})
    return {row.booth: _booth(row) for row in result}


async def lock_booth(session: AsyncSession, name: str) -> None:
    """Lets changes of one booth come one after another, until the end of the transaction."""
    await locks.hold(session, f"booth described {name}")


async def services_in_use(session: AsyncSession, booth: str) -> set[str]:
    """The services of a booth at which somebody waits, or has been called to."""
    result = await session.scalars(
        text("""
        SELECT DISTINCT service FROM intake.visits
        WHERE booth = :booth AND status IN ('waiting', 'called') AND arrived_at IS NULL
        """),
        {"booth": booth},
    )
    return set(result)


async def save_booth(session: AsyncSession, booth: Booth, now: datetime) -> None:
    """Writes a booth as it is described now, in the place of what was written of it before."""
    policy = booth.policy
    await session.execute(
        text("""
        INSERT INTO intake.booths (booth, zone, calls_before_no_show, minutes_between_calls, return_within_minutes,
            priority_run, warn_seconds_before, closes_at, keeps_overnight, changed_at)
        VALUES (:booth, :zone, :calls, :between, :return_within, :run, :warn, :closes_at, :overnight, :now)
        ON CONFLICT (booth) DO UPDATE SET zone = excluded.zone,
            calls_before_no_show = excluded.calls_before_no_show,
            minutes_between_calls = excluded.minutes_between_calls,
            return_within_minutes = excluded.return_within_minutes, priority_run = excluded.priority_run,
            warn_seconds_before = excluded.warn_seconds_before, closes_at = excluded.closes_at,
            keeps_overnight = excluded.keeps_overnight, changed_at = excluded.changed_at
        """),
        {
            "booth": booth.name,
            "zone": booth.zone,
            "calls": policy.calls_before_no_show,
            "between": policy.between_calls // timedelta(minutes=1),
            "return_within": policy.return_within // timedelta(minutes=1),
            "run": policy.priority_run,
            "warn": policy.warn_before // timedelta(seconds=1),
            "closes_at": policy.closes_at,
            "overnight": policy.keeps_overnight,
            "now": now,
        },
    )
    await _replace_parts(session, booth)


async def _replace_parts(session: AsyncSession, booth: Booth) -> None:
    for table in ("booth_services", "booth_counters", "booth_dispensers"):
        await session.execute(text(f"DELETE FROM intake.{table} WHERE booth = :booth"), {"booth": booth.name})
    await session.execute(
        text("""
        INSERT INTO intake.booth_services (booth, name, prefix, place, is_open)
        SELECT :booth, s.name, s.prefix, s.place, s.is_open
        FROM unnest(CAST(:names AS text[]), CAST(:prefixes AS text[]), CAST(:open AS boolean[])) WITH ORDINALITY
            AS s(name, prefix, is_open, place)
        """),
        {
            "booth": booth.name,
            "names": [service.name for service in booth.services],
            "prefixes": [service.prefix for service in booth.services],
            "open": [service.is_open for service in booth.services],
        },
    )
    if booth.counters:
        await session.execute(
            text("INSERT INTO intake.booth_counters (booth, name, services) VALUES (:booth, :name, :services)"),
            [
                {"booth": booth.name, "name": counter.name, "services": list(counter.services)}
                for counter in booth.counters
            ],
        )
    await session.execute(
        text("""
        INSERT INTO intake.booth_dispensers (booth, device, prefix)
        SELECT :booth, d.device, d.prefix FROM unnest(CAST(:devices AS text[]), CAST(:prefixes AS text[]))
            AS d(device, prefix)
        """),
        {
            "booth": booth.name,
            "devices": [dispenser.device for dispenser in booth.dispensers],
            "prefixes": [dispenser.prefix for dispenser in booth.dispensers],
        },
    )


def _booth(row: Row[Any]) -> Booth:
    return Booth(
        name=row.booth,
        zone=row.zone,
        services=[BoothService(**each) for each in json.loads(row.services or "[]")],
        counters=[Counter(each["name"], tuple(each["services"])) for each in json.loads(row.counters or "[]")],
        dispensers=[Dispenser(**each) for each in json.loads(row.dispensers or "[]")],
        policy=Policy(
            calls_before_no_show=row.calls_before_no_show,
            between_calls=timedelta(minutes=row.minutes_between_calls),
            return_within=timedelta(minutes=row.return_within_minutes),
            priority_run=row.priority_run,
            warn_before=timedelta(seconds=row.warn_seconds_before),
            closes_at=row.closes_at,
            keeps_overnight=row.keeps_overnight,
        ),
    )
