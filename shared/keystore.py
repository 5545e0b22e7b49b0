"""Where a service keeps the API keys that it accepts: a table in its own schema, for no service reads another's.

A key is made once and kept by each service in `HOLDERS`; each looks only at its own copy.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import StoredKey, Widget
from shared.db import Database

HOLDERS = ("intake", "survey_index")


class KeyStore:
    """Reads the keys of one service."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def load(self) -> Sequence[StoredKey]:
        """Every key that was not revoked."""
        async with self._db.autocommit() as session:
            result = await session.execute(
                text(f"""
                SELECT key_id, secret_hash, scopes, origins, chats_per_minute FROM {self._db.schema}.api_keys
                WHERE revoked_at IS NULL
                """)
            )
            rows = result.all()
        return [StoredKey(row.key_id, row.secret_hash, frozenset(row.scopes), _widget(row)) for row in rows]


def _widget(row: Row[Any]) -> Widget | None:
    if row.chats_per_minute is None:
        return None
    return Widget(frozenset(row.origins), row.chats_per_minute)


async def save_key(
    session: AsyncSession,
    schema: str,
    *,
    key_id: str,
    name: str,
    secret_hash: str,
    scopes: Sequence[str],
    widget: Widget | None = None,
    now: datetime,
) -> None:
    """Gives a new key to the service of `schema`; one that is there already stays as it is."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.api_keys (key_id, name, secret_hash, scopes, origins, chats_per_minute, created_at)
        VALUES (:id, :name, :hash, :scopes, :origins, :chats_per_minute, :now) ON CONFLICT (key_id) DO NOTHING
        """),
        {
            "id": key_id,
            "name": name,
            "hash": secret_hash,
            "scopes": list(scopes),
            "origins": sorted(widget.origins) if widget else [],
            "chats_per_minute": widget.per_minute if widget else None,
            "now": now,
        },
    )


async def list_keys(session: AsyncSession, schema: str) -> Sequence[Row[Any]]:
    """Every key that the service of `schema` holds, with all but its hash."""
    result = await session.execute(
        text(f"""
        SELECT key_id, name, scopes, origins, chats_per_minute, created_at, revoked_at
        FROM {schema}.api_keys ORDER BY created_at
        """)
    )
    return result.all()


async def revoke_key(session: AsyncSession, schema: str, key_id: str, now: datetime) -> bool:
    """Ends a key at the service of `schema`. Whether there was such a key that still worked."""
    result = await session.execute(
        text(f"UPDATE {schema}.api_keys SET revoked_at = :now WHERE key_id = :id AND revoked_at IS NULL"),
        {"id": key_id, "now": now},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
