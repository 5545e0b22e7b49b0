"""The inbox: which events this service has already handled, and which ones failed.

All of it in PostgreSQL, in the same transaction as the effects: a second arrival finds its row and does nothing, and
a restart does not forget how often an event failed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


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

    async def fail(self, session: AsyncSession, event_id: UUID, reason: str, now: datetime) -> tuple[int, datetime]:
        """Counts a failure of `event_id`: how many there were by now, and when the first was."""
        result = await session.execute(
            text(f"""
            INSERT INTO {self._schema}.inbox_failures AS f (event_id, failures, reason, failed_at, first_failed_at)
            VALUES (:id, 1, :reason, :now, :now)
            ON CONFLICT (event_id) DO UPDATE SET failures = f.failures + 1, reason = :reason, failed_at = :now,
                first_failed_at = COALESCE(f.first_failed_at, f.failed_at)
            RETURNING failures, first_failed_at
            """),
            {"id": event_id, "reason": reason, "now": now},
        )
        row = result.one()
        return row.failures, row.first_failed_at

    async def forget(self, session: AsyncSession, before: datetime, limit: int) -> int:
        """Forgets up to `limit` events that were handled, or failed last, before a moment. How many were handled."""
        result = await session.execute(
            text(f"""
            DELETE FROM {self._schema}.inbox WHERE event_id IN (
                SELECT event_id FROM {self._schema}.inbox WHERE handled_at < :before ORDER BY handled_at LIMIT :limit)
            """),
            {"before": before, "limit": limit},
        )
        await session.execute(
            text(f"DELETE FROM {self._schema}.inbox_failures WHERE failed_at < :before"), {"before": before}
        )
        return int(result.rowcount)  # type: ignore[attr-defined]
