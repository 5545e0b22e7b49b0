"""The tables of the service are as its rows say: each column is there, of that type, and may be empty or not."""

from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.tickets.domain.ticket import Ticket
from services.tickets.repository import (
    citizens,
    clocks,
    codes,
    entries,
    handles,
    happenings,
    matching_rules,
    merges,
    suggestions,
    tickets,
    units,
)
from shared.ids import new_id, new_tracking_code
from shared.rows import Table
from shared.settings import CommonSettings
from shared.visibility import EVERYTHING
from tests.conftest import owner_url
from tests.factories import NOW
from tests.services.tickets.conftest import Running

LATER = NOW + timedelta(days=30)

KEPT: tuple[Table[Any], ...] = (
    citizens.CITIZENS,
    clocks.CLOCKS,
    codes.CODES,
    entries.ENTRIES,
    handles.HANDLES,
    happenings.HAPPENINGS,
    matching_rules.RULES,
    merges.MERGES,
    suggestions.SUGGESTIONS,
    tickets.TICKETS,
    units.UNITS,
)
TABLES = {table.name: table for table in KEPT}
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


async def test_change_of_any_field_of_a_ticket_is_kept(running: Running) -> None:
    """Given a ticket of which every field is changed; what a verb changes cannot be left out."""
    ticket_id, other_id = UUID(await running.bring()), UUID(await running.bring())
    async with running.service.db.transaction() as session:
        [ticket] = await tickets.get(session, EVERYTHING, ticket_id)
        [other] = await tickets.get(session, EVERYTHING, other_id)
        changed = Ticket(
            id=ticket_id,
            tracking_code=new_tracking_code(),
            contact_id=new_id(),
            chat_id=new_id(),
            channel="booth",
            status="merged",
            topic="upah",
            unit="pengawas",
            subject="Upah",
            citizen_id=other.citizen_id,
            zone="Asia/Jayapura",
            opened_at=LATER,
            correlation_id="c-2",
            first_replied_at=LATER,
            resolved_at=LATER,
            escalation_level=2,
            version=7,
            occasions=3,
            assignee="staff:1",
            priority="urgent",
            privacy="anonymous",
            held_until=LATER,
            merged_into=other_id,
            last_seal="1:00",
        )
        same = [f.name for f in fields(Ticket) if getattr(ticket, f.name) == getattr(changed, f.name)]
        assert same == ["id"]
        await tickets.update(session, [changed])
    async with running.service.db.transaction() as session:
        assert await tickets.get(session, EVERYTHING, ticket_id) == [changed]
        assert await tickets.get(session, EVERYTHING, other_id) == [other]
