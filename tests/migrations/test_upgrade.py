"""Migrations: they leave nothing half done, and say what a login lacks."""

import asyncpg
import pytest

from migrations import CannotMigrate, upgrade
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
