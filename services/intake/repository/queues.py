"""The queue of a booth: who waits, who was called, and who is sent away at the end of the day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.queues import Beside, BoothDay, Call, Called, Waiting
from services.intake.models.visits import Visit
from shared import locks


async def lock_officer(session: AsyncSession, booth: str, officer: str) -> None:
    """Lets the calls of one officer at one booth come one after another, until the end of the transaction."""
    await locks.hold(session, f"booth {booth} {officer}")


async def lock_queue(session: AsyncSession, booth: str) -> None:
    """Lets calls from the queue of a booth come one after another, until the end of the transaction."""
    await locks.hold(session, f"booth queue {booth}")


async def waiting(session: AsyncSession, booth: str, day: date, *, overnight: bool = False) -> list[Waiting]:
    """Everybody who waits at the booth on that day; with `overnight` also those of the days before."""
    result = await session.execute(
        text(f"""
        SELECT id, service, series, number, priority, coalesce(place_at, taken_at) AS place_at, callable_at, called_at,
               call_due_at
        FROM intake.visits WHERE booth = :booth AND day {"<=" if overnight else "="} :day AND status = 'waiting'
        """),
        {"booth": booth, "day": day},
    )
    return [Waiting(**row._mapping) for row in result]


async def beside(session: AsyncSession, visit: Visit, day: date, *, overnight: bool = False) -> Beside:
    """Counts those who wait at the same service as a visitor, as `waiting` finds them, without reading them."""
    place_at, number, visit_id = visit.place
    result = await session.execute(
        text(f"""
        SELECT count(*) AS waiting, count(priority) AS priority,
               count(*) FILTER (WHERE (coalesce(place_at, taken_at), number, id) < (:place_at, :number, :id)) AS before
        FROM intake.visits
        WHERE booth = :booth AND day {"<=" if overnight else "="} :day AND status = 'waiting' AND service = :service
        """),
        {
            "booth": visit.booth,
            "day": day,
            "service": visit.service,
            "place_at": place_at,
            "number": number,
            "id": visit_id,
        },
    )
    return Beside(**result.one()._mapping)


async def called(session: AsyncSession, booth: str, since: datetime) -> list[Called]:
    """Everybody who was called at the booth since a moment and has not gone, the last call first."""
    result = await session.execute(
        text("""
        SELECT service, series, number, counter, coalesce(last_called_at, called_at) AS last_called_at
        FROM intake.visits
        WHERE booth = :booth AND status = 'called' AND coalesce(last_called_at, called_at) >= :since
        ORDER BY last_called_at DESC, number
        """),
        {"booth": booth, "since": since},
    )
    return [Called(**row._mapping) for row in result]


async def first_calls(session: AsyncSession, booth: str, since: datetime, limit: int) -> list[Call]:
    """The last `limit` first calls of a booth since a moment, the last one first."""
    result = await session.execute(
        text("""
        SELECT called_at AS at, service, priority IS NOT NULL AS is_priority FROM intake.visits
        WHERE booth = :booth AND called_at >= :since
        ORDER BY called_at DESC, coalesce(place_at, taken_at) DESC, number DESC LIMIT :limit
        """),
        {"booth": booth, "since": since, "limit": limit},
    )
    return [Call(**row._mapping) for row in result]


async def open_days(session: AsyncSession) -> list[BoothDay]:
    """The booths' days on which somebody still waits, or was called and has not arrived at the counter."""
    result = await session.execute(
        text("""
        SELECT DISTINCT booth, day FROM intake.visits
        WHERE status IN ('waiting', 'called') AND arrived_at IS NULL
        """)
    )
    return [BoothDay(row.booth, row.day) for row in result]


async def sweep(
    session: AsyncSession, days: Sequence[BoothDay], keeping: Sequence[BoothDay], now: datetime
) -> dict[str, int]:
    """Sends away who was not served on `days`; on `keeping` only who was called and did not come. How many, by what
    became of them. Who has arrived at a counter stays.
    """
    result = await session.execute(
        text("""
        WITH ended AS (
            SELECT * FROM unnest(CAST(:booths AS text[]), CAST(:days AS date[]), CAST(:kept AS boolean[]))
                AS d(booth, day, is_kept)
        ), swept AS (
            UPDATE intake.visits v
            SET status = CASE v.status WHEN 'called' THEN 'no_show' ELSE 'closed_unserved' END,
                ended_at = :now, swept_at = :now
            FROM ended d WHERE v.booth = d.booth AND v.day = d.day AND v.arrived_at IS NULL
                AND (v.status = 'called' OR (v.status = 'waiting' AND NOT d.is_kept))
            RETURNING v.status
        )
        SELECT status, count(*) AS visits FROM swept GROUP BY status
        """),
        {
            "booths": [each.booth for each in (*days, *keeping)],
            "days": [each.day for each in (*days, *keeping)],
            "kept": [False] * len(days) + [True] * len(keeping),
            "now": now,
        },
    )
    return {row.status: row.visits for row in result}


async def warn(session: AsyncSession, usual_seconds: int, now: datetime) -> int:
    """Marks who waits for a first call that is due within the seconds of his booth, or the usual ones.

    How many were not marked before.
    """
    result = await session.execute(
        text("""
        UPDATE intake.visits v SET warned_at = :now
        WHERE status = 'waiting' AND called_at IS NULL AND warned_at IS NULL
            AND call_due_at <= CAST(:now AS timestamptz) + make_interval(
            secs => coalesce((SELECT warn_seconds_before FROM intake.booths b WHERE b.booth = v.booth), :usual))
        """),
        {"usual": usual_seconds, "now": now},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def lock_person(session: AsyncSession, booth: str, phone: str) -> None:
    """Lets the presses of one person come one after another, until the end of the transaction."""
    await locks.hold(session, f"booth person {booth} {phone}")


async def waits_at(
    session: AsyncSession, booth: str, day: date, service: str, *, phone: str | None, email: str | None
) -> UUID | None:
    """The visit of the same person who waits at a service on that day, or None."""
    found: UUID | None = await session.scalar(
        text("""
        SELECT id FROM intake.visits
        WHERE booth = :booth AND day = :day AND service = :service AND status = 'waiting'
            AND (phone = :phone OR email = :email) ORDER BY id LIMIT 1
        """),
        {"booth": booth, "day": day, "service": service, "phone": phone, "email": email},
    )
    return found
