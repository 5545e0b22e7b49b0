"""The policies by which clocks run."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.clocks import Policy


async def load_policy(session: AsyncSession, name: str) -> Policy | None:
    """The version of the policy that is in force, or None."""
    result = await session.execute(
        text("""
        SELECT name, version, resolution_days, mode, zone FROM tickets.sla_policies WHERE name = :name AND in_force
        """),
        {"name": name},
    )
    row = result.one_or_none()
    return Policy(**row._mapping) if row else None
