"""Erases a citizen from what every schema keeps alike: events that may be sent again, letters that nobody could handle,
and answers that are given again to the same request. What happened stays in them; who it was, and what was
written, goes.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PERSONAL = frozenset(
    {
        *("citizen", "subject", "body", "answer", "reason", "error", "detail", "address", "attachments", "link"),
        *("body_digest", "nik_sealed", "nik_last4", "nik_index"),
        *("programme_number_sealed", "programme_number_last4", "programme_number_index"),
    }
)
"""The names of fields that say who somebody is, or what he wrote or was told."""
_NAMED_BY = ("ticket_id", "tracking_code", "contact_id", "chat_id")
"""The fields by which an event names a ticket, or what was said."""


def blanked(told: Any) -> Any:
    """What JSON holds, without what its personal fields say. They stay, empty, for readers ask for them."""
    match told:
        case Mapping():
            return {name: _empty(value) if name in _PERSONAL else blanked(value) for name, value in told.items()}
        case list():
            return [blanked(value) for value in told]
        case _:
            return told


def blanked_event(payload: str) -> str:
    """An event without what its data say of a person; of what is no event, nothing."""
    try:
        event = json.loads(payload)
        return json.dumps({**event, "data": blanked(dict(event["data"]))})
    except (ValueError, TypeError, KeyError):
        return "{}"


def blanked_answer(answer: str) -> str:
    """An answer without what it says of a person."""
    try:
        return json.dumps(blanked(json.loads(answer)))
    except ValueError:
        return ""


async def blank_copies(session: AsyncSession, schema: str, names: Collection[str]) -> None:
    """Blanks what the outbox, the dead letters and the kept answers of a schema hold of what has one of these names."""
    texts = sorted(names)
    await _blank_outbox(session, schema, texts)
    await _blank(session, schema, "dead_letters", ("id",), "payload", blanked_event, texts)
    await _blank(session, schema, "idempotency_keys", ("client", "key"), "answer", blanked_answer, texts)


async def _blank_outbox(session: AsyncSession, schema: str, ids: Sequence[str]) -> None:
    named = " OR ".join(f"e.data ->> '{name}' = ANY(:ids)" for name in _NAMED_BY)
    found = await session.execute(
        text(f"""
        SELECT o.seq, o.created_at, o.payload
        FROM {schema}.outbox o, LATERAL (SELECT CAST(o.payload AS jsonb) -> 'data' AS data) e WHERE {named}
        """),
        {"ids": list(ids)},
    )
    rows = list(found)
    await session.execute(
        text(f"""
        UPDATE {schema}.outbox o SET payload = u.payload
        FROM unnest(CAST(:numbers AS bigint[]), CAST(:times AS timestamptz[]), CAST(:payloads AS text[]))
            AS u(seq, created_at, payload)
        WHERE o.seq = u.seq AND o.created_at = u.created_at
        """),
        {
            "numbers": [row.seq for row in rows],
            "times": [row.created_at for row in rows],
            "payloads": [blanked_event(row.payload) for row in rows],
        },
    )


async def _blank(
    session: AsyncSession,
    schema: str,
    table: str,
    key: Sequence[str],
    column: str,
    without: Callable[[str], str],
    ids: Sequence[str],
) -> None:
    """Blanks a column of the rows of a table in which one of the ids stands, however it stands there."""
    names = ", ".join(key)
    found = await session.execute(
        text(f"SELECT {names}, {column} AS told FROM {schema}.{table} WHERE {column} LIKE ANY(:patterns) FOR UPDATE"),
        {"patterns": [f"%{id_}%" for id_ in ids]},
    )
    same = " AND ".join(f"{name} = :{name}" for name in key)
    for row in list(found):
        values = {name: getattr(row, name) for name in key}
        await session.execute(
            text(f"UPDATE {schema}.{table} SET {column} = :told WHERE {same}"), {**values, "told": without(row.told)}
        )


def known_of(rows: Collection[Any]) -> list[dict[str, Any]]:
    """Rows as they are shown to the person they are about."""
    return [{name: _shown(value) for name, value in row._mapping.items()} for row in rows]


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


def _empty(value: Any) -> Any:
    match value:
        case str():
            return ""
        case Mapping():
            return {}
        case list():
            return []
        case _:
            return None
