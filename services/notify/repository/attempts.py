"""How attempts ended: what the ledger says of their notices then, and the attempts themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.models import Judgement, StatusChange
from shared.db import DriverConnection

_RECORD = text("""
    WITH ended AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS uuid[]), CAST(:numbers AS integer[]),
            CAST(:statuses AS text[]), CAST(:nexts AS timestamptz[]), CAST(:counts AS boolean[]),
            CAST(:provider_ids AS text[]), CAST(:errors AS text[]), CAST(:outcomes AS text[]),
            CAST(:workers AS text[]), CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[]))
            AS t(id, claim, number, status, next, counts, provider_id, error, outcome, worker, began_at, ended_at)
    ), gone AS (
        DELETE FROM notify.claims WHERE id = ANY(CAST(:over AS uuid[])) RETURNING id
    ), emptied AS (
        UPDATE notify.claims SET under_way = '{}', accepted = '{}', provider_ids = '{}', begins = '{}', ends = '{}'
        WHERE id = ANY(CAST(:going_on AS uuid[])) RETURNING id
    ), changed AS (
        UPDATE notify.notices n
        SET status = e.status, next_attempt_at = e.next, provider_id = e.provider_id, error = e.error,
            attempts = CASE WHEN e.counts THEN n.attempts ELSE n.attempts - 1 END,
            claimed_by = NULL, claimed_until = NULL, claimed_under = NULL,
            claim = CASE WHEN e.status = 'queued' THEN NULL ELSE n.claim END,
            ended_at = CASE WHEN e.status = 'queued' THEN NULL ELSE e.ended_at END
        FROM ended e
        WHERE n.id = e.id AND n.attempts = e.number AND n.claim IS NOT DISTINCT FROM e.claim
          AND n.status = ANY(CAST(:only AS text[])) AND n.status <> e.status
          AND (SELECT count(*) FROM gone) + (SELECT count(*) FROM emptied) >= 0  -- the claim is held first, always
        RETURNING n.id, old.status AS before
    ), noted AS (
        INSERT INTO notify.delivery_attempts (notice_id, number, worker, started_at, ended_at, outcome, detail)
        SELECT e.id, e.number, e.worker, e.began_at, e.ended_at, e.outcome, e.error
        FROM ended e JOIN changed USING (id) WHERE e.began_at IS NOT NULL
        ON CONFLICT (notice_id, number) DO UPDATE SET worker = excluded.worker, started_at = excluded.started_at,
            ended_at = excluded.ended_at, outcome = excluded.outcome, detail = excluded.detail
    )
    SELECT id, before FROM changed
""")
_compiled = _RECORD.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
_RECORD_FOR_DRIVER, _NAMES_IN_ORDER = str(_compiled), tuple(_compiled.positiontup or ())


async def record(
    session: AsyncSession, judgements: Sequence[Judgement], *, over: Sequence[UUID] = ()
) -> list[StatusChange]:
    """Writes down how attempts ended, and that the claims `over` are over. Answers which notices that changed.

    Evidence that arrives late still corrects an `uncertain`; it changes nothing that a person has decided since.
    """
    values = _values(judgements, over=over, going_on=(), only=("sending", "uncertain"))
    return [StatusChange(row.id, row.before) for row in await session.execute(_RECORD, values)]


async def record_briefly(
    notes: DriverConnection, judgements: Sequence[Judgement], *, over: Sequence[UUID], going_on: Sequence[UUID]
) -> set[UUID]:
    """The same without waiting for the disk, of notices of which nobody else has meanwhile. Answers which those were.

    Of the claims that are `going_on` the notes are removed, for what they told of is recorded.
    """
    values = _values(judgements, over=over, going_on=going_on, only=("sending",))
    rows = await notes.fetch(_RECORD_FOR_DRIVER, *(values[name] for name in _NAMES_IN_ORDER))
    return {row["id"] for row in rows}


def _values(judgements: Sequence[Judgement], **others: Sequence[object]) -> dict[str, list[Any]]:
    return {name: list(value) for name, value in others.items()} | {
        "ids": [item.notice.id for item in judgements],
        "claims": [item.notice.claim for item in judgements],
        "numbers": [item.notice.attempts for item in judgements],
        "statuses": [item.verdict.status for item in judgements],
        "nexts": [item.verdict.next_attempt_at for item in judgements],
        "counts": [item.verdict.counts for item in judgements],
        "provider_ids": [item.verdict.provider_id for item in judgements],
        "errors": [item.verdict.error for item in judgements],
        "outcomes": [item.outcome.word for item in judgements],
        "workers": [item.attempt.worker if item.attempt else None for item in judgements],
        "begins": [item.attempt.began_at if item.attempt else None for item in judgements],
        "ends": [item.ended_at for item in judgements],
    }


async def forget_attempts(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` attempts that ended before a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM notify.delivery_attempts WHERE (notice_id, number) IN (
            SELECT notice_id, number FROM notify.delivery_attempts WHERE ended_at < :before
            ORDER BY ended_at LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
