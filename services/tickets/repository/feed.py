"""What happened to all tickets, in an order in which nothing appears before a place that was read already."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.models import FeedItem, FeedPlace
from shared.visibility import Visibility


async def read(session: AsyncSession, sees: Visibility, after: FeedPlace, limit: int) -> Sequence[FeedItem]:
    """What happened after a place to tickets that the reader sees, in order.

    What a transaction wrote is shown when no older one is at work any more: what is committed late is not passed over.
    """
    found = await session.execute(
        text("""
        SELECT CAST(CAST(coalesce(h.written_by, '0') AS text) AS bigint) AS transaction, h.number, h.id, h.ticket_id,
               h.version, h.kind, h.actor, h.at, t.unit, t.topic, t.channel
        FROM tickets.happenings h JOIN tickets.tickets t ON t.id = h.ticket_id
        WHERE (coalesce(h.written_by, '0'), h.number, h.id) > (CAST(CAST(:transaction AS text) AS xid8), :number, :id)
          AND coalesce(h.written_by, '0') < pg_snapshot_xmin(pg_current_snapshot())
          AND (CAST(:units AS text[]) IS NULL OR t.unit = ANY(:units))
        ORDER BY coalesce(h.written_by, '0'), h.number, h.id LIMIT :limit
        """),
        {
            "transaction": str(after.transaction),
            "number": after.number,
            "id": after.id,
            "units": None if sees.units is None else sorted(sees.units),
            "limit": limit,
        },
    )
    return [
        FeedItem(
            FeedPlace(row.transaction, row.number, row.id),
            row.ticket_id,
            row.version,
            row.kind,
            row.actor,
            row.at,
            row.unit,
            row.topic,
            row.channel,
        )
        for row in found
    ]
