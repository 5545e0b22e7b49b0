"""Rows as dataclasses: written many at once, read by name, and no field is left out of a change."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import Database
from shared.rows import Column, Table
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Stall:
    """A row with a field of every type that a column can have."""

    market: UUID
    number: int
    name: str
    kind: Literal["fruit", "fish"]
    is_open: bool
    opened_at: datetime
    founded_on: date
    closed_at: datetime | None
    owner: UUID | None
    state: Literal["full", "empty"] | None
    prices: Mapping[str, object]


STALLS = Table("stalls", Stall, key=("market", "number"))
MARKET = UUID(int=1)
NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 13, 6, 0, tzinfo=UTC)
ONE = Stall(MARKET, 1, "Bu Sri", "fruit", True, NOON, date(2001, 2, 3), None, None, None, {"jeruk": [1, None, "é"]})
TWO = Stall(MARKET, 2, "Pak Adi", "fish", False, LATER, date(2002, 2, 3), NOON, UUID(int=7), "full", {})


@pytest_asyncio.fixture
async def session(common: CommonSettings) -> AsyncIterator[AsyncSession]:
    """A transaction in which the table of stalls is there, with a column that the database fills by itself."""
    db = Database(common.database_url, schema="tickets")
    async with db.transaction() as session:
        columns = ", ".join(f"{c.name} {c.kind}{'' if c.nullable else ' NOT NULL'}" for c in STALLS.columns)
        await session.execute(text(f"CREATE TEMPORARY TABLE stalls ({columns}, place serial)"))
        yield session
    await db.close()


async def stalls(session: AsyncSession) -> list[Stall]:
    found = await session.execute(text(f"SELECT {STALLS.select('s')}, place FROM stalls s ORDER BY number"))
    return [STALLS.read(row, "s") for row in found]


def test_columns_are_those_of_the_fields_with_their_types() -> None:
    assert STALLS.columns == [
        Column("market", "uuid", False),
        Column("number", "integer", False),
        Column("name", "text", False),
        Column("kind", "text", False),
        Column("is_open", "boolean", False),
        Column("opened_at", "timestamptz", False),
        Column("founded_on", "date", False),
        Column("closed_at", "timestamptz", True),
        Column("owner", "uuid", True),
        Column("state", "text", True),
        Column("prices", "jsonb", False),
    ]


def test_field_that_no_column_can_hold_is_refused_when_the_table_is_named() -> None:
    @dataclass
    class Odd:
        id: int | str

    with pytest.raises(TypeError, match="id: "):
        Table("odd", Odd)


async def test_rows_are_read_as_they_were_written(session: AsyncSession) -> None:
    await STALLS.insert_many(session, [TWO, ONE])
    assert await stalls(session) == [ONE, TWO]


async def test_change_of_a_row_writes_all_of_it_and_of_no_other(session: AsyncSession) -> None:
    await STALLS.insert_many(session, [ONE, TWO])
    other = replace(TWO, number=1)
    await STALLS.update_many(session, [other])
    assert await stalls(session) == [other, TWO]


async def test_no_rows_are_no_statement(session: AsyncSession) -> None:
    await session.execute(text("DROP TABLE stalls"))
    await STALLS.insert_many(session, [])
    await STALLS.update_many(session, [])
