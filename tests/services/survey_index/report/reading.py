"""What a document says, for tests that read it."""

from collections.abc import Iterator
from typing import TypeVar

from services.survey_index.report.document import (
    Chart,
    Document,
    Formula,
    Heading,
    Items,
    Paragraph,
    Sheet,
    Table,
)

Kind = TypeVar("Kind", Table, Sheet, Chart, Heading, Items)


def blocks_of(document: Document, kind: type[Kind]) -> list[Kind]:
    return [block for block in document.blocks if isinstance(block, kind)]


def table(document: Document, about: str) -> Table:
    """The one table with this in its title."""
    (found,) = [block for block in blocks_of(document, Table) if about in block.title]
    return found


def texts(document: Document) -> Iterator[str]:
    """Every text, wherever it stands."""
    yield from (document.title, *document.subtitle)
    for fact in (document.headline, *document.facts):
        yield from (fact.label, fact.value)
    for block in document.blocks:
        match block:
            case Heading() | Paragraph() | Formula():
                yield block.text
            case Items():
                yield from block.items
            case Table() | Sheet():
                yield from (block.title, *block.header, *(cell for row in block.rows for cell in row))
                yield from (cell.text for row in block.totals for cell in row)
            case Chart():
                yield from (block.title, block.description, *(f"{bar.label} {bar.figure}" for bar in block.bars))


def whole_text(document: Document) -> str:
    return "\n".join(texts(document))
