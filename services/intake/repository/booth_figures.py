"""Figures of booths, from their visits: rows that were blanked count as they did before."""

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booth_figures import DayFigures

_WAIT = "extract(epoch FROM called_at - taken_at)"


async def figures(session: AsyncSession, booth: str, first: date, last: date, now: datetime) -> list[DayFigures]:
    """The figures of a booth for each day and service for which numbers were taken."""
    result = await session.execute(
        text(f"""
        SELECT day, first_service AS service, count(*) AS visitors,
               count(*) FILTER (WHERE status IN ('waiting', 'called')) AS waiting,
               count(*) FILTER (WHERE contact_id IS NOT NULL) AS served,
               count(*) FILTER (WHERE status = 'settled') AS settled,
               count(*) FILTER (WHERE status = 'no_show') AS no_shows,
               count(*) FILTER (WHERE status = 'closed_unserved') AS closed_unserved,
               count(*) FILTER (WHERE called_at IS NOT NULL OR call_due_at < :now OR swept_at IS NOT NULL) AS due,
               count(*) FILTER (WHERE called_at <= call_due_at) AS in_time,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY {_WAIT}) FILTER (WHERE called_at IS NOT NULL) AS wait_median,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY {_WAIT}) FILTER (WHERE called_at IS NOT NULL) AS wait_p90,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM swept_at - taken_at))
                   FILTER (WHERE status = 'closed_unserved') AS unserved_wait_median
        FROM intake.visits WHERE booth = :booth AND day BETWEEN :first AND :last
        GROUP BY day, first_service ORDER BY day, first_service
        """),
        {"booth": booth, "first": first, "last": last, "now": now},
    )
    return [DayFigures(**row._mapping) for row in result]
