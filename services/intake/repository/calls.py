"""Calls and what was told of them: many calls in one statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_events import CallEvent
from services.intake.models.calls import Call, CallKey, KeptEvent
from shared import locks
from shared.rows import Table

CALLS = Table("intake.calls", Call)
EVENTS = Table("intake.call_events", KeptEvent, key=("provider", "call_id", "key"))
_ADD_EVENTS = text(f"{EVENTS.insertion.text} ON CONFLICT DO NOTHING")
_KEYS = "unnest(CAST(:providers AS text[]), CAST(:call_ids AS text[])) AS k(provider, call_id)"
_CLOCKS_DIFFER_BY = timedelta(seconds=2)


async def hold(session: AsyncSession, names: Collection[str]) -> None:
    """Holds calls by the names of their locks until the end of the transaction."""
    await locks.hold_each(session, "intake call", names)


async def find(session: AsyncSession, keys: Collection[CallKey]) -> dict[CallKey, Call]:
    """The calls of these keys that are known."""
    result = await session.execute(
        text(f"SELECT {CALLS.select('c')} FROM intake.calls c JOIN {_KEYS} USING (provider, call_id)"), _keys(keys)
    )
    return {call.key: call for call in (CALLS.read(row, "c") for row in result)}


async def add_events(session: AsyncSession, events: Sequence[KeptEvent]) -> None:
    """Keeps events; those that are kept already stay as they were."""
    if events:
        columns = {column.name: [getattr(event, column.name) for event in events] for column in EVENTS.columns}
        await session.execute(_ADD_EVENTS, columns)


async def events_of(session: AsyncSession, keys: Collection[CallKey]) -> Mapping[CallKey, list[CallEvent]]:
    """Everything that was told of these calls."""
    result = await session.execute(
        text(f"SELECT {EVENTS.select('e')} FROM intake.call_events e JOIN {_KEYS} USING (provider, call_id)"),
        _keys(keys),
    )
    found: defaultdict[CallKey, list[CallEvent]] = defaultdict(list)
    for row in result:
        kept = EVENTS.read(row, "e")
        found[kept.provider, kept.call_id].append(
            CallEvent(
                kept.key,
                kept.kind,
                kept.at,
                kept.queue,
                kept.agent,
                kept.cause,
                kept.waited_seconds,
                kept.talked_seconds,
            )
        )
    return found


async def save(session: AsyncSession, new: Sequence[Call], changed: Sequence[Call]) -> None:
    """Writes new calls, and how those that were known stand now."""
    await CALLS.insert_many(session, new)
    await CALLS.update_many(session, changed)


async def consults(session: AsyncSession, keys: Collection[CallKey]) -> dict[CallKey, CallKey]:
    """The calls between agents among these calls and those that they belong to: consult leg → call of the citizen.

    An agent who passes a caller on asks another queue first. That leg has an id of its own and enters the queue, and
    who answers it there is told of under the id of the caller, who never entered that queue: the same stay, by queue
    and moment, begun by one and ended by the other. The caller was answered elsewhere before.
    """
    result = await session.execute(
        text(f"""
        SELECT leg.provider, leg.call_id AS leg_id, answer.call_id AS caller_id
        FROM intake.call_events leg JOIN intake.call_events answer
            ON answer.provider = leg.provider AND answer.queue = leg.queue AND answer.call_id <> leg.call_id
           AND answer.stay_from BETWEEN leg.stay_from - CAST(:about AS interval)
                                    AND leg.stay_from + CAST(:about AS interval)
        WHERE leg.kind = 'queued' AND leg.stay_from IS NOT NULL AND answer.kind = 'answered'
          AND ((leg.provider, leg.call_id) IN (SELECT * FROM {_KEYS})
               OR (answer.provider, answer.call_id) IN (SELECT * FROM {_KEYS}))
          AND NOT EXISTS (
            SELECT FROM intake.call_events own WHERE own.provider = answer.provider AND own.call_id = answer.call_id
               AND own.kind = 'queued' AND own.queue = answer.queue)
          AND EXISTS (
            SELECT FROM intake.call_events own WHERE own.provider = answer.provider AND own.call_id = answer.call_id
               AND own.kind = 'answered' AND own.queue <> answer.queue)
          AND NOT EXISTS (
            SELECT FROM intake.call_events own WHERE own.provider = leg.provider AND own.call_id = leg.call_id
               AND own.kind IN ('answered', 'left', 'abandoned', 'transferred', 'forwarded', 'ended'))
        """),
        {**_keys(keys), "about": _CLOCKS_DIFFER_BY},
    )
    return {(row.provider, row.leg_id): (row.provider, row.caller_id) for row in result}


async def unended(session: AsyncSession, told_before: datetime, limit: int) -> list[CallKey]:
    """Up to `limit` calls of which nothing was told since a moment, and no end."""
    result = await session.execute(
        text("""
        SELECT provider, call_id FROM intake.calls WHERE ended_at IS NULL AND told_at < :before
        ORDER BY told_at LIMIT :limit
        """),
        {"before": told_before, "limit": limit},
    )
    return [(row.provider, row.call_id) for row in result]


async def last_answers(session: AsyncSession, numbers: Collection[str]) -> dict[str, datetime]:
    """When each of these numbers was last answered, of those that were."""
    result = await session.execute(
        text("""
        SELECT caller, max(answered_at) AS answered_at FROM intake.calls
        WHERE caller = ANY(:numbers) AND answered_at IS NOT NULL AND direction = 'in' GROUP BY caller
        """),
        {"numbers": list(numbers)},
    )
    return {row.caller: row.answered_at for row in result}


async def blank_calls(session: AsyncSession, before: datetime, limit: int) -> int:
    """Blanks who made up to `limit` calls of which nothing was told since a moment, and what he typed. How many."""
    result = await session.execute(
        text("""
        UPDATE intake.calls SET caller = '', is_callable = false, position_sealed = NULL, text_removed_at = now()
        WHERE id IN (SELECT id FROM intake.calls WHERE text_removed_at IS NULL AND told_at < :before
                     ORDER BY told_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def forget_events(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` events that came before a moment. How many. How their calls ended stays."""
    result = await session.execute(
        text("""
        DELETE FROM intake.call_events WHERE (provider, call_id, key) IN (
            SELECT provider, call_id, key FROM intake.call_events WHERE received_at < :before
            ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _keys(keys: Collection[CallKey]) -> dict[str, list[str]]:
    return {"providers": [provider for provider, _ in keys], "call_ids": [call_id for _, call_id in keys]}
