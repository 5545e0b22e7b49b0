"""Pairs that may be one, and what a person said of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.suggestions import About, Suggestion
from shared.rows import Table
from shared.visibility import Visibility

SUGGESTIONS = Table("tickets.suggestions", Suggestion)
_DECIDED = """
    (kind, one, other) DO UPDATE
    SET state = excluded.state, decided_at = excluded.decided_at, decided_by = excluded.decided_by
"""


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


async def decide(session: AsyncSession, suggestion: Suggestion) -> None:
    """Writes down what a person said of a pair, whether or not it was suggested."""
    await SUGGESTIONS.keep_many(session, [suggestion], _DECIDED)


async def of(session: AsyncSession, sees: Visibility, kind: About, id_: UUID) -> list[Suggestion]:
    """What is suggested about a citizen or a ticket, the newest first; of the other one something is seen, too."""
    found = await session.execute(
        text(f"""
        SELECT {SUGGESTIONS.select("s")} FROM tickets.suggestions s
        WHERE kind = :kind AND (one = :id OR other = :id)
          AND (CAST(:units AS text[]) IS NULL OR EXISTS (
            SELECT FROM tickets.tickets t
            WHERE (CASE kind WHEN 'tickets' THEN t.id ELSE t.citizen_id END) IN (one, other) AND t.unit = ANY(:units)
              AND (CASE kind WHEN 'tickets' THEN t.id ELSE t.citizen_id END) <> :id))
        ORDER BY created_at DESC, id LIMIT 100
        """),
        {"kind": kind, "id": id_, "units": None if sees.units is None else sorted(sees.units)},
    )
    return [SUGGESTIONS.read(row, "s") for row in found]


async def hold(session: AsyncSession, _sees: Visibility, suggestion_id: UUID) -> Suggestion | None:
    """The suggestion, held until the end of the transaction, or None. It tells nothing of the two but their ids."""
    found = await session.execute(
        text(f"SELECT {SUGGESTIONS.select('s')} FROM tickets.suggestions s WHERE id = :id FOR UPDATE"),
        {"id": suggestion_id},
    )
    row = found.one_or_none()
    return SUGGESTIONS.read(row, "s") if row else None
