"""By which names the conversations of a channel are known, and where contacts came from."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.threads import Source, Thread
from shared import locks
from shared.rows import Table

Name = tuple[str, str, str]
"""A channel, an account of ours, and the name of a conversation there."""
SOURCES = Table("intake.sources", Source, key=("contact_id",))


async def hold(session: AsyncSession, names: Collection[Name]) -> dict[Name, Thread]:
    """The conversations that are known by these names, which nobody else finds or begins before the commit."""
    if not names:
        return {}
    await locks.hold_each(session, "intake thread", ("\n".join(name) for name in names))
    channels, accounts, called = zip(*sorted(names), strict=True)
    found = await session.execute(
        text("""
        SELECT t.channel, t.account, t.name, t.chat_id, c.tracking_code, t.last_line_at
        FROM intake.threads t JOIN intake.chats c ON c.id = t.chat_id
        JOIN unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:names AS text[]))
            AS n(channel, account, name) USING (channel, account, name)
        """),
        {"channels": list(channels), "accounts": list(accounts), "names": list(called)},
    )
    return {
        (row.channel, row.account, row.name): Thread(row.chat_id, row.tracking_code, row.last_line_at) for row in found
    }


async def save(session: AsyncSession, threads: Sequence[tuple[Name, UUID, datetime]]) -> None:
    """Writes down by which name a conversation is known now, and when its last line came."""
    if not threads:
        return
    latest = {name: (chat_id, at) for name, chat_id, at in threads}
    names = sorted(latest)
    await session.execute(
        text("""
        INSERT INTO intake.threads (channel, account, name, chat_id, last_line_at)
        SELECT * FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:names AS text[]),
                             CAST(:chats AS uuid[]), CAST(:times AS timestamptz[]))
        ON CONFLICT (channel, account, name)
        DO UPDATE SET chat_id = excluded.chat_id,
                      last_line_at = greatest(intake.threads.last_line_at, excluded.last_line_at)
        """),
        {
            "channels": [channel for channel, _, _ in names],
            "accounts": [account for _, account, _ in names],
            "names": [name for _, _, name in names],
            "chats": [latest[name][0] for name in names],
            "times": [latest[name][1] for name in names],
        },
    )


async def add_sources(session: AsyncSession, sources: Sequence[Source]) -> None:
    """Writes down where new contacts came from."""
    await SOURCES.insert_many(session, sources)


async def forget_threads(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` names of conversations in which nothing was said since a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.threads WHERE (channel, account, name) IN (
            SELECT channel, account, name FROM intake.threads WHERE last_line_at < :before
            ORDER BY last_line_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def forget_sources(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets where up to `limit` contacts from before a moment came from. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.sources WHERE contact_id IN (
            SELECT contact_id FROM intake.sources WHERE received_at < :before
            ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
