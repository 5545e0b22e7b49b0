"""What cases are found by: the stems of what was said, and exact words, also those of their citizens."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.search import Wanted

_LANGUAGE = "indonesian"
_LANGUAGE_OF_WORDS: ColumnElement[str] = literal_column(f"CAST('{_LANGUAGE}' AS regconfig)")
_MOST_LEXEMES = 20_000
"""A conversation that has so many different ones is found by these."""
_FOUND_BY = table("found_by", column("ticket_id"), column("words"), column("whose"), schema="tickets")


@dataclass(frozen=True, slots=True)
class Findable:
    """What a ticket is found by: what was said, the exact words in it, and those of whose it is."""

    ticket_id: UUID
    version: int
    said: str
    exact: frozenset[str]
    whose: frozenset[str]


async def add(session: AsyncSession, findable: Sequence[Findable]) -> None:
    """Lets held tickets be found by more; whose they are is as it is now."""
    await _write(
        session,
        findable,
        f"CASE WHEN length(f.words) < {_MOST_LEXEMES} THEN f.words || excluded.words ELSE f.words END",
    )


async def replace(session: AsyncSession, findable: Sequence[Findable]) -> None:
    """Lets held tickets be found by this, and by nothing that they were found by before."""
    await _write(session, findable, "excluded.words")


async def _write(session: AsyncSession, findable: Sequence[Findable], words: str) -> None:
    if not findable:
        return
    await session.execute(
        text(f"""
        INSERT INTO tickets.found_by AS f (ticket_id, version, words, whose)
        SELECT ticket_id, version,
               strip(to_tsvector('{_LANGUAGE}', said)) || array_to_tsvector(string_to_array(exact, ' ')),
               array_to_tsvector(string_to_array(whose, ' '))
        FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS integer[]), CAST(:said AS text[]), CAST(:exact AS text[]),
                    CAST(:whose AS text[])) AS u(ticket_id, version, said, exact, whose)
        ON CONFLICT (ticket_id) DO UPDATE SET version = excluded.version, whose = excluded.whose, words = {words}
        """),
        {
            "ids": [each.ticket_id for each in findable],
            "versions": [each.version for each in findable],
            "said": [each.said for each in findable],
            "exact": [" ".join(sorted(each.exact)) for each in findable],
            "whose": [" ".join(sorted(each.whose)) for each in findable],
        },
    )


async def unfindable(session: AsyncSession, limit: int) -> list[UUID]:
    """Tickets that are not found by what they hold: an older release wrote them, or changed them."""
    found = await session.scalars(
        text("""
        SELECT t.id FROM tickets.tickets t LEFT JOIN tickets.found_by f ON f.ticket_id = t.id
        WHERE f.version IS DISTINCT FROM t.version LIMIT :limit
        """),
        {"limit": limit},
    )
    return list(found)


def matching(wanted: Sequence[Wanted]) -> Select[tuple[UUID]]:
    """The ids of the tickets that hold every word that is wanted. `tickets.found_by_words` serves it."""
    return select(_FOUND_BY.c.ticket_id).where(and_(*(_holds(each) for each in wanted)))


def _holds(each: Wanted) -> ColumnElement[bool]:
    exact = cast(literal(" | ".join(_quoted(word) for word in each.exact), Text), TSQUERY)
    stem = func.plainto_tsquery(_LANGUAGE_OF_WORDS, each.word, type_=TSQUERY)
    words = _FOUND_BY.c.words.bool_op("@@")
    return or_(words(stem.op("||")(exact) if each.word else exact), _FOUND_BY.c.whose.bool_op("@@")(exact))


def _quoted(word: str) -> str:
    r"""A word as a query holds it in so many letters: `a\'b` for any characters."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
