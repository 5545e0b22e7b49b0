"""Erasing a citizen from the ledger: what he was told, and where. That he was told it stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ERASED = "the citizen was erased"


async def erase(session: AsyncSession, tickets: Sequence[UUID], now: datetime) -> None:
    """Removes the texts and the addresses of all notices of these tickets, and what servers said of them. What was not
    sent yet is not sent.
    """
    await session.execute(
        text("""
        WITH told AS (
            UPDATE notify.notices SET subject = '', body = '', address = NULL, held = false, hold = NULL,
                text_removed_at = coalesce(text_removed_at, :now),
                error = CASE WHEN error IS NOT NULL OR status = 'queued' THEN CAST(:erased AS text) END,
                ended_at = coalesce(ended_at, CASE WHEN status <> 'sending' THEN CAST(:now AS timestamptz) END),
                status = CASE WHEN status = 'queued' THEN 'suppressed' ELSE status END
            WHERE ticket_id = ANY(:tickets) RETURNING id
        )
        UPDATE notify.delivery_attempts a SET detail = NULL FROM told WHERE a.notice_id = told.id
        """),
        {"tickets": list(tickets), "now": now, "erased": _ERASED},
    )


async def known(session: AsyncSession, tickets: Sequence[UUID]) -> Sequence[Any]:
    """The notices of these tickets."""
    found = await session.execute(
        text("""
        SELECT ticket_id, tracking_code, reason, kind, address, subject, body, status, created_at, ended_at
        FROM notify.notices WHERE ticket_id = ANY(:tickets) ORDER BY id
        """),
        {"tickets": list(tickets)},
    )
    return found.all()
