"""Migrations: they leave nothing half done, and say what a login lacks."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from migrations import CannotMigrate, _run, upgrade
from services.survey_index.domain.profile import code_lists
from shared.db import async_url
from tests.conftest import Engines


async def test_a_login_that_may_not_act_in_the_roles_is_told_what_it_lacks(
    database_url: str, running_engines: Engines
) -> None:
    admin = await asyncpg.connect(database_url)
    await admin.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    try:
        name = database_url.rpartition("/")[2]
        with pytest.raises(CannotMigrate, match="satuatap_intake"):
            await upgrade(f"postgresql://guest:guest@127.0.0.1:{running_engines.postgres_port}/{name}")
    finally:
        await admin.execute("DROP ROLE guest")
        await admin.close()


async def test_each_schema_belongs_to_the_role_of_its_service(database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    owners = await admin.fetch(
        "SELECT DISTINCT schemaname, tableowner FROM pg_tables WHERE schemaname !~ '^pg_|information_schema|public'"
    )
    assert {(row["schemaname"], row["tableowner"]) for row in owners} == {
        (service, f"satuatap_{service}") for service in ("intake", "tickets", "notify", "survey_index")
    }
    await admin.close()


async def test_surveys_that_began_before_their_code_lists_were_kept_keep_theirs_now(database_url: str) -> None:
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await step.execute(text("DROP SCHEMA survey_index CASCADE"))
        await step.execute(text("CREATE SCHEMA survey_index AUTHORIZATION satuatap_survey_index"))
        await step.execute(text("SET LOCAL ROLE satuatap_survey_index"))
        await step.run_sync(_run, "survey_index", "survey_index_0001")
        for code, codes, population in (("open", "umum_2024", "NULL"), ("drawn", "s002_2020", "100")):
            await step.execute(
                text(f"""
                INSERT INTO survey_index.surveys (code, title, definition, edition, missing, code_list, zone, selection,
                    response_percent, invitation_days, recontact_days, population, created_at)
                SELECT '{code}', title, definition, edition, missing, '{codes}', zone, 'simple_random',
                    100, 14, 30, {population}, now()
                FROM survey_index.surveys WHERE code = 'layanan'
                """)
            )
        await step.execute(
            text("""
            INSERT INTO survey_index.cases (ticket_id, survey, tracking_code, unit, channel, ended_at, outcome)
            SELECT gen_random_uuid(), 'drawn', '', '', '', now(), outcome
            FROM unnest(ARRAY['invited', 'invited', 'not_drawn', 'no_address', 'not_running']) AS outcome
            """)
        )
    await upgrade(database_url)
    async with engine.connect() as look:
        rows = await look.execute(
            text("SELECT code, selection, codes->'name'->>'id' FROM survey_index.surveys ORDER BY code")
        )
        names = {name: codes.name.id for name, codes in code_lists().items()}
        assert [tuple(row) for row in rows] == [
            ("drawn", "simple_random", names["s002_2020"]),
            ("layanan", "everybody", names["s002_2020"]),
            ("open", "everybody", names["umum_2024"]),
        ]
        draws = await look.execute(text("SELECT survey, seen, reached, drawn FROM survey_index.draws"))
        assert [tuple(row) for row in draws] == [("drawn", 4, 3, 2)]
    await engine.dispose()
