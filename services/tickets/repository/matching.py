"""What a contact may belong to: the cases of citizens, with what they said in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.visibility import Visibility

_MOST_CASES = 20
"""Of a citizen who has hundreds of cases, such as an office, the newest are looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a citizen said in a case that may still be gone on with."""

    citizen_id: UUID
    ticket_id: UUID
    topic: str | None
    subject: str
    status: str
    opened_at: datetime
    body: str
    channel: str
    at: datetime


_LINES = text(f"""
    SELECT t.citizen_id, t.id AS ticket_id, t.topic, t.subject, t.status, t.opened_at,
           left(e.body, 4000) AS body, coalesce(c.channel, t.channel) AS channel, e.at
    FROM unnest(CAST(:citizens AS uuid[])) AS who(id)
    CROSS JOIN LATERAL (
        SELECT * FROM tickets.tickets
        WHERE citizen_id = who.id AND merged_into IS NULL AND opened_at > :opened_after
          AND (status = ANY(:open) OR resolved_at > :resolved_after)
          AND (CAST(:units AS text[]) IS NULL OR unit = ANY(:units))
        ORDER BY opened_at DESC LIMIT {_MOST_CASES}
    ) AS t
    CROSS JOIN LATERAL (
        (SELECT * FROM tickets.entries WHERE ticket_id = t.id AND author = 'citizen' ORDER BY id LIMIT 4)
        UNION
        (SELECT * FROM tickets.entries WHERE ticket_id = t.id AND author = 'citizen' ORDER BY id DESC LIMIT 2)
    ) AS e
    LEFT JOIN tickets.codes c ON c.contact_id = e.contact_id
    ORDER BY t.opened_at, t.id, e.id
""")


async def lines(
    session: AsyncSession,
    sees: Visibility,
    citizens: Sequence[UUID],
    *,
    open_statuses: Sequence[str],
    opened_after: datetime,
    resolved_after: datetime,
) -> list[Line]:
    """The first and the last that these citizens said in each of their cases which are open, or resolved since."""
    if not citizens:
        return []
    found = await session.execute(
        _LINES,
        {
            "citizens": list(citizens),
            "open": list(open_statuses),
            "opened_after": opened_after,
            "resolved_after": resolved_after,
            "units": None if sees.units is None else sorted(sees.units),
        },
    )
    return [Line(**row._mapping) for row in found]
