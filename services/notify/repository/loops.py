"""How many automatic answers were given: to a domain, to a text, about a ticket."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def add(session: AsyncSession, answers: Mapping[str, int], now: datetime, since: datetime) -> dict[str, int]:
    """Counts further answers by their keys, and answers how many there are with them. A count that began before `since`
    begins anew.
    """
    keys = sorted(answers)  # two batches never wait for each other
    found = await session.execute(
        text("""
        INSERT INTO notify.answer_counts AS c (key, began_at, answers)
        SELECT key, :now, answers FROM unnest(CAST(:keys AS text[]), CAST(:answers AS integer[])) AS t(key, answers)
        ON CONFLICT (key) DO UPDATE SET
            began_at = CASE WHEN c.began_at <= :since THEN excluded.began_at ELSE c.began_at END,
            answers = CASE WHEN c.began_at <= :since THEN 0 ELSE c.answers END + excluded.answers
        RETURNING key, answers
        """),
        {"keys": keys, "answers": [answers[key] for key in keys], "now": now, "since": since},
    )
    return {row.key: row.answers for row in found}


async def answered(session: AsyncSession, tickets: Collection[UUID], since: datetime) -> set[UUID]:
    """Which of these tickets were told since a moment that they were opened, or will be."""
    found = await session.scalars(
        text("""
        SELECT DISTINCT ticket_id FROM notify.notices
        WHERE ticket_id = ANY(:tickets) AND reason = 'opened' AND created_at > :since AND status <> 'suppressed'
        """),
        {"tickets": list(tickets), "since": since},
    )
    return set(found)


async def forget_counts(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` counts that began before a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM notify.answer_counts WHERE key IN (
            SELECT key FROM notify.answer_counts WHERE began_at < :before ORDER BY began_at LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
