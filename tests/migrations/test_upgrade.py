"""Migrations: they leave nothing half done, and say what a login lacks."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from migrations import SERVICES, CannotMigrate, _run, upgrade
from services.survey_index.domain.profile import code_lists
from shared.db import async_url, role_of
from tests.conftest import Engines


async def test_login_that_may_not_act_in_the_roles_is_told_what_it_lacks(
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


@pytest_asyncio.fixture
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser, who removes afterwards the logins that a test made."""
    admin = await asyncpg.connect(database_url)
    yield admin
    for login in ("clerk", "landlord"):
        if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", login):
            await admin.execute(f"DROP OWNED BY {login} CASCADE; DROP ROLE {login}")
    await admin.close()


def as_login(database_url: str, login: str) -> str:
    return make_url(database_url).set(username=login, password=login).render_as_string(hide_password=False)


async def rights_of(admin: asyncpg.Connection, login: str) -> set[str]:
    row = await admin.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", login)
    return {name for name, value in row.items() if value is True}


async def inherited(admin: asyncpg.Connection, login: str) -> dict[str, bool]:
    """The roles that `login` may take, and whether it has their rights before it does."""
    rows = await admin.fetch(
        "SELECT roleid::regrole::text, inherit_option FROM pg_auth_members "
        "WHERE member = $1::text::regrole AND set_option",
        login,
    )
    return {row[0]: row[1] for row in rows}


async def test_services_login_that_has_more_than_it_needs_loses_it(
    admin: asyncpg.Connection, database_url: str
) -> None:
    await admin.execute("CREATE ROLE clerk LOGIN SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD 'old'")
    await admin.execute("GRANT satuatap_intake TO clerk WITH INHERIT TRUE")
    for _ in range(2):  # a second time there is nothing left to do
        await upgrade(database_url, services_url=as_login(database_url, "clerk"))
        assert await rights_of(admin, "clerk") == {"rolcanlogin"}
        assert await inherited(admin, "clerk") == {role_of(service): False for service in SERVICES}
    await (await asyncpg.connect(as_login(database_url, "clerk"))).close()


async def test_owner_need_be_no_superuser(admin: asyncpg.Connection, database_url: str) -> None:
    # given: an owner who may make roles, and a login for the services that is not there yet
    await admin.execute("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'landlord'")
    for service in SERVICES:
        await admin.execute(f"GRANT {role_of(service)} TO landlord WITH ADMIN OPTION")
    landlord = as_login(database_url, "landlord")
    # when it migrates, twice
    for _ in range(2):
        await upgrade(landlord, services_url=as_login(database_url, "clerk"))
    assert await rights_of(admin, "clerk") == {"rolcanlogin"}
    assert await inherited(admin, "clerk") == {role_of(service): False for service in SERVICES}
    # then what he may not take away, he says
    await admin.execute("ALTER ROLE clerk SUPERUSER")
    with pytest.raises(CannotMigrate, match='CREATE ROLE "clerk" LOGIN NOSUPERUSER NOINHERIT'):
        await upgrade(landlord, services_url=as_login(database_url, "clerk"))


async def test_one_login_for_everything_is_left_as_it_is(admin: asyncpg.Connection, database_url: str) -> None:
    before = await rights_of(admin, "satuatap")
    await upgrade(database_url, services_url=database_url)
    assert await rights_of(admin, "satuatap") == before


async def test_each_schema_belongs_to_the_role_of_its_service(database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    owners = await admin.fetch(
        "SELECT DISTINCT schemaname, tableowner FROM pg_tables WHERE schemaname !~ '^pg_|information_schema|public'"
    )
    assert {(row["schemaname"], row["tableowner"]) for row in owners} == {
        (service, f"satuatap_{service}") for service in ("intake", "tickets", "notify", "survey_index")
    }
    await admin.close()


async def begin_again(step: AsyncConnection, revision: str) -> None:
    """The schema of `survey_index` as it was at that revision, and nothing in it."""
    await step.execute(text("DROP SCHEMA survey_index CASCADE"))
    await step.execute(text("CREATE SCHEMA survey_index AUTHORIZATION satuatap_survey_index"))
    await step.execute(text("SET LOCAL ROLE satuatap_survey_index"))
    await step.run_sync(_run, "survey_index", revision)


async def test_surveys_that_began_before_their_code_lists_were_kept_keep_theirs_now(database_url: str) -> None:
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await begin_again(step, "survey_index_0001")
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
            ("layanan", "everybody", names["umum_2024"]),
            ("open", "everybody", names["umum_2024"]),
        ]
        draws = await look.execute(text("SELECT survey, seen, reached, drawn FROM survey_index.draws"))
        assert [tuple(row) for row in draws] == [("drawn", 4, 3, 2)]
    await engine.dispose()


@pytest.mark.parametrize(("outcome", "kept"), [(None, "umum_2024"), ("invited", "s002_2020")])
async def test_first_survey_loses_an_offices_code_list_unless_somebody_was_asked_by_it(
    database_url: str, outcome: str | None, kept: str
) -> None:
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await begin_again(step, "survey_index_0006")
        if outcome:
            await step.execute(
                text("""
                INSERT INTO survey_index.cases (ticket_id, survey, tracking_code, unit, channel, ended_at, outcome)
                VALUES (gen_random_uuid(), 'layanan', '', '', '', now(), :outcome)
                """),
                {"outcome": outcome},
            )
    await upgrade(database_url)
    async with engine.connect() as look:
        row = (await look.execute(text("SELECT code_list, codes->'name'->>'id' FROM survey_index.surveys"))).one()
        assert tuple(row) == (kept, code_lists()[kept].name.id)
    await engine.dispose()
