"""Topics: what the service decides by."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit


async def load_topics(session: AsyncSession) -> list[Topic]:
    result = await session.execute(
        text("""
        SELECT t.slug, t.name, t.unit, coalesce(u.name, t.unit) AS unit_name, phrases, required
        FROM tickets.topics t LEFT JOIN tickets.units u ON u.slug = t.unit ORDER BY position
        """)
    )
    return [
        Topic(row.slug, row.name, Unit(row.unit, row.unit_name), tuple(row.phrases), tuple(row.required))
        for row in result
    ]
