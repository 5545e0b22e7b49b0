"""What people withdrew that they said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SourceName = tuple[str, str, str]
"""A channel, an account of ours, and what the other side calls something that was said there."""


@dataclass(frozen=True, slots=True)
class WithdrawnContact:
    """A contact whose words were removed, and the chat that it is in."""

    contact_id: UUID
    chat_id: UUID | None


async def remember(session: AsyncSession, sources: Sequence[SourceName], now: datetime) -> None:
    """Remembers that these are withdrawn, whether they came already or not."""
    channels, accounts, external_ids = zip(*sorted(set(sources)), strict=True)
    await session.execute(
        text("""
        INSERT INTO intake.withdrawals (channel, account, external_id, withdrawn_at)
        SELECT channel, account, external_id, :now
        FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:ids AS text[]))
            AS t(channel, account, external_id)
        ON CONFLICT DO NOTHING
        """),
        {"channels": list(channels), "accounts": list(accounts), "ids": list(external_ids), "now": now},
    )


async def among(session: AsyncSession, sources: Collection[SourceName]) -> set[SourceName]:
    """Which of these are withdrawn."""
    if not sources:
        return set()
    channels, accounts, external_ids = zip(*sorted(sources), strict=True)
    found = await session.execute(
        text("""
        SELECT w.channel, w.account, w.external_id FROM intake.withdrawals w
        JOIN unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:ids AS text[]))
            AS t(channel, account, external_id) USING (channel, account, external_id)
        """),
        {"channels": list(channels), "accounts": list(accounts), "ids": list(external_ids)},
    )
    return {(row.channel, row.account, row.external_id) for row in found}


async def remove_words(session: AsyncSession, sources: Sequence[SourceName], now: datetime) -> list[WithdrawnContact]:
    """Removes the words of those that came already, and the bytes in which they came: what else was in these is parsed.

    Answers which contacts that were; one whose words are gone already is none of them.
    """
    channels, accounts, external_ids = zip(*sorted(set(sources)), strict=True)
    found = await session.execute(
        text("""
        WITH withdrawn AS (
            SELECT s.contact_id, s.raw_id FROM intake.sources s
            JOIN unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:ids AS text[]))
                AS t(channel, account, external_id) USING (channel, account, external_id)
        ), emptied AS (
            UPDATE intake.raw r SET content = '' FROM withdrawn w WHERE r.id = w.raw_id AND r.status = 'parsed'
        )
        UPDATE intake.contacts c SET body = '', subject = '', text_removed_at = :now
        FROM withdrawn w WHERE c.id = w.contact_id AND c.text_removed_at IS NULL
        RETURNING c.id, c.chat_id
        """),
        {"channels": list(channels), "accounts": list(accounts), "ids": list(external_ids), "now": now},
    )
    return [WithdrawnContact(row.id, row.chat_id) for row in found]


async def forget_withdrawals(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` withdrawals from before a moment: what they are of came, or will not come. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.withdrawals WHERE (channel, account, external_id) IN (
            SELECT channel, account, external_id FROM intake.withdrawals WHERE withdrawn_at < :before
            ORDER BY withdrawn_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
