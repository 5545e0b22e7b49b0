"""Writing to the outbox: what is not in the caller's transaction did not happen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import OUTBOX_BELL, after_commit
from shared.events import AnyEvent


async def add(session: AsyncSession, schema: str, events: Sequence[AnyEvent]) -> None:
    """Writes `events` to the outbox of `schema`, in the transaction of `session`, in this order."""
    if not events:
        return
    await session.execute(
        text(f"""
        INSERT INTO {schema}.outbox (event_id, type, correlation_id, created_at, payload)
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:correlation_ids AS text[]),
                             CAST(:times AS timestamptz[]), CAST(:payloads AS text[]))
        """),
        {
            "ids": [event.id for event in events],
            "types": [event.type for event in events],  # type: ignore[attr-defined]
            "correlation_ids": [event.correlationid for event in events],
            "times": [event.time for event in events],
            "payloads": [event.encode() for event in events],
        },
    )
    bell = session.info.get(OUTBOX_BELL)
    if bell is not None:  # a command has none: the relay finds its events at the next poll
        after_commit(session, bell.ring)


async def replay_since(session: AsyncSession, schema: str, since: datetime) -> int:
    """Marks what was published from `since` on as unpublished, so that the relay sends it again. The number of rows."""
    result = await session.execute(
        text(f"""
        UPDATE {schema}.outbox SET published_at = NULL, entry_ms = NULL, entry_number = NULL
        WHERE published_at >= :since
        """),
        {"since": since},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
