"""Filling Redis again from the outbox, in pieces: a week of events takes no statement longer than any other.

A refill marks as unpublished what lies above the point that every reader had finished, in the order in which it was
written; the relay publishes each piece before the next is marked, and nothing from beyond it. How far it has come is
kept in PostgreSQL, so that a successor goes on from there.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Stream
from shared.ids import new_id
from shared.telemetry import log

PIECE = 5_000


class Refill:
    """The refill of one stream. Everything happens in the caller's transaction, who holds the state's row."""

    def __init__(self, schema: str, stream: Stream) -> None:
        self._outbox = f"{schema}.outbox"
        self._state = f"{schema}.outbox_state"
        self._stream = stream

    async def begin(self, session: AsyncSession, state: Any, *, wiped: bool) -> str:
        """Notes that the stream is to be filled again. The mark of the filling that is written from now on.

        Whose refill is cut short by another loss is refilled from the beginning: what was published meanwhile may have
        got smaller numbers than what was finished before.
        """
        generation = str(new_id()) if wiped else str(state.generation)
        from_the_beginning = state.refilled_to is not None
        await session.execute(
            text(f"""
            UPDATE {self._state} SET generation = :generation, last_ms = 0, last_number = 0, refilled_to = 0,
                finished_ms = CASE WHEN :anew THEN 0 ELSE finished_ms END,
                finished_number = CASE WHEN :anew THEN 0 ELSE finished_number END
            """),
            {"generation": generation, "anew": from_the_beginning},
        )
        log.warning("stream.refill_began", stream=self._stream.name, wiped=wiped)
        return generation

    async def go_on(self, session: AsyncSession) -> bool:
        """Marks the next piece as unpublished. False when it was the last: the refill is done."""
        result = await session.execute(
            text(f"""
            WITH piece AS (
                SELECT o.seq, o.created_at, s.finished_ms, s.finished_number
                FROM {self._state} s, LATERAL (SELECT seq, created_at FROM {self._outbox}
                                               WHERE seq > s.refilled_to ORDER BY seq LIMIT {PIECE}) o
            ), lost AS (
                UPDATE {self._outbox} o SET published_at = NULL, entry_ms = NULL, entry_number = NULL
                FROM piece p WHERE o.seq = p.seq AND o.created_at = p.created_at AND o.published_at IS NOT NULL
                  AND (o.entry_ms, o.entry_number) >= (p.finished_ms, p.finished_number)
                RETURNING o.seq
            )
            SELECT count(*) AS seen, max(seq) AS last, (SELECT count(*) FROM lost) AS lost FROM piece
            """)
        )
        piece = result.one()
        log.info("stream.refilling", stream=self._stream.name, events=piece.lost)
        if piece.seen == PIECE:
            await session.execute(text(f"UPDATE {self._state} SET refilled_to = :last"), {"last": piece.last})
            return True
        done = "refilled_to = NULL, finished_ms = 0, finished_number = 0"
        await session.execute(text(f"UPDATE {self._state} SET {done}"))
        log.warning("stream.refilled", stream=self._stream.name)
        return False
