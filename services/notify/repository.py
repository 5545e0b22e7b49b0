"""Every SQL statement of the post."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.notices import INVITATION_WAITS, INVITED, RESOLVED, Kind
from services.notify.models import Notice, Settled

_COLUMNS = {
    "id": "uuid",
    "event_id": "uuid",
    "reason": "text",
    "ticket_id": "uuid",
    "tracking_code": "text",
    "kind": "text",
    "address": "text",
    "subject": "text",
    "body": "text",
    "status": "text",
    "next_attempt_at": "timestamptz",
    "give_up_at": "timestamptz",
    "correlation_id": "text",
    "created_at": "timestamptz",
    "attempts": "integer",
    "error": "text",
    "ended_at": "timestamptz",
    "traceparent": "text",
    "text_removed_at": "timestamptz",
}
_ALL = ", ".join(_COLUMNS)
_INSERT = text(f"""
    INSERT INTO notify.notices ({_ALL})
    SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
    ON CONFLICT (event_id, reason) DO NOTHING
""")


async def insert_notices(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Puts notices into the ledger. One that an event already caused is not put in twice."""
    if notices:
        await session.execute(_INSERT, {name: [getattr(n, name) for n in notices] for name in _COLUMNS})


async def claim(
    session: AsyncSession, *, kind: Kind, worker: str, lease: timedelta, limit: int, now: datetime
) -> list[Notice]:
    """Takes up to `limit` due notices and writes down that an attempt begins. Commit before touching the network.

    A notice waits for the earlier ones of its ticket, so that a citizen reads them in their order. An invitation comes
    after all others: it waits until its case's resolution is in the ledger, `INVITATION_WAITS` at most.
    """
    result = await session.execute(
        text(f"""
        WITH due AS (
            SELECT id FROM notify.notices n
            WHERE status = 'queued' AND kind = :kind AND next_attempt_at <= :now
              AND NOT EXISTS (SELECT FROM notify.notices e WHERE e.ticket_id = n.ticket_id
                              AND (e.reason = :invited, e.id) < (n.reason = :invited, n.id)
                              AND e.status IN ('queued', 'sending'))
              AND (reason <> :invited OR created_at <= :waited
                   OR EXISTS (SELECT FROM notify.notices e WHERE e.ticket_id = n.ticket_id AND e.reason = :resolved))
            ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE notify.notices n SET status = 'sending', attempts = attempts + 1, claimed_by = :worker,
                                        claimed_until = :until
            FROM due WHERE n.id = due.id RETURNING {", ".join(f"n.{name}" for name in _COLUMNS)}
        ), attempted AS (
            INSERT INTO notify.delivery_attempts (notice_id, number, worker, started_at)
            SELECT id, attempts, :worker, :now FROM taken
            ON CONFLICT (notice_id, number) DO UPDATE SET worker = excluded.worker, started_at = excluded.started_at,
                                                          ended_at = NULL, outcome = NULL, detail = NULL
        )
        SELECT {_ALL} FROM taken ORDER BY id
        """),
        {
            "kind": kind,
            "worker": worker,
            "until": now + lease,
            "limit": limit,
            "now": now,
            "invited": INVITED,
            "resolved": RESOLVED,
            "waited": now - INVITATION_WAITS,
        },
    )
    return [_notice(row) for row in result]


async def settle(session: AsyncSession, settled: Sequence[Settled], now: datetime) -> set[UUID]:
    """Writes down how attempts ended, and answers which notices that changed.

    Evidence that arrives late still corrects an `uncertain`; it changes nothing that a person has decided since.
    """
    changed = await session.scalars(
        text("""
        WITH ended AS (
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS integer[]), CAST(:statuses AS text[]),
                CAST(:nexts AS timestamptz[]), CAST(:counts AS boolean[]), CAST(:provider_ids AS text[]),
                CAST(:errors AS text[]), CAST(:outcomes AS text[]))
                AS t(id, number, status, next, counts, provider_id, error, outcome)
        ), noted AS (
            UPDATE notify.delivery_attempts a SET ended_at = :now, outcome = e.outcome, detail = e.error
            FROM ended e WHERE a.notice_id = e.id AND a.number = e.number
        )
        UPDATE notify.notices n
        SET status = e.status, next_attempt_at = e.next, provider_id = e.provider_id, error = e.error,
            attempts = CASE WHEN e.counts THEN n.attempts ELSE n.attempts - 1 END,
            claimed_by = NULL, claimed_until = NULL,
            ended_at = CASE WHEN e.status = 'queued' THEN NULL ELSE CAST(:now AS timestamptz) END
        FROM ended e WHERE n.id = e.id AND n.attempts = e.number AND n.status IN ('sending', 'uncertain')
          AND n.status <> e.status
        RETURNING n.id
        """),
        {
            "ids": [item.notice.id for item in settled],
            "numbers": [item.notice.attempts for item in settled],
            "statuses": [item.verdict.status for item in settled],
            "nexts": [item.verdict.next_attempt_at for item in settled],
            "counts": [item.verdict.counts for item in settled],
            "provider_ids": [item.verdict.provider_id for item in settled],
            "errors": [item.verdict.error for item in settled],
            "outcomes": [type(item.outcome).__name__.lower() for item in settled],
            "now": now,
        },
    )
    return set(changed.all())


async def prolong(session: AsyncSession, ids: Sequence[UUID], *, worker: str, until: datetime) -> None:
    """Keeps notices claimed that are still being handed over."""
    await session.execute(
        text("""
        UPDATE notify.notices SET claimed_until = :until
        WHERE id = ANY(:ids) AND status = 'sending' AND claimed_by = :worker
        """),
        {"ids": list(ids), "worker": worker, "until": until},
    )


async def abandoned(session: AsyncSession, *, own: str | None, now: datetime) -> list[Notice]:
    """Notices whose sender died in the middle: those past their lease, and those of a predecessor named `own`."""
    result = await session.execute(
        text(f"""
        SELECT {_ALL} FROM notify.notices
        WHERE status = 'sending' AND (claimed_until < :now OR claimed_by = :own) ORDER BY id FOR UPDATE SKIP LOCKED
        """),
        {"now": now, "own": own},
    )
    return [_notice(row) for row in result]


async def list_notices(
    session: AsyncSession, *, ticket_id: UUID | None, status: str | None, after: UUID | None, limit: int
) -> list[Notice]:
    """Notices, oldest first, after the one called `after`."""
    values = {"ticket_id": ticket_id, "status": status, "after": after}
    conditions = {"ticket_id": "ticket_id = :ticket_id", "status": "status = :status", "after": "id > :after"}
    where = [conditions[name] for name, value in values.items() if value is not None]
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    result = await session.execute(
        text(f"SELECT {_ALL} FROM notify.notices {clause} ORDER BY id LIMIT :limit"),
        {**{name: value for name, value in values.items() if value is not None}, "limit": limit},
    )
    return [_notice(row) for row in result]


async def lock_notice(session: AsyncSession, notice_id: UUID) -> Notice | None:
    result = await session.execute(
        text(f"SELECT {_ALL} FROM notify.notices WHERE id = :id FOR UPDATE"),
        {"id": notice_id},
    )
    row = result.one_or_none()
    return _notice(row) if row else None


async def decide(session: AsyncSession, notice_id: UUID, *, status: str, give_up_at: datetime, now: datetime) -> None:
    """Writes down what a person decided."""
    await session.execute(
        text("""
        UPDATE notify.notices SET status = :status, next_attempt_at = :now, give_up_at = :give_up_at,
               ended_at = CASE WHEN :status = 'queued' THEN NULL ELSE CAST(:now AS timestamptz) END
        WHERE id = :id
        """),
        {"id": notice_id, "status": status, "now": now, "give_up_at": give_up_at},
    )


async def blank_notices(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets the text and the address of up to `limit` notices that ended before a moment. That they were stays."""
    result = await session.execute(
        text("""
        UPDATE notify.notices SET subject = '', body = '', address = NULL, text_removed_at = now() WHERE id IN (
            SELECT id FROM notify.notices WHERE text_removed_at IS NULL AND ended_at < :before
            ORDER BY ended_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


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


def _notice(row: Row[Any]) -> Notice:
    return Notice(**row._mapping)
