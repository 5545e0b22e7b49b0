"""Locks on what has a name but perhaps no row. Who works on the same thing waits until the other's transaction ends.

The names of many things share a few hundred locks, which are taken in one order: no batch waits for another that waits
for it, and none takes so many that the lock table of PostgreSQL is full (64 for each connection, for all together).
"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_BUCKETS = 512
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_HOLD_EACH = text(f"""
    SELECT pg_advisory_xact_lock(hashtext(:kind), bucket) FROM (
        SELECT DISTINCT hashtext(name) & {_BUCKETS - 1} AS bucket FROM unnest(CAST(:names AS text[])) AS name
        ORDER BY bucket) AS buckets
""")


async def hold(session: AsyncSession, name: str) -> None:
    """Holds the one thing of this name until the end of the transaction."""
    await session.execute(_HOLD, {"name": name})


async def hold_each(session: AsyncSession, kind: str, names: Iterable[object]) -> None:
    """Holds things of one kind until the end of the transaction. Once in a transaction for each kind: only one call
    takes its locks in order.
    """
    named = [str(name) for name in names]
    if named:
        await session.execute(_HOLD_EACH, {"kind": kind, "names": named})
