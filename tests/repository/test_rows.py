"""A row of a SELECT is read by the names of its columns: one that is added or moved changes the meaning of no other."""

import ast
from collections.abc import Iterator

import pytest

from tests.repository.files import modules
from tests.repository.test_sql import OWNERS, is_repository

_OF_A_RESULT = {"all", "fetchall", "partitions", "tuples", "unique"}
_ONE_OF_A_RESULT = {"fetchone", "first", "one", "one_or_none"}
EXCEPTIONS = {
    "services/survey_index/repository/imports.py: answers_of": "ten columns by name of each of a million rows are 8 s"
}
"""The functions that may read rows by position, and why each does."""


class _Names:
    """The names in a function that are results of a statement, and those that are rows of one."""

    def __init__(self, function: ast.AsyncFunctionDef | ast.FunctionDef) -> None:
        self.results: set[str] = set()
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        self.rows = {a.arg for a in arguments if a.annotation and ast.unparse(a.annotation).startswith("Row")}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if self.is_result(node.value):
                    self.results.add(name)
                if self.is_row(node.value):
                    self.rows.add(name)
            elif (
                isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
                and isinstance(node.target, ast.Name)
                and self.is_result(node.iter)
            ):
                (self.results if _is_in_pieces(node.iter) else self.rows).add(node.target.id)

    def is_result(self, node: ast.expr) -> bool:
        """Whether it is the rows of a statement: `await session.execute(…)`, a name of it, or `.all()` of either."""
        match node:
            case ast.Await(ast.Call(ast.Attribute(attr="execute" | "stream" | "fetch"))):
                return True
            case ast.Name(name):
                return name in self.results
            case ast.Call(ast.Attribute(of, attr)) if attr in _OF_A_RESULT:
                return self.is_result(of)
            case ast.Call(ast.Name("list" | "sorted" | "tuple" | "reversed"), [of, *_]):
                return self.is_result(of)
        return False

    def is_row(self, node: ast.expr) -> bool:
        """Whether it is one row of a statement: `.one()` of a result, a place in it, or a name of either."""
        match node:
            case ast.Name(name):
                return name in self.rows
            case ast.Call(ast.Attribute(of, attr)) if attr in _ONE_OF_A_RESULT:
                return self.is_result(of)
            case ast.Await(ast.Call(ast.Attribute(attr="fetchrow"))):
                return True
            case ast.Subscript(of, ast.Constant(int())):
                return self.is_result(of)
        return False

    def reads_by_position(self, node: ast.AST) -> bool:
        """Whether it takes a row apart by the places of its columns."""
        match node:
            case ast.For(ast.Tuple(), of) | ast.AsyncFor(ast.Tuple(), of) | ast.comprehension(ast.Tuple(), of):
                return self.is_result(of)
            case ast.Assign([ast.Tuple()], of) | ast.Starred(of):
                return self.is_row(of)
            case ast.Subscript(of, ast.Constant(int()) | ast.Slice()):
                return self.is_row(of)
            case ast.Call(ast.Name("dict"), [of]):
                return self.is_result(of)
        return False


def _is_in_pieces(node: ast.expr) -> bool:
    """Whether what is gone through are pieces of a result, each of many rows: `result.partitions(…)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "partitions"


def by_position(tree: ast.Module) -> Iterator[str]:
    """The functions and methods of a module that read rows by position, themselves or in a function within."""
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for function in (node for body in bodies for node in body):
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
            names = _Names(function)
            if any(names.reads_by_position(node) for node in ast.walk(function)):
                yield function.name


FOUND = {
    f"{path}: {name}"
    for path, tree in modules("services", "shared")
    if is_repository(path) or str(path) in OWNERS
    for name in by_position(tree)
}


def test_row_is_read_by_name() -> None:
    assert FOUND - EXCEPTIONS.keys() == set()


def test_exception_still_reads_by_position() -> None:
    """Or it leaves the list."""
    assert EXCEPTIONS.keys() - FOUND == set()


@pytest.mark.parametrize(
    "lines",
    [
        "return [Chat(*row) for row in await session.execute(S)]",
        "for id, body in await session.execute(S): pass",
        "for id, *rest in await session.execute(S): pass",
        "async for id, body in await session.stream(S): pass",
        "result = await session.execute(S); return {id: body for id, body in result}",
        "result = await session.execute(S); return [id for id, body in result.all()]",
        "result = await session.execute(S); return dict(result.all())",
        "result = await session.execute(S); id, body = result.one()",
        "row = (await session.execute(S)).one_or_none(); return Chat(*row) if row else None",
        "row = (await session.execute(S)).one(); return row[0]",
        "rows = (await session.execute(S)).all(); return rows[0][0]",
        "result = await session.stream(S); return [id async for piece in result.partitions(9) for id, body in piece]",
    ],
)
def test_row_that_is_read_by_position_is_found(lines: str) -> None:
    assert list(by_position(ast.parse(f"async def f(session):\n    {lines}"))) == ["f"]


def test_row_that_is_read_by_position_is_found_where_it_is_a_parameter() -> None:
    assert list(by_position(ast.parse("class Cases:\n    def _case(self, row: Row[Any]): return Case(*row)"))) == [
        "_case"
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "return [Chat(row.id, row.body) for row in await session.execute(S)]",
        "rows = (await session.execute(S)).all(); return rows[-1].more, rows[:2]",
        "row = (await session.execute(S)).one(); return Chat(**row._mapping)",
        "return set(await session.scalars(S))",
        "for id, body in sums.items(): pass",
        "first, *others = places; return Chat(*others)",
    ],
)
def test_row_that_is_read_by_name_is_left_alone(lines: str) -> None:
    assert list(by_position(ast.parse(f"async def f(session, sums, places):\n    {lines}"))) == []
