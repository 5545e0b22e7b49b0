"""What the release before `notify_0006` says to the database: its statements, word for word, as far as they differ."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.db import Database

_CLAIM = """
    UPDATE notify.notices n
    SET status = 'sending', attempts = attempts + 1, claimed_by = :worker, claimed_until = :until,
        claim = :claim, claimed_under = pg_postmaster_start_time()
    WHERE n.status = 'queued' RETURNING n.id, n.attempts
"""
_BEGIN = """
    INSERT INTO notify.delivery_attempts (notice_id, number, worker, started_at)
    SELECT id, attempts, :worker, :now FROM notify.notices WHERE id = :id AND claim = :claim AND status = 'sending'
"""
_ACCEPTED = """
    WITH noted AS (
        UPDATE notify.delivery_attempts SET ended_at = :now, outcome = 'accepted' WHERE notice_id = :id AND number = 1
    )
    UPDATE notify.notices
    SET status = 'accepted', provider_id = :provider_id, next_attempt_at = :now, ended_at = :now, error = NULL,
        claimed_by = NULL, claimed_until = NULL, claimed_under = NULL
    WHERE id = :id AND attempts = 1 AND claim = :claim AND status = 'sending'
"""
_ABANDONED = """
    SELECT n.id,
           n.claimed_under IS DISTINCT FROM pg_postmaster_start_time() OR EXISTS (
               SELECT FROM notify.delivery_attempts a
               WHERE a.notice_id = n.id AND a.number = n.attempts AND a.ended_at IS NULL) AS under_way
    FROM notify.notices n
    WHERE status = 'sending' AND (claimed_until < :now OR claimed_by = :own) ORDER BY id FOR UPDATE SKIP LOCKED
"""


@dataclass
class ReleaseBefore:
    """A courier and a sweeper of the release before."""

    db: Database
    claim_id: UUID

    async def claim(self, *, worker: str, until: datetime) -> list[UUID]:
        """Claims all that waits."""
        rows = await self._all(_CLAIM, worker=worker, until=until, claim=self.claim_id)
        return sorted(row.id for row in rows)

    async def begin(self, notice_id: UUID, *, worker: str, now: datetime) -> None:
        await self._do(_BEGIN, id=notice_id, worker=worker, now=now, claim=self.claim_id)

    async def accepted(self, notice_id: UUID, *, now: datetime) -> None:
        await self._do(_ACCEPTED, id=notice_id, now=now, claim=self.claim_id, provider_id="its name")

    async def abandoned(self, *, own: str | None, now: datetime) -> dict[UUID, bool]:
        """What its sweeper finds left behind, and whether it takes that for under way."""
        return {row.id: row.under_way for row in await self._all(_ABANDONED, own=own, now=now)}

    async def _do(self, sql: str, **values: Any) -> None:
        async with self.db.transaction() as session:
            await session.execute(text(sql), values)

    async def _all(self, sql: str, **values: Any) -> list[Any]:
        async with self.db.transaction() as session:
            return list((await session.execute(text(sql), values)).all())
