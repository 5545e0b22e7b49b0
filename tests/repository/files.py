"""Every text of the repository that people write, and its code as trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDERS = (".ci", "bench", "docs", "migrations", "requirements", "services", "shared", "tests")
_SUFFIXES = {"", ".csv", ".html", ".json", ".mako", ".md", ".py", ".toml", ".txt", ".typ", ".yaml", ".yml"}


def texts() -> Iterator[tuple[Path, str]]:
    """Every text that people write, by its path from the root; hidden ones are settings, or left by a program."""
    own = [path for path in ROOT.iterdir() if path.is_file()]
    for path in [*own, *(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())]:
        if path.suffix in _SUFFIXES and not path.name.startswith("."):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


FILES = dict(texts())


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """The Python files below `folders` (from the root), parsed."""
    for path, text in FILES.items():
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in folders):
            yield path, ast.parse(text)
