"""Pairs that may be one, and what a person said of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.suggestions import Suggestion
from shared.rows import Table
from shared.visibility import Visibility

SUGGESTIONS = Table("tickets.suggestions", Suggestion)


async def add(session: AsyncSession, suggestions: Sequence[Suggestion]) -> None:
    """Adds suggestions. A pair about which there is one, whatever a person said of it, gets no other."""
    in_order = sorted(suggestions, key=lambda suggestion: suggestion.pair)  # two batches never wait for each other
    await SUGGESTIONS.keep_many(session, in_order, "(kind, one, other) DO NOTHING")


async def apart(session: AsyncSession, _sees: Visibility, tickets: Sequence[UUID]) -> frozenset[frozenset[UUID]]:
    """Which of these tickets a person has kept apart, in pairs. It tells nothing of them."""
    found = await session.execute(
        text("""
        SELECT one, other FROM tickets.suggestions
        WHERE kind = 'tickets' AND state = 'dismissed' AND one = ANY(:ids) AND other = ANY(:ids)
        """),
        {"ids": list(tickets)},
    )
    return frozenset(frozenset((row.one, row.other)) for row in found)
