"""The inbox: which events this service has already handled, which ones failed, and which ones wait for a person.

All of it in PostgreSQL, in the same transaction as the effects: a second arrival finds its row and does nothing,
a restart does not forget how often an event failed, and a dead letter survives the loss of Redis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.ids import new_id


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


class Inbox:
    """The inbox of the service that owns `schema`."""

    def __init__(self, schema: str) -> None:
        self._schema = schema

    async def claim(self, session: AsyncSession, event_ids: Sequence[UUID], now: datetime) -> set[UUID]:
        """Those of `event_ids` that were never handled before; from now on they count as handled."""
        result = await session.scalars(
            text(f"""
            INSERT INTO {self._schema}.inbox (event_id, handled_at)
            SELECT DISTINCT id, CAST(:now AS timestamptz) FROM unnest(CAST(:ids AS uuid[])) AS id
            ON CONFLICT DO NOTHING RETURNING event_id
            """),
            {"ids": list(event_ids), "now": now},
        )
        return set(result.all())

    async def fail(self, session: AsyncSession, event_id: UUID, reason: str, now: datetime) -> int:
        """Counts a failure of `event_id` and returns how many there were by now."""
        return int(
            await session.scalar(
                text(f"""
                INSERT INTO {self._schema}.inbox_failures AS f (event_id, failures, reason, failed_at)
                VALUES (:id, 1, :reason, :now)
                ON CONFLICT (event_id) DO UPDATE SET failures = f.failures + 1, reason = :reason, failed_at = :now
                RETURNING failures
                """),
                {"id": event_id, "reason": reason, "now": now},
            )
            or 0
        )

    async def bury(self, session: AsyncSession, letter: DeadLetter, now: datetime) -> None:
        """Puts `letter` where a person finds it. The same entry, and the same event, is buried once."""
        await session.execute(
            text(f"""
            INSERT INTO {self._schema}.dead_letters
                (id, stream, entry_id, event_id, event_type, correlation_id, handler, reason, failures, payload,
                 died_at)
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
                text(f"DELETE FROM {self._schema}.inbox_failures WHERE event_id = :id"),
                {"id": letter.event_id},
            )

    async def forget(self, session: AsyncSession, now: datetime, window: timedelta, limit: int = 10_000) -> int:
        """Forgets up to `limit` events that were handled longer ago than `window`. The number forgotten."""
        result = await session.execute(
            text(f"""
            DELETE FROM {self._schema}.inbox WHERE event_id IN (
                SELECT event_id FROM {self._schema}.inbox WHERE handled_at < :before LIMIT :limit)
            """),
            {"before": now - window, "limit": limit},
        )
        await session.execute(
            text(f"DELETE FROM {self._schema}.inbox_failures WHERE failed_at < :before"), {"before": now - window}
        )
        return int(result.rowcount)  # type: ignore[attr-defined]
