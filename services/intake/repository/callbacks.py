"""Call-backs: one open for each number."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.callbacks import CallbackStatus
from services.intake.models.callbacks import Callback
from shared import locks
from shared.rows import Table

CALLBACKS = Table("intake.callbacks", Callback)
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC), UUID(int=0)


async def hold_numbers(session: AsyncSession, numbers: Collection[str]) -> None:
    """Holds the call-backs of these numbers, those that are not yet there too, until the end of the transaction."""
    await locks.hold_each(session, "intake caller", numbers)


async def open_of(session: AsyncSession, numbers: Collection[str]) -> dict[str, Callback]:
    """The call-backs of these numbers that have not ended, which nobody else claims or ends before the commit."""
    result = await session.execute(
        text(f"""
        SELECT {CALLBACKS.select("b")} FROM intake.callbacks b
        WHERE b.number = ANY(:numbers) AND b.status IN ('open', 'claimed') ORDER BY b.id FOR UPDATE
        """),
        {"numbers": list(numbers)},
    )
    return {callback.number: callback for callback in _read(result)}


async def save(session: AsyncSession, new: Sequence[Callback], changed: Sequence[Callback]) -> None:
    """Writes new call-backs, and how those that were known stand now. Those that end come first: a number has one."""
    await CALLBACKS.update_many(session, changed)
    await CALLBACKS.insert_many(session, new)


async def lock(session: AsyncSession, callback_id: UUID) -> Callback | None:
    """Reads a call-back and holds it until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {CALLBACKS.select('b')} FROM intake.callbacks b WHERE b.id = :id FOR UPDATE"),
        {"id": callback_id},
    )
    return next(iter(_read(result)), None)


async def lock_each(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Callback]:
    """Reads call-backs and holds them until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {CALLBACKS.select('b')} FROM intake.callbacks b WHERE b.id = ANY(:ids) ORDER BY b.id FOR UPDATE"),
        {"ids": list(ids)},
    )
    return {callback.id: callback for callback in _read(result)}


async def list_callbacks(
    session: AsyncSession, status: CallbackStatus, after: tuple[datetime, UUID] | None, limit: int
) -> list[Callback]:
    """Up to `limit` call-backs of a status that come after this place, those first that are due first."""
    result = await session.execute(
        text(f"""
        SELECT {CALLBACKS.select("b")} FROM intake.callbacks b
        WHERE b.status = :status AND (b.due_at, b.id) > (CAST(:due_at AS timestamptz), CAST(:id AS uuid))
        ORDER BY b.due_at, b.id LIMIT :limit
        """),
        {
            "status": status,
            "due_at": (after or _BEGINNING)[0],
            "id": (after or _BEGINNING)[1],
            "limit": limit,
        },
    )
    return _read(result)


async def release(session: AsyncSession, claimed_before: datetime) -> int:
    """Lets others claim the call-backs that somebody claimed before a moment and never told of again. How many."""
    result = await session.execute(
        text("""
        UPDATE intake.callbacks SET status = 'open', claimed_by = NULL, claimed_at = NULL WHERE id IN (
            SELECT id FROM intake.callbacks WHERE status = 'claimed' AND claimed_at < :before FOR UPDATE SKIP LOCKED)
        """),
        {"before": claimed_before},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def give_up(session: AsyncSession, opened_before: datetime, now: datetime) -> int:
    """Ends the call-backs that were opened before a moment and that nobody has claimed. How many."""
    result = await session.execute(
        text("""
        UPDATE intake.callbacks SET status = 'failed', ended_at = :now WHERE id IN (
            SELECT id FROM intake.callbacks WHERE status = 'open' AND opened_at < :before FOR UPDATE SKIP LOCKED)
        """),
        {"before": opened_before, "now": now},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def count_open(session: AsyncSession) -> int:
    """How many call-backs wait now."""
    return int(
        await session.scalar(text("SELECT count(*) FROM intake.callbacks WHERE status IN ('open', 'claimed')")) or 0
    )


async def count_reached(session: AsyncSession, since: datetime, until: datetime) -> int:
    """How many citizens were reached by a call-back since a moment and before another."""
    found = await session.scalar(
        text("""
        SELECT count(*) FROM intake.callbacks WHERE ended_at >= :since AND ended_at < :until AND status = 'reached'
        """),
        {"since": since, "until": until},
    )
    return int(found or 0)


async def blank_callbacks(session: AsyncSession, before: datetime, limit: int) -> int:
    """Blanks the numbers of up to `limit` call-backs that ended before a moment. How many."""
    result = await session.execute(
        text("""
        UPDATE intake.callbacks SET number = '', text_removed_at = now() WHERE id IN (
            SELECT id FROM intake.callbacks WHERE text_removed_at IS NULL AND ended_at < :before
            ORDER BY ended_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _read(result: Any) -> list[Callback]:
    return [CALLBACKS.read(row, "b") for row in result]
