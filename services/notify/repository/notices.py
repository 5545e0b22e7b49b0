"""Notices: entering them, looking at them, a person's word on them, and forgetting what they said."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.delivery import Status
from services.notify.domain.notices import HOUR
from services.notify.models import Notice, RecentNotices
from shared.rows import Table

NOTICES = Table("notify.notices", Notice)
_NOTICE = NOTICES.sql.alias("n")
COLUMNS = [column.name for column in NOTICES.columns]
_ALL = ", ".join(COLUMNS)
_INSERT = text(f"{NOTICES.insertion.text} ON CONFLICT (event_id, reason) DO NOTHING")


async def insert_notices(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Puts notices into the ledger. One that an event already caused is not put in twice."""
    if notices:
        await session.execute(_INSERT, {name: [getattr(n, name) for n in notices] for name in COLUMNS})


async def recent_notices(session: AsyncSession, addresses: Sequence[str], now: datetime) -> dict[str, RecentNotices]:
    """How much each of these addresses was told in the last hour, and until when what it was not told is held."""
    result = await session.execute(
        text("""
        SELECT address, count(*) FILTER (WHERE hold IS NULL) AS notices, min(hold) AS held_until FROM (
            SELECT address, NULL AS hold FROM notify.notices
            WHERE address = ANY(:addresses) AND created_at > :since AND status <> 'suppressed'
            UNION ALL
            SELECT address, next_attempt_at FROM notify.notices
            WHERE address = ANY(:addresses) AND held AND status = 'queued'
        ) AS recent GROUP BY address
        """),
        {"addresses": list(addresses), "since": now - HOUR},
    )
    return {row.address: RecentNotices(**row._mapping) for row in result}


async def list_notices(
    session: AsyncSession, *, ticket_id: UUID | None, status: Status | None, after: UUID | None, limit: int
) -> list[Notice]:
    """Notices, oldest first, after the one called `after`."""
    query = select(*NOTICES.labelled(_NOTICE)).where(*_conditions(ticket_id, status, after))
    result = await session.execute(query.order_by(_NOTICE.c.id).limit(limit))
    return [NOTICES.read(row, "n") for row in result]


def _conditions(ticket_id: UUID | None, status: Status | None, after: UUID | None) -> Iterator[ColumnElement[bool]]:
    """What a list is narrowed to; they hold together."""
    if ticket_id is not None:
        yield _NOTICE.c.ticket_id == ticket_id
    if status == "held":
        yield _NOTICE.c.hold.is_not(None)
    elif status is not None:
        yield _NOTICE.c.status == status
    if status == "suppressed":
        yield _NOTICE.c.hold.is_(None)
    if after is not None:
        yield _NOTICE.c.id > after


async def lock_notices(session: AsyncSession, ids: Sequence[UUID]) -> list[Notice]:
    """Those of these notices that there are, in the order of their ids."""
    result = await session.execute(
        text(f"SELECT {_ALL} FROM notify.notices WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"), {"ids": list(ids)}
    )
    return [of_row(row) for row in result]


async def lock_held_answers(session: AsyncSession, replies: Sequence[UUID]) -> list[Notice]:
    """The notices of these answers that are held for a chat."""
    result = await session.execute(
        text(
            f"SELECT {_ALL} FROM notify.notices WHERE reply_id = ANY(:replies) AND hold = 'chat' ORDER BY id FOR UPDATE"
        ),
        {"replies": list(replies)},
    )
    return [of_row(row) for row in result]


async def lock_overdue_answers(session: AsyncSession, now: datetime, limit: int) -> list[Notice]:
    """Notices that were held for a chat until now. Those that somebody else holds are left to him."""
    result = await session.execute(
        text(f"""
        SELECT {_ALL} FROM notify.notices WHERE hold = 'chat' AND next_attempt_at <= :now
        ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED
        """),
        {"now": now, "limit": limit},
    )
    return [of_row(row) for row in result]


async def save(session: AsyncSession, changed: Sequence[Notice]) -> None:
    """Writes down how notices changed that are held by the caller."""
    await NOTICES.update_many(session, changed)


async def decide(
    session: AsyncSession, ids: Sequence[UUID], *, status: Status, give_up_at: datetime, now: datetime
) -> list[Notice]:
    """Writes down what a person decided."""
    result = await session.execute(
        text(f"""
        UPDATE notify.notices SET status = :status, next_attempt_at = :now, give_up_at = :give_up_at,
               claim = NULL, hold = NULL,
               ended_at = CASE WHEN :status = 'queued' THEN NULL ELSE CAST(:now AS timestamptz) END
        WHERE id = ANY(:ids) RETURNING {_ALL}
        """),
        {"ids": list(ids), "status": status, "now": now, "give_up_at": give_up_at},
    )
    return sorted((of_row(row) for row in result), key=lambda notice: notice.id)


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


def of_row(row: Row[Any]) -> Notice:
    """The notice in a row with all its `COLUMNS`."""
    return Notice(**row._mapping)
