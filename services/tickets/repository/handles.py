"""The handles of citizens: who has one, and the right to say so."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.citizens import Handle, Kind
from services.tickets.domain.phones import writings_of
from shared import locks
from shared.rows import Table
from shared.visibility import Visibility

HandleName = tuple[Kind, str]
"""The kind of a handle and its key."""
HANDLES = Table("tickets.handles", Handle)
_SURER = "(id) DO UPDATE SET sureness = 'verified' WHERE handles.sureness <> excluded.sureness"
_MOST_OWNERS = 20
"""Of a handle that thousands share, such as an office's address, the newest are looked at."""
_OWNERS = text(f"""
    SELECT DISTINCT o.citizen_id
    FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS w(kind, key) CROSS JOIN LATERAL (
        (SELECT citizen_id FROM tickets.handles
         WHERE kind = w.kind AND lower(value) = w.key AND value IS NOT NULL
         ORDER BY first_seen_at DESC LIMIT {_MOST_OWNERS})
        UNION ALL
        (SELECT citizen_id FROM tickets.handles WHERE kind = w.kind AND blind_index = w.key LIMIT {_MOST_OWNERS})
    ) AS o
""")


async def hold_names(session: AsyncSession, names: Collection[HandleName]) -> None:
    """Holds handles until the end of the transaction: nobody else says meanwhile whose they are."""
    await locks.hold_each(session, "tickets handle", (f"{kind} {key}" for kind, key in names))


async def owners(session: AsyncSession, _sees: Visibility, names: Collection[HandleName]) -> list[UUID]:
    """The citizens who have any of these handles, in whatever writing. It tells nothing of them: what of them is seen,
    `citizens.get` says.
    """
    if not names:
        return []
    wanted = {(kind, writing.lower()) for kind, key in names for writing in _writings(kind, key)}
    kinds, keys = zip(*sorted(wanted), strict=True)
    return list(await session.scalars(_OWNERS, {"kinds": list(kinds), "keys": list(keys)}))


async def keep_handles(session: AsyncSession, handles: Sequence[Handle]) -> None:
    """Adds the handles that are not there, and writes down which became surer."""
    once = {handle.id: handle for handle in sorted(handles, key=lambda handle: handle.sureness)}
    await HANDLES.keep_many(session, list(once.values()), _SURER)


async def move(session: AsyncSession, ids: Sequence[UUID], to: UUID) -> None:
    """Makes these handles another citizen's, who is held."""
    await session.execute(
        text("UPDATE tickets.handles SET citizen_id = :to WHERE id = ANY(:ids)"), {"to": to, "ids": list(ids)}
    )


def _writings(kind: Kind, key: str) -> Sequence[str]:
    return writings_of(key) if kind == "phone" else (key,)
