"""Rows as dataclasses: the columns of a table are said once, by the fields of the row, and read by their names.

Rows are written many at once, through `unnest`: one statement for one row or for five hundred.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import NoneType
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from sqlalchemy import Label, TextClause, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

Row = TypeVar("Row")

_KINDS = {
    UUID: "uuid",
    str: "text",
    int: "integer",
    float: "double precision",
    bool: "boolean",
    datetime: "timestamptz",
    date: "date",
}
_JSON = "jsonb"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type in PostgreSQL, and whether it may be NULL."""

    name: str
    kind: str
    nullable: bool


class Table(Generic[Row]):
    """A table and the dataclass of its rows. It may have further columns, which the database fills by itself."""

    def __init__(self, name: str, row: type[Row], *, key: Sequence[str] = ("id",)) -> None:
        self.name = name
        self.columns = list(_columns_of(row))
        schema, _, plain = name.rpartition(".")
        self.sql = table(plain, *(sql_column(column.name) for column in self.columns), schema=schema or None)
        self._row = row
        self._json = {column.name for column in self.columns if column.kind == _JSON}
        self.insertion = self._insertion()
        self.replacement = self._replacement(key)

    def labelled(self, source: NamedFromClause) -> list[Label[Any]]:
        """The columns of `source`, which is `sql` under an alias, for a `select()` whose rows `read` takes apart."""
        return [source.c[column.name].label(f"{source.name}_{column.name}") for column in self.columns]

    def select(self, alias: str) -> str:
        """The columns for a SELECT from this table as `alias`, under names that no other table of the SELECT has."""
        return ", ".join(f"{alias}.{column.name} AS {alias}_{column.name}" for column in self.columns)

    def read(self, row: Any, alias: str) -> Row:
        """The row that a SELECT of `select(alias)` found."""
        values = row._mapping
        return self._row(**{column.name: values[f"{alias}_{column.name}"] for column in self.columns})

    async def insert_many(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Writes new rows."""
        await self._write(session, self.insertion, rows)

    async def keep_many(self, session: AsyncSession, rows: Sequence[Row], on_conflict: str) -> None:
        """Writes rows of which some may be there: of those, what `on_conflict` says."""
        await self._write(session, text(f"{self.insertion.text} ON CONFLICT {on_conflict}"), rows)

    async def update_many(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Writes every column of rows that are there, found by their key: no change of a row can be left out."""
        await self._write(session, self.replacement, rows)

    def _insertion(self) -> TextClause:
        names = ", ".join(column.name for column in self.columns)
        return text(f"INSERT INTO {self.name} ({names}) SELECT * FROM {self._unnested()}")

    def _replacement(self, key: Sequence[str]) -> TextClause:
        changes = ", ".join(f"{column.name} = u.{column.name}" for column in self.columns if column.name not in key)
        same = " AND ".join(f"t.{name} = u.{name}" for name in key)
        names = ", ".join(column.name for column in self.columns)
        return text(f"UPDATE {self.name} t SET {changes} FROM {self._unnested()} AS u({names}) WHERE {same}")

    def _unnested(self) -> str:
        return f"unnest({', '.join(f'CAST(:{column.name} AS {column.kind}[])' for column in self.columns)})"

    async def _write(self, session: AsyncSession, statement: TextClause, rows: Sequence[Row]) -> None:
        if rows:
            values = {column.name: [self._stored(column.name, row) for row in rows] for column in self.columns}
            await session.execute(statement, values)

    def _stored(self, name: str, row: Row) -> Any:
        value = getattr(row, name)
        return json.dumps(value) if name in self._json else value


def _columns_of(row: type) -> Iterator[Column]:
    hints = get_type_hints(row)
    for field in fields(row):
        hint = hints[field.name]
        kinds = [kind for kind in get_args(hint) if kind is not NoneType] if _is_optional(hint) else [hint]
        yield Column(field.name, _kind_of(field.name, *kinds), nullable=_is_optional(hint))


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) is not Literal and NoneType in get_args(hint)


def _kind_of(name: str, hint: Any, *others: Any) -> str:
    origin = get_origin(hint)
    if origin is Literal:
        return "text"
    if origin is Mapping:
        return _JSON
    if others or hint not in _KINDS:
        raise TypeError(f"{name}: {hint} is no column's type")
    return _KINDS[hint]
