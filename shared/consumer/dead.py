"""Dead letters: events that wait for a person; and stops: events at which a whole stream waits for one.

All of it lies in PostgreSQL and survives the loss of Redis. A letter belongs to the one reader that buried it, and a
replay is that reader's business alone: it takes the letter from here, and never from a stream that others read too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.ids import new_id

_OPEN = "replayed_at IS NULL AND discarded_at IS NULL"
_LETTER = """id, stream, entry_id, event_id, event_type, correlation_id, handler, reason, failures, died_at,
             replay_asked_at, replay_asked_by, replayed_at, discarded_at, discarded_by, discard_reason"""
_STOP = "stream, event_id, entry_id, event_type, correlation_id, reason, stopped_at"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that could not be handled. `payload` is the entry as it came, `reason` never quotes it."""

    stream: str
    entry_id: str
    event_id: UUID | None
    event_type: str | None
    correlation_id: str | None
    handler: str
    reason: str
    failures: int
    payload: str


@dataclass(frozen=True, slots=True)
class Stop:
    """An event that this release cannot handle and must not bury: its stream waits at it."""

    stream: str
    event_id: UUID
    entry_id: str
    event_type: str
    correlation_id: str
    reason: str


async def bury(session: AsyncSession, schema: str, letter: DeadLetter, now: datetime) -> None:
    """Puts `letter` where a person finds it. The same entry, and the same event, is buried once."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.dead_letters
            (id, stream, entry_id, event_id, event_type, correlation_id, handler, reason, failures, payload, died_at)
        VALUES (:id, :stream, :entry_id, :event_id, :event_type, :correlation_id, :handler, :reason, :failures,
                :payload, :now)
        ON CONFLICT DO NOTHING
        """),
        {
            "id": new_id(),
            "stream": letter.stream,
            "entry_id": letter.entry_id,
            "event_id": letter.event_id,
            "event_type": letter.event_type,
            "correlation_id": letter.correlation_id,
            "handler": letter.handler,
            "reason": letter.reason,
            "failures": letter.failures,
            "payload": letter.payload.replace("\0", "\\u0000"),  # the one character PostgreSQL does not keep
            "now": now,
        },
    )
    if letter.event_id is not None:
        await session.execute(
            text(f"DELETE FROM {schema}.inbox_failures WHERE event_id = :id"), {"id": letter.event_id}
        )


# -- letters that somebody asked back ---------------------------------------------------------------------------


async def next_asked(session: AsyncSession, schema: str, stream: str) -> Row[Any] | None:
    """(id, payload) of the letter that waits longest for its replay, held until the end of the transaction."""
    result = await session.execute(
        text(f"""
        SELECT id, payload FROM {schema}.dead_letters
        WHERE stream = :stream AND replay_asked_at IS NOT NULL AND {_OPEN}
        ORDER BY replay_asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        """),
        {"stream": stream},
    )
    return result.one_or_none()


async def replayed(session: AsyncSession, schema: str, letter_id: UUID, now: datetime) -> None:
    """It was handled after all."""
    await session.execute(
        text(f"UPDATE {schema}.dead_letters SET replayed_at = :now WHERE id = :id"), {"id": letter_id, "now": now}
    )


async def failed_again(session: AsyncSession, schema: str, letter_id: UUID, reason: str) -> None:
    """It could not be handled now either, and waits for a person as before."""
    await session.execute(
        text(f"""
        UPDATE {schema}.dead_letters
        SET replay_asked_at = NULL, replay_asked_by = NULL, failures = failures + 1, reason = :reason
        WHERE id = :id
        """),
        {"id": letter_id, "reason": reason},
    )


# -- streams that wait ------------------------------------------------------------------------------------------


async def stop_at(session: AsyncSession, schema: str, stop: Stop, now: datetime) -> str | None:
    """Writes down that the stream waits at this event. What a person decided since: why it is skipped, or None."""
    decided: str | None = await session.scalar(
        text(f"""
        INSERT INTO {schema}.stops AS s (stream, event_id, entry_id, event_type, correlation_id, reason, stopped_at)
        VALUES (:stream, :event_id, :entry_id, :event_type, :correlation_id, :reason, :now)
        ON CONFLICT (stream, event_id) DO UPDATE SET entry_id = excluded.entry_id
        RETURNING CASE WHEN s.skipped_at IS NOT NULL THEN s.skipped_by || ': ' || s.skip_reason END
        """),
        {
            "stream": stop.stream,
            "event_id": stop.event_id,
            "entry_id": stop.entry_id,
            "event_type": stop.event_type,
            "correlation_id": stop.correlation_id,
            "reason": stop.reason,
            "now": now,
        },
    )
    return decided


async def go_on(session: AsyncSession, schema: str, stream: str) -> None:
    """The stream does not wait any more; what persons decided stays on record."""
    await session.execute(
        text(f"DELETE FROM {schema}.stops WHERE stream = :stream AND skipped_at IS NULL"), {"stream": stream}
    )


# -- what a person sees and decides -----------------------------------------------------------------------------


async def list_letters(session: AsyncSession, schema: str, *, ended_too: bool = False) -> list[Row[Any]]:
    """What waits for a person, without its content; with `ended_too` also what was replayed or discarded."""
    where = "" if ended_too else f"WHERE {_OPEN}"
    result = await session.execute(text(f"SELECT {_LETTER} FROM {schema}.dead_letters {where} ORDER BY died_at, id"))
    return list(result.all())


async def find_letter(session: AsyncSession, schema: str, letter_id: str) -> Row[Any] | None:
    """The letter of this id, held until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {_LETTER} FROM {schema}.dead_letters WHERE CAST(id AS text) = :id FOR UPDATE"), {"id": letter_id}
    )
    return result.one_or_none()


async def payload_of(session: AsyncSession, schema: str, letter_id: UUID) -> str | None:
    """The entry itself: it may hold personal data."""
    payload: str | None = await session.scalar(
        text(f"SELECT payload FROM {schema}.dead_letters WHERE id = :id"), {"id": letter_id}
    )
    return payload


async def ask_back(session: AsyncSession, schema: str, ids: Sequence[UUID], *, by: str, now: datetime) -> int:
    """Asks the reader to handle these again. The number of those that were still open."""
    return await _decide(session, schema, ids, "replay_asked_at = :now, replay_asked_by = :by", {"by": by, "now": now})


async def discard(session: AsyncSession, schema: str, letter_id: UUID, *, by: str, reason: str, now: datetime) -> int:
    """Ends a letter without handling it. The number of those that were still open."""
    decision = "discarded_at = :now, discarded_by = :by, discard_reason = :reason"
    return await _decide(session, schema, [letter_id], decision, {"by": by, "reason": reason, "now": now})


async def _decide(
    session: AsyncSession, schema: str, ids: Sequence[UUID], decision: str, values: dict[str, Any]
) -> int:
    result = await session.execute(
        text(f"UPDATE {schema}.dead_letters SET {decision} WHERE id = ANY(:ids) AND {_OPEN}"),
        {"ids": list(ids), **values},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def list_stops(session: AsyncSession, schema: str) -> list[Row[Any]]:
    """At which events streams wait for a release or a person."""
    result = await session.execute(
        text(f"SELECT {_STOP} FROM {schema}.stops WHERE skipped_at IS NULL ORDER BY stopped_at")
    )
    return list(result.all())


async def skip(session: AsyncSession, schema: str, event_id: str, *, by: str, reason: str, now: datetime) -> int:
    """Lets a stream go on past an event, which becomes a dead letter. The number of streams that waited at it."""
    result = await session.execute(
        text(f"""
        UPDATE {schema}.stops SET skipped_at = :now, skipped_by = :by, skip_reason = :reason
        WHERE CAST(event_id AS text) = :id AND skipped_at IS NULL
        """),
        {"id": event_id, "by": by, "reason": reason, "now": now},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


# -- what is over ------------------------------------------------------------------------------------------------


async def forget(session: AsyncSession, schema: str, before: datetime, limit: int) -> int:
    """Forgets up to `limit` letters that ended before a moment. What still waits for a person stays. How many."""
    result = await session.execute(
        text(f"""
        DELETE FROM {schema}.dead_letters WHERE id IN (
            SELECT id FROM {schema}.dead_letters WHERE COALESCE(replayed_at, discarded_at) < :before
            ORDER BY COALESCE(replayed_at, discarded_at) LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def forget_skips(session: AsyncSession, schema: str, before: datetime, limit: int) -> int:
    """Forgets up to `limit` decisions to skip an event that were made before a moment. How many."""
    result = await session.execute(
        text(f"""
        DELETE FROM {schema}.stops WHERE (stream, event_id) IN (
            SELECT stream, event_id FROM {schema}.stops WHERE skipped_at < :before LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
