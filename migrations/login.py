"""The login with which the services come to the database: it may act in their roles, and has no right of its own."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_TOO_MUCH = {
    "rolsuper": "NOSUPERUSER",
    "rolinherit": "NOINHERIT",
    "rolcreatedb": "NOCREATEDB",
    "rolcreaterole": "NOCREATEROLE",
    "rolreplication": "NOREPLICATION",
    "rolbypassrls": "NOBYPASSRLS",
}
"""What a role may have in `pg_roles`, and the word that takes it away. A new role has but the second of them."""


class CannotMigrate(Exception):
    """The login of the migrations may not do what they need; the text says what to do."""


async def ensure_login(
    connection: AsyncConnection, login: str, password: str | None, roles: Sequence[str], variable: str
) -> None:
    """Makes `login`, a member of `roles`, or takes from it what it has too much; `password` is its password then.

    Raises `CannotMigrate` when the login in `variable` may not do what is missing.
    """
    try:
        await _make(connection, login, password)
        await _let_act(connection, login, roles)
    except DBAPIError as error:
        raise CannotMigrate(
            f"The login in {variable} cannot make the login {login} of the services, or not with these rights alone. "
            f"Do it before, as a superuser: CREATE ROLE \"{login}\" LOGIN {' '.join(_TOO_MUCH.values())} PASSWORD '…'; "
            f'(ALTER ROLE, where it is there) GRANT {", ".join(roles)} TO "{login}";'
        ) from error


async def _make(connection: AsyncConnection, login: str, password: str | None) -> None:
    found = await connection.execute(
        text(f"SELECT {', '.join(_TOO_MUCH)} FROM pg_roles WHERE rolname = :login"), {"login": login}
    )
    rights = found.one_or_none()
    excess = [word for right, word in _TOO_MUCH.items() if rights and getattr(rights, right)]
    if rights is None:
        await _do(connection, "CREATE ROLE %1$I LOGIN NOINHERIT", login)
    elif excess:
        await _do(connection, f"ALTER ROLE %1$I {' '.join(excess)}", login)
    # Only where it will not be refused: PostgreSQL's log may show what is. Else the login keeps the one that it has.
    if password and await _may_alter(connection, login):
        await _do(connection, "ALTER ROLE %1$I LOGIN PASSWORD %2$L", login, password)


async def _may_alter(connection: AsyncConnection, login: str) -> bool:
    may = await connection.scalar(
        text("""
        SELECT rolsuper OR rolcreaterole AND (CAST(current_setting('server_version_num') AS int) < 160000
                                              OR pg_has_role(:login, 'MEMBER WITH ADMIN OPTION'))
        FROM pg_roles WHERE rolname = current_user
        """),
        {"login": login},
    )
    return bool(may)


async def _let_act(connection: AsyncConnection, login: str, roles: Sequence[str]) -> None:
    """Lets `login` take each of `roles`, and have nothing of it until then."""
    missing = await connection.scalars(
        text("""
        SELECT role FROM unnest(CAST(:roles AS text[])) AS role
        WHERE NOT pg_has_role(:login, role, 'MEMBER') OR pg_has_role(:login, role, 'USAGE')
        """),
        {"login": login, "roles": list(roles)},
    )
    says_how = (connection.dialect.server_version_info or ()) >= (16,)  # before, NOINHERIT of the login said it
    for role in missing.all():
        await _do(connection, f"GRANT %1$I TO %2$I {'WITH INHERIT FALSE, SET TRUE' if says_how else ''}", role, login)


async def _do(connection: AsyncConnection, statement: str, *values: str | None) -> None:
    """Executes a statement of which PostgreSQL takes no parameters; it quotes the values itself."""
    quoted = await connection.scalar(
        text("SELECT format(CAST(:statement AS text), VARIADIC CAST(:values AS text[]))"),
        {"statement": statement, "values": list(values)},
    )
    await connection.exec_driver_sql(str(quoted))
