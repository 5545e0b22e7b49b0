"""The way of one contact, as docs/architecture.md tells it, is in the files that it names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.repository.files import FILES

_CODE = re.compile(r"`([^`]+)`")
_WAY = FILES[Path("docs/architecture.md")].split("## ")[0]
STEPS = [line.strip("|").split("|") for line in _WAY.splitlines() if line.startswith("| ") and "`" in line]
"""What happens, by which functions, in which files."""


def places(cell: str) -> Iterator[PurePosixPath]:
    """The files and folders that a cell names; `service/` alone is in the service of the one before it."""
    service = PurePosixPath()
    for name in map(PurePosixPath, _CODE.findall(cell)):
        if name.parts[0] == "services":
            service = PurePosixPath(*name.parts[:2])
        yield name if name.parts[0] in ("services", "shared") else service / name


def modules_at(place: PurePosixPath) -> list[str]:
    """The texts of the Python files at a place."""
    return [text for path, text in FILES.items() if path.suffix == ".py" and path.is_relative_to(place)]


def defined_in(text: str) -> set[str]:
    """The functions and classes of a module, and the methods as `Class.method`."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    methods = {
        f"{of.name}.{node.name}"
        for of in classes
        for node in of.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {node.name for node in [*nodes, *classes]} | methods


def test_way_of_a_contact_has_its_steps() -> None:
    assert len(STEPS) > 12


def test_function_on_the_way_of_a_contact_is_where_it_is_said_to_be() -> None:
    absent = {
        name: [place.as_posix() for place in places(files)]
        for _, functions, files in STEPS
        for name in _CODE.findall(functions)
        if name not in set().union(*(defined_in(t) for p in places(files) for t in modules_at(p)))
    }
    assert absent == {}


def test_file_on_the_way_of_a_contact_is_there() -> None:
    named = [place for _, _, files in STEPS for place in places(files)]
    assert [place for place in named if not any(path.is_relative_to(place) for path in FILES)] == []
