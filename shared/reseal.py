"""Sealing anew, with the newest secret, what an older one sealed: in pieces, while everything runs.

Nothing is remembered between the pieces: what the newest secret opens is passed over, so that whoever is stopped begins
again. Each value is replaced only where it is still the one that was read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import role_of
from shared.seal import Seal

PIECE = 1_000
_IN_EVENTS = re.compile(r'"(programme_number|nik)_sealed"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed values lie: a column of a table of a service's schema, in a row with this key.

    A number with a blind index beside it, in the column `index`, is of the `kind` that this SQL tells. Where they lie
    in the JSON of events, `readers` are the services that must have handled, or buried, an event before it is sealed
    anew: what a reader writes down later is sealed as the event was when it went out.
    """

    schema: str
    table: str
    key: str
    key_type: str
    column: str
    is_event: bool = False
    readers: tuple[str, ...] = ()
    index: str | None = None
    kind: str = "NULL"


@dataclass(slots=True)
class Counts:
    """How many values there are, and of these: sealed anew (or to be), waiting, and opened by no secret."""

    sealed: int = 0
    renewed: int = 0
    waiting: int = 0
    unreadable: int = 0

    def add(self, other: "Counts") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Piece:
    """What was found in one piece, and the key that the next begins after; None when it was the last."""

    last: Any
    counts: Counts = field(default_factory=Counts)


def column(schema: str, table: str, column: str, *, key: str = "id", key_type: str = "uuid") -> Place:
    """A column that holds sealed values."""
    return Place(schema, table, key, key_type, column)


def numbers(schema: str, table: str, column: str, *, index: str, kind: str) -> Place:
    """A column that holds sealed numbers with their blind index beside them. `kind` is SQL that tells of which kind."""
    return Place(schema, table, "id", "uuid", column, index=index, kind=kind)


def events(schema: str, readers: tuple[str, ...] = ()) -> list[Place]:
    """The events that the service of `schema` wrote, and those that it could not handle. `readers` write down what is
    sealed in them; others, who handle some of them at most, are not waited for.
    """
    return [
        Place(schema, "outbox", "seq", "bigint", "payload", is_event=True, readers=readers),
        Place(schema, "dead_letters", "id", "uuid", "payload", is_event=True),
    ]


async def reseal(session: AsyncSession, place: Place, seal: Seal, after: Any, *, look_only: bool) -> Piece:
    """Seals a piece of `place` anew, from the row after `after` on; with `look_only` it counts and changes nothing.

    The transaction of `session` acts in the roles of the services that own what is looked at.
    """
    await _act_in(session, place.schema)
    rows = await _rows(session, place, after)
    piece = Piece(rows[-1].key if len(rows) == PIECE else None)
    renewed = [(row, *_renewed(place, row.content, seal)) for row in rows if row.content is not None]
    waiting = await _waiting(session, place, [row.event_id for row, found, _ in renewed if found.renewed])
    changes: list[tuple[Any, str, str, str | None]] = []
    for row, found, content in renewed:
        if row.event_id in waiting:
            found.renewed, found.waiting = 0, found.renewed
        elif found.renewed:
            index = seal.index(row.kind, seal.open(content)) if place.index and row.kind else None
            changes.append((row.key, row.content, content, index))
        piece.counts.add(found)
    if changes and not look_only:
        await _act_in(session, place.schema)
        await _replace(session, place, changes)
    return piece


async def _act_in(session: AsyncSession, schema: str) -> None:
    await session.execute(text(f"SET LOCAL ROLE {role_of(schema)}"))


def _renewed(place: Place, content: str, seal: Seal) -> tuple[Counts, str]:
    """What `content` holds, and how it reads when all of it that can be is sealed with the newest secret."""
    found = Counts()

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

    if not place.is_event:
        return found, renew(content)
    for number in list(_IN_EVENTS.finditer(content)):
        kind, sealed = number.groups()
        renewed = renew(sealed)
        if renewed != sealed:
            content = content.replace(sealed, renewed)
            index = seal.index("nik" if kind == "nik" else "programme_number", seal.open(renewed))
            content = re.sub(rf'("{kind}_index"\s*:\s*)"[^"]*"', rf'\1"{index}"', content)
    return found, content


async def _rows(session: AsyncSession, place: Place, after: Any) -> Sequence[Any]:
    """The next rows of `place`, by their key; `content` is None where nothing is sealed."""
    content, event_id = place.column, "CAST(NULL AS uuid)"
    if place.is_event:
        content = f"CASE WHEN {content} ~ '{_IN_EVENTS.pattern}' THEN {content} END"
        event_id = "event_id"
    result = await session.execute(
        text(f"""
        SELECT {place.key} AS key, {content} AS content, {event_id} AS event_id, {place.kind} AS kind
        FROM {place.schema}.{place.table}
        WHERE CAST(:after AS {place.key_type}) IS NULL OR {place.key} > CAST(:after AS {place.key_type})
        ORDER BY {place.key} LIMIT {PIECE}
        """),
        {"after": after},
    )
    return result.all()


async def _waiting(session: AsyncSession, place: Place, event_ids: Sequence[UUID | None]) -> set[UUID | None]:
    """Those of the events that some reader has neither handled nor buried."""
    waiting: set[UUID | None] = set()
    for reader in place.readers if event_ids else ():
        await _act_in(session, reader)
        handled = await session.scalars(
            text(f"""
            SELECT event_id FROM {reader}.inbox WHERE event_id = ANY(:ids)
            UNION SELECT event_id FROM {reader}.dead_letters WHERE event_id = ANY(:ids)
            """),
            {"ids": list(event_ids)},
        )
        waiting |= set(event_ids) - set(handled.all())
    return waiting


async def _replace(session: AsyncSession, place: Place, changes: Sequence[tuple[Any, str, str, str | None]]) -> None:
    await session.execute(
        text(f"""
        UPDATE {place.schema}.{place.table} t
        SET {place.column} = c.new{f", {place.index} = c.index" if place.index else ""}
        FROM unnest(CAST(:keys AS {place.key_type}[]), CAST(:olds AS text[]), CAST(:news AS text[]),
            CAST(:indices AS text[])) AS c(key, old, new, index)
        WHERE t.{place.key} = c.key AND t.{place.column} = c.old
        """),
        {
            "keys": [key for key, _, _, _ in changes],
            "olds": [old for _, old, _, _ in changes],
            "news": [new for _, _, new, _ in changes],
            "indices": [index for _, _, _, index in changes],
        },
    )
