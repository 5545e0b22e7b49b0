"""Visits to booths: numbers, and how each visit went on."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.visits import QueueNumber, Transfer, Visit
from shared.rows import Table

VISITS = Table("intake.visits", Visit)
_VISIT = VISITS.sql.alias("v")
TRANSFERS = Table("intake.visit_transfers", Transfer, key=("visit_id", "at"))


async def next_number(session: AsyncSession, booth: str, series: str, day: date, now: datetime) -> QueueNumber:
    """Takes the next number of a series on the booth's day.

    It is counted in a row, not as `max + 1`: two presses never get the same, and no number comes again because its
    visit is gone or the clock went back.
    """
    result = await session.execute(
        text("""
        INSERT INTO intake.booth_days AS b (booth, day, last_number, last_at) VALUES (:counted, :day, 1, :now)
        ON CONFLICT (booth, day) DO UPDATE
            SET last_number = b.last_number + 1, last_at = greatest(b.last_at, excluded.last_at)
        RETURNING last_number, last_at
        """),
        {"counted": _counted(booth, series), "day": day, "now": now},
    )
    row = result.one()
    return QueueNumber(row.last_number, row.last_at)


async def raise_numbers(session: AsyncSession, booth: str, highest: dict[tuple[str, date], int]) -> None:
    """Lets each series go on after the highest number that a dispenser printed by itself."""
    keys = sorted(highest)
    await session.execute(
        text("""
        INSERT INTO intake.booth_days AS b (booth, day, last_number)
        SELECT * FROM unnest(CAST(:counted AS text[]), CAST(:days AS date[]), CAST(:numbers AS integer[]))
        ON CONFLICT (booth, day) DO UPDATE SET last_number = greatest(b.last_number, excluded.last_number)
        """),
        {
            "counted": [_counted(booth, series) for series, _ in keys],
            "days": [day for _, day in keys],
            "numbers": [highest[key] for key in keys],
        },
    )


def _counted(booth: str, series: str) -> str:
    return f"{booth}/{series}" if series else booth


async def add_visits(session: AsyncSession, visits: Sequence[Visit]) -> None:
    """Writes new visits."""
    await VISITS.insert_many(session, visits)


async def save_visit(session: AsyncSession, visit: Visit) -> None:
    """Writes how a visit went on that was held before."""
    await VISITS.update_many(session, [visit])


async def lock_visit(session: AsyncSession, visit_id: UUID) -> Visit | None:
    """Reads a visit and holds it until the end of the transaction."""
    return await _one(session, "v.id = :id FOR UPDATE", id=visit_id)


async def find_visit(session: AsyncSession, visit_id: UUID) -> Visit | None:
    """Reads a visit."""
    return await _one(session, "v.id = :id", id=visit_id)


async def called_by(session: AsyncSession, booth: str, day: date, officer: str) -> Visit | None:
    """Finds the visit that the officer called last at the booth on that day and has not ended, or None."""
    return await _one(
        session,
        """
        v.booth = :booth AND v.day = :day AND v.called_by = :officer AND v.status = 'called'
        ORDER BY coalesce(v.last_called_at, v.called_at) DESC, v.number DESC LIMIT 1
        """,
        booth=booth,
        day=day,
        officer=officer,
    )


async def list_visits(
    session: AsyncSession, booth: str, day: date, *, status: str | None, after: UUID | None, limit: int
) -> list[Visit]:
    """Visits of a booth's day in the order in which their numbers were taken, from the one after `after` on."""
    query = select(*VISITS.labelled(_VISIT)).where(_VISIT.c.booth == booth, _VISIT.c.day == day)
    if status is not None:
        query = query.where(_VISIT.c.status == status)
    if after is not None:
        query = query.where(_VISIT.c.id > after)
    found = await session.execute(query.order_by(_VISIT.c.id).limit(limit))
    return [VISITS.read(row, "v") for row in found]


async def of_device(session: AsyncSession, booth: str, device: str, sequences: Sequence[int]) -> list[Visit]:
    """The visits that a dispenser has brought under these numbers of its own."""
    return await _all(
        session,
        "v.booth = :booth AND v.device = :device AND v.device_sequence = ANY(:sequences)",
        booth=booth,
        device=device,
        sequences=list(sequences),
    )


async def copies(session: AsyncSession, booth: str, papers: Sequence[tuple[date, str, int]]) -> dict[Any, int]:
    """How many papers there are of each day, series and number that has any."""
    result = await session.execute(
        text("""
        SELECT v.day, v.series, v.number, count(*) AS papers FROM intake.visits v
        JOIN unnest(CAST(:days AS date[]), CAST(:series AS text[]), CAST(:numbers AS integer[]))
            AS p(day, series, number) USING (day, series, number)
        WHERE v.booth = :booth GROUP BY v.day, v.series, v.number
        """),
        {
            "booth": booth,
            "days": [day for day, _, _ in papers],
            "series": [series for _, series, _ in papers],
            "numbers": [number for _, _, number in papers],
        },
    )
    return {(row.day, row.series, row.number): row.papers for row in result}


async def missing_sequences(session: AsyncSession, booth: str, device: str, limit: int) -> list[int]:
    """Which of a dispenser's own numbers never came, among its last `limit`."""
    result = await session.execute(
        text("""
        SELECT before + gap AS sequence FROM (
            SELECT device_sequence, lag(device_sequence) OVER (ORDER BY device_sequence) AS before
            FROM intake.visits WHERE booth = :booth AND device = :device AND device_sequence > (
                SELECT max(device_sequence) - :limit FROM intake.visits WHERE booth = :booth AND device = :device)
            ) AS pairs,
            generate_series(1, device_sequence - before - 1) AS gap
        WHERE device_sequence - before > 1 ORDER BY 1
        """),
        {"booth": booth, "device": device, "limit": limit},
    )
    return [row.sequence for row in result]


async def add_transfer(session: AsyncSession, transfer: Transfer) -> None:
    """Writes down that a visitor was sent on."""
    await TRANSFERS.insert_many(session, [transfer])


async def transfers(session: AsyncSession, visit_ids: Sequence[UUID]) -> list[Transfer]:
    """How these visitors were sent on, the earliest first."""
    result = await session.execute(
        text(f"SELECT {TRANSFERS.select('t')} FROM intake.visit_transfers t WHERE visit_id = ANY(:ids) ORDER BY at"),
        {"ids": list(visit_ids)},
    )
    return [TRANSFERS.read(row, "t") for row in result]


async def _one(session: AsyncSession, where: str, **values: object) -> Visit | None:
    found = await _all(session, where, **values)
    return found[0] if found else None


async def _all(session: AsyncSession, where: str, **values: object) -> list[Visit]:
    result = await session.execute(text(f"SELECT {VISITS.select('v')} FROM intake.visits v WHERE {where}"), values)
    return [VISITS.read(row, "v") for row in result]
