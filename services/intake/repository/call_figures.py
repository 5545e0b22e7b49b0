"""Counts of calls, by hour and queue."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_figures import Figure, Grouping, Tally

_GROUPS = {
    "hour": "to_char(t.hour AT TIME ZONE :zone, 'YYYY-MM-DD\"T\"HH24:00')",
    "day": "to_char(t.hour AT TIME ZONE :zone, 'YYYY-MM-DD')",
    "queue": "t.queue",
}


async def add(session: AsyncSession, changes: Mapping[Tally, int]) -> None:
    """Adds to the counts, or takes from them. Rows are changed in one order, whoever changes them."""
    real = sorted((tally for tally, count in changes.items() if count), key=Tally.encode)
    if not real:
        return
    await session.execute(
        text("""
        INSERT INTO intake.call_tallies AS t (hour, queue, figure, seconds, count)
        SELECT * FROM unnest(CAST(:hours AS timestamptz[]), CAST(:queues AS text[]), CAST(:figures AS text[]),
                             CAST(:seconds AS integer[]), CAST(:counts AS integer[]))
        ON CONFLICT (hour, queue, figure, seconds) DO UPDATE SET count = t.count + excluded.count
        """),
        {
            "hours": [tally.hour for tally in real],
            "queues": [tally.queue for tally in real],
            "figures": [tally.figure for tally in real],
            "seconds": [tally.seconds for tally in real],
            "counts": [changes[tally] for tally in real],
        },
    )


async def read(
    session: AsyncSession, *, since: datetime, until: datetime, queue: str | None, by: Grouping, zone: str
) -> dict[str, Counter[tuple[Figure, int]]]:
    """What was counted since a moment and before another, of one queue, of the house (empty) or of each (None).

    By hour, day or queue: what each is called, and how many calls of each figure waited so many seconds.
    """
    result = await session.execute(
        text(f"""
        SELECT {_GROUPS[by]} AS grouped, t.figure, t.seconds, sum(t.count)::integer AS calls
        FROM intake.call_tallies t
        WHERE t.hour >= :since AND t.hour < :until
          AND CASE WHEN CAST(:queue AS text) IS NULL THEN t.queue <> '' ELSE t.queue = :queue END
          AND CAST(:zone AS text) IS NOT NULL
        GROUP BY grouped, t.figure, t.seconds HAVING sum(t.count) <> 0 ORDER BY grouped
        """),
        {"since": since, "until": until, "queue": queue, "zone": zone},
    )
    found: defaultdict[str, Counter[tuple[Figure, int]]] = defaultdict(Counter)
    for row in result:
        found[row.grouped][row.figure, row.seconds] += row.calls
    return found
