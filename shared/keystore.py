"""Where a service keeps the API keys that it accepts: a table in its own schema, for no service reads another's.

A key is made once and kept by each service in `HOLDERS`; each looks only at its own copy.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.api_keys import StoredKey
from shared.caller import Widget
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
                SELECT key_id, secret_hash, scopes, origins, chats_per_minute, channels, requests_per_minute,
                       CASE WHEN old_until > now() THEN old_secret_hash END AS old_secret_hash
                FROM {self._db.schema}.api_keys WHERE revoked_at IS NULL
                """)
            )
            rows = result.all()
        return [
            StoredKey(
                key_id=row.key_id,
                secret_hash=row.secret_hash,
                scopes=frozenset(row.scopes),
                widget=_widget(row),
                channels=None if row.channels is None else frozenset(row.channels),
                per_minute=row.requests_per_minute,
                old_secret_hash=row.old_secret_hash,
            )
            for row in rows
        ]

    async def save_uses(self, uses: Mapping[str, datetime]) -> None:
        """Writes down when secrets, named by their hashes, were used last."""
        async with self._db.transaction() as session:
            await session.execute(
                text(f"""
                UPDATE {self._db.schema}.api_keys k
                SET used_at = greatest(k.used_at, u.new_at), old_used_at = greatest(k.old_used_at, u.old_at)
                FROM (
                    SELECT k.key_id, max(u.at) FILTER (WHERE u.hash = k.secret_hash) AS new_at,
                           max(u.at) FILTER (WHERE u.hash = k.old_secret_hash) AS old_at
                    FROM unnest(CAST(:hashes AS text[]), CAST(:times AS timestamptz[])) AS u(hash, at)
                    JOIN {self._db.schema}.api_keys k ON u.hash IN (k.secret_hash, k.old_secret_hash) GROUP BY k.key_id
                ) AS u WHERE u.key_id = k.key_id
                """),
                {"hashes": list(uses), "times": list(uses.values())},
            )


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
    channels: Sequence[str] | None = None,
    per_minute: int | None = None,
    now: datetime,
) -> None:
    """Gives a new key to the service of `schema`; one that is there already stays as it is."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.api_keys (key_id, name, secret_hash, scopes, origins, chats_per_minute, channels,
            requests_per_minute, created_at)
        VALUES (:id, :name, :hash, :scopes, :origins, :chats_per_minute, :channels, :per_minute, :now)
        ON CONFLICT (key_id) DO NOTHING
        """),
        {
            "id": key_id,
            "name": name,
            "hash": secret_hash,
            "scopes": list(scopes),
            "origins": sorted(widget.origins) if widget else [],
            "chats_per_minute": widget.per_minute if widget else None,
            "channels": list(channels) if channels else None,
            "per_minute": per_minute,
            "now": now,
        },
    )


async def list_keys(session: AsyncSession, schema: str) -> Sequence[Row[Any]]:
    """Every key that the service of `schema` holds, with all but its hash."""
    result = await session.execute(
        text(f"""
        SELECT key_id, name, scopes, origins, chats_per_minute, channels, requests_per_minute, created_at, revoked_at,
               used_at, old_until, old_used_at
        FROM {schema}.api_keys ORDER BY created_at
        """)
    )
    return result.all()


async def rotate_key(session: AsyncSession, schema: str, key_id: str, secret_hash: str, *, old_until: datetime) -> bool:
    """Gives a key a new secret; the one that it had works until then, and none before that. Whether there was such a
    key that still worked.
    """
    result = await session.execute(
        text(f"""
        UPDATE {schema}.api_keys SET old_secret_hash = secret_hash, old_until = :old_until, old_used_at = used_at,
            secret_hash = :hash, used_at = NULL
        WHERE key_id = :id AND revoked_at IS NULL
        """),
        {"id": key_id, "hash": secret_hash, "old_until": old_until},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def revoke_key(session: AsyncSession, schema: str, key_id: str, now: datetime) -> bool:
    """Ends a key at the service of `schema`. Whether there was such a key that still worked."""
    result = await session.execute(
        text(f"UPDATE {schema}.api_keys SET revoked_at = :now WHERE key_id = :id AND revoked_at IS NULL"),
        {"id": key_id, "now": now},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
