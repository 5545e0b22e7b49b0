"""Staff tokens that were revoked: those of one subject, or of everybody, that were issued before a moment.

Each service keeps a copy in its own schema, for no service reads another's, and looks at it at most every ten seconds:
so long a revoked token may still work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import Database

EVERYBODY = ""
"""The subject of a revocation that is for all of them; no token has it."""
_REMEMBERED_SECONDS = 10.0

Load = Callable[[], Awaitable[Mapping[str, datetime]]]
"""By subject, the moment before which its tokens no longer work."""


class Revocations:
    """Says whether a token was revoked. The table is small, one row a subject, and is remembered whole."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._known: Mapping[str, datetime] = {}
        self._until = float("-inf")
        self._loading = asyncio.Lock()

    @classmethod
    def of(cls, db: Database) -> "Revocations":
        """Those that the service of `db` keeps."""

        async def load() -> Mapping[str, datetime]:
            async with db.autocommit() as session:
                return {row.subject: row.issued_before for row in await list_revocations(session, db.schema)}

        return cls(load)

    async def has_ended(self, subject: str, issued_at: datetime) -> bool:
        """Whether a token of `subject` from `issued_at` was revoked."""
        known = await self._now()
        moments = (known.get(subject), known.get(EVERYBODY))
        return any(moment is not None and issued_at < moment for moment in moments)

    async def _now(self) -> Mapping[str, datetime]:
        if monotonic() >= self._until:
            async with self._loading:
                if monotonic() >= self._until:  # nobody else looked meanwhile
                    known = await self._load()
                    self._known, self._until = known, monotonic() + _REMEMBERED_SECONDS
        return self._known


async def revoke_tokens(
    session: AsyncSession, schema: str, subject: str, *, before: datetime, by: str, now: datetime
) -> None:
    """Ends the tokens of `subject`, or of `EVERYBODY`, that were issued before a moment. None comes back to life."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.token_revocations AS r (subject, issued_before, revoked_by, revoked_at)
        VALUES (:subject, :before, :by, :now)
        ON CONFLICT (subject) DO UPDATE SET issued_before = excluded.issued_before, revoked_by = excluded.revoked_by,
            revoked_at = excluded.revoked_at
        WHERE r.issued_before < excluded.issued_before
        """),
        {"subject": subject, "before": before, "by": by, "now": now},
    )


async def list_revocations(session: AsyncSession, schema: str) -> Sequence[Row[Any]]:
    """subject, issued_before, revoked_by, revoked_at of every revocation that the service of `schema` keeps."""
    result = await session.execute(
        text(f"""
        SELECT subject, issued_before, revoked_by, revoked_at FROM {schema}.token_revocations ORDER BY subject
        """)
    )
    return result.all()
