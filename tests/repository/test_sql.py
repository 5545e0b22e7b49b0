"""SQL is in the repositories of the services, and in the few modules of `shared` that own a table."""

import ast
import re
from pathlib import Path

import pytest

from tests.repository.files import modules

_SQL = re.compile(  # a text of an f-string ends where a value stands
    r"\bSELECT\s|\bINSERT INTO\s|\bDELETE FROM\s|\bUPDATE\s(?!SET\b|SKIP\b|NOWAIT\b|OF\b)[\w.]*|\bpg_\w+\(|"
    r"\b(?:ALTER|CREATE|DROP|LOCK|TRUNCATE)\s(?:DATABASE|INDEX|ROLE|SCHEMA|TABLE)\b|\bSET (?:LOCAL|SESSION)\s"
)
OWNERS = {
    "services/local/engines.py": "makes the database of an installation, before there is a service",
    "services/sandbox/__init__.py": "keeps what it caught in a database of its own, and is no service",
    "shared/consumer/dead.py": "owns dead_letters",
    "shared/db.py": "opens the connections, and sets what holds for all of them",
    "shared/erasure.py": "blanks what the tables that every schema has say of a person",
    "shared/idempotency.py": "owns idempotency_keys",
    "shared/inbox.py": "owns the inbox",
    "shared/keystore.py": "owns api_keys",
    "shared/leader.py": "owns the advisory locks of leaders",
    "shared/locks.py": "owns the advisory locks on what has a name",
    "shared/outbox/add.py": "owns the outbox",
    "shared/outbox/refill.py": "owns the outbox",
    "shared/outbox/relay.py": "owns the outbox",
    "shared/paging.py": "makes a page of the rows of any repository",
    "shared/partitions.py": "owns the partitions of tables that grow without end",
    "shared/reseal.py": "seals every sealed column of every service anew",
    "shared/revocations.py": "owns revocations",
    "shared/rows.py": "makes the statements of a table from the dataclass of its rows",
    "shared/telemetry.py": "counts the rows of the outbox and of dead_letters, for metrics",
    "shared/trail.py": "owns the access trail",
}
"""The modules beside the repositories that may hold SQL, and why each does."""


def sql_in(tree: ast.Module) -> list[str]:
    """The beginnings of SQL in the texts of a module. Its docstrings may speak of SQL."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [found.group() for node in texts if isinstance(node.value, str) and (found := _SQL.search(node.value))]


def takes_advisory_lock(tree: ast.Module) -> bool:
    """Whether a text of a module takes an advisory lock."""
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and "advisory" in text and "lock(" in text for text in texts)


def is_repository(path: Path) -> bool:
    """Whether a module is `services/SERVICE/repository.py`, or in a folder of that name."""
    return path.match("services/*/repository.py") or path.match("services/*/repository/*.py")


FOUND = {str(path): sql for path, tree in modules("services", "shared") if (sql := sql_in(tree))}


def test_sql_is_in_repositories_and_with_the_owners_of_tables() -> None:
    assert {path: sql for path, sql in FOUND.items() if not is_repository(Path(path)) and path not in OWNERS} == {}


def test_owner_of_a_table_holds_its_sql() -> None:
    """Or it leaves the list."""
    assert OWNERS.keys() - FOUND.keys() == set()


def test_advisory_lock_is_taken_where_all_of_them_are() -> None:
    """Their names are one list for the whole database: two uses of one name would wait for each other."""
    takers = {str(path) for path, tree in modules("services", "shared") if takes_advisory_lock(tree)}
    assert takers == {"shared/leader.py", "shared/locks.py"}


@pytest.mark.parametrize(
    "code",
    [
        'text("SELECT 1")',
        'x = "INSERT INTO intake.chats VALUES (1)"',
        'text(f"DELETE FROM {schema}.inbox WHERE id = :id")',
        'text(f"UPDATE {schema}.inbox SET id = :id")',
        'text(f"UPDATE intake.{table} SET id = :id")',
        'text("""\nWITH found AS (\n    SELECT id\n    FROM intake.chats)""")',
        'text("DROP TABLE intake.chats")',
    ],
)
def test_sql_is_found_however_it_is_written(code: str) -> None:
    assert sql_in(ast.parse(code))


@pytest.mark.parametrize("code", ['"""SELECT 1 is SQL."""', 'x = "select a topic"', 'x = "UPDATED", "SELECTED"'])
def test_text_that_is_no_sql_is_left_alone(code: str) -> None:
    assert not sql_in(ast.parse(code))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("services/intake/repository/chats.py", True),
        ("services/notify/repository.py", True),
        ("services/intake/service/repository.py", False),
        ("services/intake/api/chats.py", False),
        ("shared/repository.py", False),
    ],
)
def test_repository_is_a_room_of_a_service(path: str, expected: bool) -> None:
    assert is_repository(Path(path)) is expected
