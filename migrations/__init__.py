"""The database, step by step: one history for each service, each in a schema and a role of its own.

`upgrade` may be run by anybody at any time: it waits for its turn, and does only what is missing.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from migrations.login import CannotMigrate, ensure_login
from shared.db import command_engine, role_of

__all__ = ["SERVICES", "CannotMigrate", "execute_all", "upgrade"]

SERVICES = ("intake", "tickets", "notify", "survey_index")
_HERE = Path(__file__).parent
_LOCK = "satuatap migrations"


async def upgrade(
    owner_url: object,
    *,
    services_url: object | None = None,
    variable: str = "DATABASE_URL",
    on_service: Callable[[str], None] = lambda _: None,
) -> None:
    """Brings every schema to the newest version.

    `owner_url`, named in `variable`, has the login that makes roles and schemas. Where `services_url` has another one,
    that login is made too: it may act in the roles of the services, and has no right of its own.

    Raises `CannotMigrate` when roles, schemas or the login are not as they must be and may not be made so.
    """
    engine = command_engine(owner_url, variable)
    services = command_engine(services_url or owner_url).url
    unbound = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with unbound.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": _LOCK})
            for service in SERVICES:
                await _ensure_home(connection, service, variable)
                async with engine.begin() as step:  # a migration that fails leaves nothing behind
                    await step.execute(text(f"SET LOCAL ROLE {role_of(service)}"))
                    await step.run_sync(_run, service)
                on_service(service)
            if services.username and services.username != engine.url.username:
                roles = [role_of(service) for service in SERVICES]
                await ensure_login(connection, services.username, services.password, roles, variable)
    finally:
        await engine.dispose()


async def _ensure_home(connection: AsyncConnection, service: str, variable: str) -> None:
    """The service's role and the schema that it owns."""
    role = role_of(service)
    exists = await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    try:
        if not exists:
            await connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
        member = await connection.scalar(
            text("""
            SELECT rolsuper OR pg_has_role(:role, CASE WHEN CAST(current_setting('server_version_num') AS int) >= 160000
                                                       THEN 'SET' ELSE 'MEMBER' END)
            FROM pg_roles WHERE rolname = current_user
            """),
            {"role": role},
        )
        if not member:
            await connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
        if not await connection.scalar(text("SELECT to_regnamespace(:schema) IS NOT NULL"), {"schema": service}):
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {role}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == "23505":  # another cluster-wide migration made the role just now
            await asyncio.sleep(0.2)
            await _ensure_home(connection, service, variable)
            return
        raise CannotMigrate(
            f"The login in {variable} cannot make the role {role} or the schema {service}. "
            f"Give it CREATEROLE and CREATE on the database, or make them before: "
            f"CREATE ROLE {role} NOLOGIN; GRANT {role} TO <login>; CREATE SCHEMA {service} AUTHORIZATION {role};"
        ) from error


def _run(connection: Connection, service: str, revision: str = "head") -> None:
    from alembic import command  # slow to load, and every command line and service loads this package
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / service / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, schema=service)
    command.upgrade(config, revision)


def execute_all(execute: Callable[[str], Any], script: str) -> None:
    """Runs the statements of `script`, which are separated by a semicolon at the end of a line."""
    for statement in script.split(";\n"):
        if statement.strip():
            execute(statement)
