"""Examples of what people wrote and what it was about: read from a file, parted into what is learned and held out."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import typer

_HELD_OUT = 5
"""One of so many is held out, the newest, where no moment is named."""


@dataclass(frozen=True, slots=True)
class Example:
    """What somebody wrote, what it was about, and when (if the file says so)."""

    text: str
    label: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of a file, the oldest first, and how many of its rows had no text or no label."""

    file: str
    sha256: str
    learned: Sequence[Example]
    held_out: Sequence[Example]
    passed_over: int


def examples_in(file: Path, *, text: str, label: str, time: str | None, hold_out_from: datetime | None) -> Examples:
    """The examples of a CSV file. Raises `typer.BadParameter` where there are none to learn from, or to hold out."""
    if hold_out_from and not time:
        raise typer.BadParameter("--hold-out-from needs --time, the column that says when.")
    content = _content(file)
    rows = list(_rows(content, [text, label, *([time] if time else [])]))
    found = [
        Example(row[text].strip(), row[label].strip(), _moment(row[time], line) if time else None)
        for line, row in enumerate(rows, start=2)
        if row[text].strip() and row[label].strip()
    ]
    if time:
        found.sort(key=lambda example: example.at or datetime.min.replace(tzinfo=UTC))
    learned, held_out = _parted(found, hold_out_from)
    if len({example.label for example in learned}) < 2 or not held_out:
        raise typer.BadParameter("There must be examples of two labels to learn from, and one that is held out.")
    return Examples(file.name, hashlib.sha256(content).hexdigest(), learned, held_out, len(rows) - len(found))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from None


def _rows(content: bytes, needed: Sequence[str]) -> Iterator[Mapping[str, str]]:
    try:
        lines = StringIO(content.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError:
        raise typer.BadParameter("The file is not in UTF-8.") from None
    reader = csv.DictReader(lines, restval="")
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        there_are = ", ".join(reader.fieldnames or ())
        raise typer.BadParameter(f"There is no column {', '.join(missing)}; there are: {there_are}.")
    return iter(reader)


def _moment(written: str, line: int) -> datetime:
    """A moment; without a zone it is taken for UTC, as `--hold-out-from` is."""
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise typer.BadParameter(f"Row {line} has no moment such as 2023-02-27 09:45:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parted(examples: Sequence[Example], since: datetime | None) -> tuple[Sequence[Example], Sequence[Example]]:
    if since is None:
        place = len(examples) - max(len(examples) // _HELD_OUT, 1)
    else:
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        place = sum(example.at is not None and example.at < since for example in examples)
    return examples[:place], examples[place:]
