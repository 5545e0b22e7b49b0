"""What was brought, as it was: kept before it is understood, and marked when it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Unreadable
from services.intake.models.raw import Faulty, Raw

_COLUMNS = "id, channel, account, content, headers, received_at, correlation_id, traceparent, tries"
_SHOWN_NAMES = ("id", "channel", "account", "received_at", "status", "tries", "faults")
_RAW = table("raw", *map(column, (*_SHOWN_NAMES, "content")), schema="intake")
_SHOWN = [_RAW.c[name] for name in _SHOWN_NAMES]
_KEEP = text("""
    INSERT INTO intake.raw (id, channel, account, content, headers, received_at, correlation_id, traceparent,
                            next_try_at)
    SELECT id, channel, account, content, CAST(headers AS jsonb), received_at, correlation_id, traceparent, received_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:contents AS bytea[]),
                CAST(:headers AS text[]), CAST(:times AS timestamptz[]), CAST(:correlation_ids AS text[]),
                CAST(:traceparents AS text[]))
         AS t(id, channel, account, content, headers, received_at, correlation_id, traceparent)
""")


async def keep(session: AsyncSession, raws: Sequence[Raw]) -> None:
    """Keeps what was brought, many at once. It waits to be parsed."""
    await session.execute(
        _KEEP,
        {
            "ids": [raw.id for raw in raws],
            "channels": [raw.channel for raw in raws],
            "accounts": [raw.account for raw in raws],
            "contents": [raw.content for raw in raws],
            "headers": [orjson.dumps(raw.headers).decode() for raw in raws],
            "times": [raw.received_at for raw in raws],
            "correlation_ids": [raw.correlation_id for raw in raws],
            "traceparents": [raw.traceparent for raw in raws],
        },
    )


async def take(session: AsyncSession, *, limit: int, most_bytes: int, now: datetime, lease: timedelta) -> list[Raw]:
    """Takes what waits, oldest first: up to `limit`, and `most_bytes` in all, but one in any case.

    Each is counted as tried, and is nobody else's for the time of `lease`: so what ends the process that parses it is
    tried again later, and not for ever.
    """
    result = await session.execute(
        text(f"""
        WITH waiting AS (
            SELECT id, received_at, length(content) AS size FROM intake.raw
            WHERE status = 'waiting' AND next_try_at <= :now
            ORDER BY next_try_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
        ), fitting AS (
            SELECT id FROM (SELECT id, sum(size) OVER place - size AS before FROM waiting
                            WINDOW place AS (ORDER BY received_at, id)) AS summed WHERE before < :most_bytes
        )
        UPDATE intake.raw r SET tries = tries + 1, next_try_at = :until FROM fitting f WHERE r.id = f.id
        RETURNING {", ".join(f"r.{name}" for name in _COLUMNS.split(", "))}
        """),
        {"now": now, "limit": limit, "most_bytes": most_bytes, "until": now + lease},
    )
    return sorted((Raw(**row._mapping) for row in result), key=lambda raw: (raw.received_at, raw.id))


async def mark_parsed(session: AsyncSession, faults: Mapping[UUID, Sequence[Unreadable]], now: datetime) -> None:
    """Marks what was parsed, by its id, with the parts of it that could not be understood."""
    await session.execute(
        text("""
        UPDATE intake.raw r SET status = 'parsed', ended_at = :now, faults = CAST(p.faults AS jsonb)
        FROM unnest(CAST(:ids AS uuid[]), CAST(:faults AS text[])) AS p(id, faults) WHERE r.id = p.id
        """),
        {
            "ids": list(faults),
            "faults": [
                orjson.dumps([{"place": fault.place, "reason": fault.reason} for fault in of_one]).decode()
                for of_one in faults.values()
            ],
            "now": now,
        },
    )


async def mark_unreadable(session: AsyncSession, raw_id: UUID, reason: str, now: datetime) -> None:
    """Marks what nobody here can parse, with the reason. It is kept for a person, and for a later release."""
    await session.execute(
        text("""
        UPDATE intake.raw SET status = 'unreadable', ended_at = :now,
            faults = jsonb_build_array(jsonb_build_object('place', '', 'reason', CAST(:reason AS text)))
        WHERE id = :id
        """),
        {"id": raw_id, "reason": reason, "now": now},
    )


async def put_off(session: AsyncSession, ids: Sequence[UUID], until: datetime, *, was_tried: bool) -> None:
    """Lets what was taken wait until then. Where nobody can be blamed for that, it does not count as tried."""
    await session.execute(
        text("""
        UPDATE intake.raw SET next_try_at = :until, tries = CASE WHEN :was_tried THEN tries ELSE tries - 1 END
        WHERE id = ANY(:ids) AND status = 'waiting'
        """),
        {"ids": list(ids), "until": until, "was_tried": was_tried},
    )


async def list_faulty(session: AsyncSession, *, channel: str | None, before: UUID | None, limit: int) -> list[Faulty]:
    """What could not be understood, wholly or in parts, the newest first, before the one called `before`."""
    query = select(*_SHOWN, func.length(_RAW.c.content).label("size")).where(_RAW.c.faults != text("'[]'"))
    if channel is not None:
        query = query.where(_RAW.c.channel == channel)
    if before is not None:
        query = query.where(_RAW.c.id < before)
    found = await session.execute(query.order_by(_RAW.c.id.desc()).limit(limit))
    return [Faulty(**row._mapping) for row in found]


async def let_wait_again(session: AsyncSession, raw_id: UUID, now: datetime) -> bool:
    """Lets something wait to be parsed once more. Whether it is there, and its bytes are."""
    found = await session.execute(
        text("""
        UPDATE intake.raw SET status = 'waiting', tries = 0, next_try_at = :now, ended_at = NULL, faults = '[]'
        WHERE id = :id AND faults <> '[]' AND length(content) > 0 RETURNING id
        """),
        {"id": raw_id, "now": now},
    )
    return found.one_or_none() is not None


async def forget_raw(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` of what was parsed before a moment. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.raw WHERE id IN (
            SELECT id FROM intake.raw WHERE ended_at < :before ORDER BY ended_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
