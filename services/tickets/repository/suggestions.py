"""Pairs that may be one, and what a person said of them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.suggestions import Suggestion
from shared.rows import Table

SUGGESTIONS = Table("tickets.suggestions", Suggestion)


async def add(session: AsyncSession, suggestions: Sequence[Suggestion]) -> None:
    """Adds suggestions. A pair about which there is one, whatever a person said of it, gets no other."""
    in_order = sorted(suggestions, key=lambda suggestion: suggestion.pair)  # two batches never wait for each other
    await SUGGESTIONS.keep_many(session, in_order, "(kind, one, other) DO NOTHING")
