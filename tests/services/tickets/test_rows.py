"""The tables of the service are as its rows say: each column is there, of that type, and may be empty or not."""

from typing import Any

import asyncpg
import pytest

from services.tickets.repository import entries, happenings
from shared.rows import Table
from shared.settings import CommonSettings
from tests.conftest import owner_url

TABLES: dict[str, Table[Any]] = {table.name: table for table in (entries.ENTRIES, happenings.HAPPENINGS)}
_IN_THE_CATALOGUE = {"timestamptz": "timestamp with time zone"}


@pytest.mark.parametrize("name", TABLES)
async def test_columns_of_a_table_are_the_fields_of_its_row(common: CommonSettings, name: str) -> None:
    schema, _, table = name.partition(".")
    database = await asyncpg.connect(owner_url(common))
    there = {
        row["column_name"]: (row["data_type"], row["is_nullable"] == "YES")
        for row in await database.fetch(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = $1 AND table_name = $2",
            schema,
            table,
        )
    }
    await database.close()
    wanted = {c.name: (_IN_THE_CATALOGUE.get(c.kind, c.kind), c.nullable) for c in TABLES[name].columns}
    assert {column: there.get(column) for column in wanted} == wanted


@pytest.mark.parametrize("name", TABLES)
async def test_statements_that_are_derived_from_a_row_can_be_prepared(common: CommonSettings, name: str) -> None:
    database = await asyncpg.connect(owner_url(common))
    for statement in (TABLES[name].insertion, TABLES[name].replacement):
        sql = statement.text
        for place, column in enumerate(TABLES[name].columns, start=1):
            sql = sql.replace(f"CAST(:{column.name} AS", f"CAST(${place} AS")
        await database.prepare(sql)
    await database.close()
