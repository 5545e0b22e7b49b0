"""Sealing anew, with the newest secret, what an older one sealed: in pieces, while everything runs.

Nothing is remembered between the pieces: what the newest secret opens is passed over, so that whoever is stopped begins
again. Each value is replaced only where it is still the one that was read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import STREAMS
from shared.seal import Seal

PIECE = 1_000
_IN_EVENTS = re.compile(r'"programme_number_sealed"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed values lie: a column of a table with this key; `in_events` where they lie in the JSON of events.

    `holds` is a condition on rows `t` that may be sealed anew; others have to wait.
    """

    table: str
    key: str
    key_type: str
    column: str
    in_events: bool = False
    holds: str = "true"


@dataclass(slots=True)
class Found:
    """How many values there are, and of these: sealed anew (or to be), waiting, and opened by no secret."""

    sealed: int = 0
    renewed: int = 0
    waiting: int = 0
    unreadable: int = 0

    def add(self, other: "Found") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Piece:
    """What was found in one piece, and the key that the next begins after; None when it was the last."""

    last: Any
    found: Found = field(default_factory=Found)


def columns(table: str, column: str, *, key: str = "id", key_type: str = "uuid") -> Place:
    """A column that holds sealed values."""
    return Place(table, key, key_type, column)


def events(schema: str) -> list[Place]:
    """The events that the service of `schema` wrote, and those that it could not handle.

    An event waits until each of its readers has handled it, or buried it: what a reader writes down of it later is
    sealed as the event was when it went out.
    """
    readers = next(stream.readers for stream in STREAMS.values() if stream.writer == schema)
    known = " AND ".join(
        f"(EXISTS (SELECT FROM {reader}.inbox i WHERE i.event_id = t.event_id) "
        f"OR EXISTS (SELECT FROM {reader}.dead_letters d WHERE d.event_id = t.event_id))"
        for reader in readers
    )
    return [
        Place(f"{schema}.outbox", "seq", "bigint", "payload", in_events=True, holds=known),
        Place(f"{schema}.dead_letters", "id", "uuid", "payload", in_events=True),
    ]


async def reseal(session: AsyncSession, place: Place, seal: Seal, after: Any, *, look_only: bool) -> Piece:
    """Seals a piece of `place` anew, from the row after `after` on; with `look_only` it counts and changes nothing."""
    rows = await _rows(session, place, after)
    piece = Piece(rows[-1].key if len(rows) == PIECE else None)
    changes: list[tuple[Any, str, str]] = []
    for row in rows:
        if row.content is None:
            continue
        found, content = _renewed(place, row.content, seal)
        if found.renewed and not row.holds:
            found.renewed, found.waiting = 0, found.renewed
        elif found.renewed:
            changes.append((row.key, row.content, content))
        piece.found.add(found)
    if changes and not look_only:
        await _replace(session, place, changes)
    return piece


def _renewed(place: Place, content: str, seal: Seal) -> tuple[Found, str]:
    """What `content` holds, and how it reads when all of it that can be is sealed with the newest secret."""
    found = Found()

    def renew(sealed: str) -> str:
        found.sealed += 1
        if seal.is_newest(sealed):
            return sealed
        try:
            renewed = seal.renew(sealed)
        except InvalidToken:
            found.unreadable += 1
            return sealed
        found.renewed += 1
        return renewed

    if not place.in_events:
        return found, renew(content)
    return found, _IN_EVENTS.sub(lambda said: said[0].replace(said[1], renew(said[1])), content)


async def _rows(session: AsyncSession, place: Place, after: Any) -> Sequence[Any]:
    """The next rows of `place`, by their key; `content` is None where nothing is sealed."""
    content = f"t.{place.column}"
    if place.in_events:
        content = f"CASE WHEN {content} LIKE '%\"programme\\_number\\_sealed\"%' THEN {content} END"
    result = await session.execute(
        text(f"""
        SELECT t.{place.key} AS key, {content} AS content, {place.holds} AS holds FROM {place.table} t
        WHERE CAST(:after AS {place.key_type}) IS NULL OR t.{place.key} > CAST(:after AS {place.key_type})
        ORDER BY t.{place.key} LIMIT {PIECE}
        """),
        {"after": after},
    )
    return result.all()


async def _replace(session: AsyncSession, place: Place, changes: Sequence[tuple[Any, str, str]]) -> None:
    await session.execute(
        text(f"""
        UPDATE {place.table} t SET {place.column} = c.new
        FROM unnest(CAST(:keys AS {place.key_type}[]), CAST(:olds AS text[]), CAST(:news AS text[])) AS c(key, old, new)
        WHERE t.{place.key} = c.key AND t.{place.column} = c.old
        """),
        {
            "keys": [key for key, _, _ in changes],
            "olds": [old for _, old, _ in changes],
            "news": [new for _, _, new in changes],
        },
    )
