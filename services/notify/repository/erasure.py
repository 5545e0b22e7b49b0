"""Erasing a citizen from the ledger: what he was told, and where. That he was told it stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ERASED = "the citizen was erased"


async def erase(session: AsyncSession, codes: Sequence[str], now: datetime) -> None:
    """Removes the texts and the addresses of all notices about the cases with these codes, and what servers said of
    them. What was not sent yet is not sent.
    """
    await session.execute(
        text("""
        WITH told AS (
            UPDATE notify.notices SET subject = '', body = '', address = NULL, held = false, hold = NULL,
                text_removed_at = coalesce(text_removed_at, :now),
                error = CASE WHEN error IS NOT NULL OR status = 'queued' THEN CAST(:erased AS text) END,
                ended_at = coalesce(ended_at, CASE WHEN status <> 'sending' THEN CAST(:now AS timestamptz) END),
                status = CASE WHEN status = 'queued' THEN 'suppressed' ELSE status END
            WHERE tracking_code = ANY(:codes) RETURNING id
        )
        UPDATE notify.delivery_attempts a SET detail = NULL FROM told WHERE a.notice_id = told.id
        """),
        {"codes": list(codes), "now": now, "erased": _ERASED},
    )


async def known(session: AsyncSession, codes: Sequence[str]) -> Sequence[Any]:
    """The notices about the cases with these codes."""
    found = await session.execute(
        text("""
        SELECT ticket_id, tracking_code, reason, kind, address, subject, body, status, created_at, ended_at
        FROM notify.notices WHERE tracking_code = ANY(:codes) ORDER BY id
        """),
        {"codes": list(codes)},
    )
    return found.all()
