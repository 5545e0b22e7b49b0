"""Looks through the trails of tickets for what is not as it was sealed."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.trails import Verified, verify
from services.tickets.repository import happenings
from shared.visibility import EVERYTHING


async def verify_trails(session: AsyncSession, ticket_id: UUID | None = None) -> AsyncIterator[Verified]:
    """Each trail, or that of one ticket, by the ids of the tickets."""
    async for trail, last_seal, rows in happenings.trails(session, EVERYTHING, ticket_id):
        yield verify(trail, last_seal, [row.told for row in rows])
