"""Claims: what a courier has in its hands, how far it came with it, and what it left behind when it died."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.claims import Claim, Handover
from services.notify.domain.delivery import Acceptance
from services.notify.domain.notices import INVITATION_WAITS, INVITED, RESOLVED, Kind
from services.notify.models import AbandonedNotice, Attempt, Ending, Notice
from services.notify.repository.notices import COLUMNS, of_row
from shared.db import DriverConnection

_MOST_TOGETHER = 500
_FOR_THE_RELEASE_BEFORE = timedelta(hours=1)
"""Longer than any claim: so late the release before, which knows no claims, gives a notice up by itself."""

# A condition with IS TRUE serves no index. Each look is by the ticket or by the address, which have a few notices; the
# index of what waits finds all that does, and a table that was just filled has no statistics that would say how much.
CLAIM = text(f"""
    WITH due AS (
        SELECT id, address, held FROM notify.notices n
        WHERE status = 'queued' AND kind = :kind AND next_attempt_at <= :now
          AND NOT EXISTS (SELECT FROM notify.notices e WHERE e.ticket_id = n.ticket_id
                          AND (e.reason = :invited, e.id) < (n.reason = :invited, n.id)
                          AND (e.status IN ('queued', 'sending')) IS TRUE)
          AND (reason <> :invited OR created_at <= :waited
               OR EXISTS (SELECT FROM notify.notices e WHERE e.ticket_id = n.ticket_id AND e.reason = :resolved))
          AND (NOT n.held OR NOT EXISTS (SELECT FROM notify.notices h WHERE h.address = n.address AND h.kind = n.kind
                                         AND h.held AND h.id < n.id AND h.status IN ('queued', 'sending')))
        ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), together AS (
        SELECT id FROM notify.notices n
        WHERE EXISTS (SELECT FROM due WHERE held)
          AND status IN ('queued', 'sending') AND (status = 'queued' AND kind = :kind) IS TRUE AND held
          AND address = ANY(ARRAY(SELECT address FROM due WHERE held)) AND id <> ALL(ARRAY(SELECT id FROM due))
          AND NOT EXISTS (SELECT FROM notify.notices e WHERE e.ticket_id = n.ticket_id AND e.id < n.id
                          AND (e.status IN ('queued', 'sending')) IS TRUE
                          AND NOT (e.held AND e.address = n.address AND e.kind = n.kind))
        ORDER BY id LIMIT {_MOST_TOGETHER} FOR UPDATE SKIP LOCKED
    ), mine AS (
        INSERT INTO notify.claims (id, worker, claimed_until)
        SELECT :claim, :worker, :until WHERE EXISTS (SELECT FROM due)
    )
    UPDATE notify.notices n
    SET status = 'sending', attempts = attempts + 1, claim = :claim,
        claimed_by = :worker, claimed_until = :generous, claimed_under = NULL
    FROM (SELECT id FROM due UNION ALL SELECT id FROM together) AS claimed
    WHERE n.id = claimed.id RETURNING {", ".join(f"n.{name}" for name in COLUMNS)}
""")


async def claim(
    session: AsyncSession, claim: UUID, *, kind: Kind, worker: str, lease: timedelta, limit: int, now: datetime
) -> list[Notice]:
    """Takes up to `limit` due notices in a new claim, oldest first; with each that was held all held for its address.

    A notice waits for the earlier ones of its ticket, so that a citizen reads them in their order. An invitation comes
    after all others: it waits until its case's resolution is in the ledger, `INVITATION_WAITS` at most. None of them
    is under way yet: that is written down by `note`.
    """
    values = claim_values(claim, kind=kind, worker=worker, lease=lease, limit=limit, now=now)
    result = await session.execute(CLAIM, values)
    return sorted((of_row(row) for row in result), key=lambda notice: notice.id)


def claim_values(
    claim: UUID, *, kind: Kind, worker: str, lease: timedelta, limit: int, now: datetime
) -> Mapping[str, object]:
    """What `CLAIM` is told."""
    return {
        "kind": kind,
        "worker": worker,
        "until": now + lease,
        "generous": now + _FOR_THE_RELEASE_BEFORE,
        "claim": claim,
        "limit": limit,
        "now": now,
        "invited": INVITED,
        "resolved": RESOLVED,
        "waited": now - INVITATION_WAITS,
    }


_NOTE = """
    UPDATE notify.claims
    SET under_way = $2, began_at = $3, accepted = accepted || $4, provider_ids = provider_ids || $5,
        begins = begins || $6, ends = ends || $7
    WHERE id = $1
"""


async def note(
    notes: DriverConnection, claim: UUID, message: Sequence[UUID], accepted: Sequence[Ending], now: datetime
) -> bool:
    """Writes down that the notices of `message` are about to be handed over, and what was `accepted` before.

    Answers whether they may be handed over: not when the claim is no longer this courier's. It runs for each message,
    so it goes to the driver itself, and changes one small row.
    """
    done = await notes.execute(
        _NOTE,
        claim,
        message,
        now,
        [item.notice.id for item in accepted],
        [item.outcome.provider_id if isinstance(item.outcome, Acceptance) else None for item in accepted],
        [item.attempt.began_at if item.attempt else None for item in accepted],
        [item.ended_at for item in accepted],
    )
    return bool(done == "UPDATE 1")


async def prolong(session: AsyncSession, claim: UUID, *, until: datetime) -> bool:
    """Keeps a claim whose notices are still being handed over. Whether it was still there."""
    result = await session.execute(
        text("UPDATE notify.claims SET claimed_until = :until WHERE id = :claim RETURNING id"),
        {"claim": claim, "until": until},
    )
    return result.first() is not None


async def abandoned_claims(session: AsyncSession, *, own: str | None, now: datetime) -> list[Claim]:
    """Claims whose courier died: those past their lease, and those of a predecessor named `own`.

    They are held, so that no courier hands anything over by them any more.
    """
    result = await session.execute(
        text("""
        SELECT *, claimed_under = pg_postmaster_start_time() AS is_complete FROM notify.claims
        WHERE claimed_until < :now OR worker = :own ORDER BY id FOR UPDATE SKIP LOCKED
        """),
        {"now": now, "own": own},
    )
    return [_claim(row) for row in result]


async def notices_of(session: AsyncSession, claims: Sequence[UUID]) -> list[Notice]:
    """The notices of held claims that have not been settled, in the order of their ids."""
    if not claims:
        return []
    result = await session.execute(
        text(f"""
        SELECT {", ".join(COLUMNS)} FROM notify.notices WHERE status = 'sending' AND claim = ANY(:claims)
        ORDER BY id FOR UPDATE
        """),
        {"claims": list(claims)},
    )
    return [of_row(row) for row in result]


async def abandoned_notices(session: AsyncSession, *, own: str | None, now: datetime) -> list[AbandonedNotice]:
    """Notices that a courier of the release before left behind: it knew no claims, and noted each attempt by itself.

    One is under way when its attempt has begun, or when PostgreSQL is not the one under which it was claimed. It is so
    with every notice whose claim is not there, too: those of this release say under none.
    """
    result = await session.execute(
        text(f"""
        SELECT {", ".join(f"n.{name}" for name in COLUMNS)}, a.worker, a.started_at,
               n.claimed_under IS DISTINCT FROM pg_postmaster_start_time() OR a.notice_id IS NOT NULL AS under_way
        FROM notify.notices n
        LEFT JOIN notify.delivery_attempts a
          ON a.notice_id = n.id AND a.number = n.attempts AND a.ended_at IS NULL
        WHERE n.status = 'sending' AND (n.claimed_until < :now OR n.claimed_by = :own)
          AND NOT EXISTS (SELECT FROM notify.claims c WHERE c.id = n.claim)
        ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
        """),
        {"now": now, "own": own},
    )
    return [
        AbandonedNotice(
            Notice(**{name: getattr(row, name) for name in COLUMNS}),
            Attempt(row.worker, row.started_at) if row.worker else None,
            row.under_way,
        )
        for row in result
    ]


def _claim(row: Row[Any]) -> Claim:
    notes = zip(row.accepted, row.provider_ids, row.begins, row.ends, strict=True)
    return Claim(
        id=row.id,
        worker=row.worker,
        under_way=frozenset(row.under_way),
        began_at=row.began_at,
        handovers={name: Handover(provider_id, began_at, ended_at) for name, provider_id, began_at, ended_at in notes},
        is_complete=row.is_complete,
    )
