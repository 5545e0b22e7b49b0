"""What a report is made of, before anybody knows on what it is printed. All texts are plain: no printer may read
markup in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Align = Literal["left", "right", "center"]
Tone = Literal["plain", "A", "B", "C", "D"]
"""What colours a bar: nothing, or a grade. The grade also stands beside the bar, so no colour says anything alone."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 is a chapter (BAB), level 2 a section, level 3 a part of one."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula written as a line of text, set apart."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered or with dots. A long list is set smaller than the text."""

    items: Sequence[str]
    numbered: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as wide as so many columns."""

    text: str
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title. Each row has as many cells as `header`; each row of `totals` covers as many columns.

    `widths` are the shares of the line that the columns take, 0 being as wide as needed; `marked` is the row to see;
    `names` is the column that says what a row is about.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: Sequence[Align]
    widths: Sequence[float]
    totals: Sequence[Sequence[Cell]] = ()
    marked: int | None = None
    names: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of all answers: one row for each respondent, first the number and then one short cell a question.

    It may have many thousand rows, so a printer sets it as tight as it can, and `totals` after it.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the chart's lowest value to `value`; `figure` is it as it is read."""

    label: str
    value: float
    figure: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the scale with a name, from `lowest` on; `figure` is that bound as it is read."""

    name: str
    lowest: float
    figure: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Horizontal bars on one scale, with the zones of the scale from the lowest if it has such.

    `description` says in words what the chart shows, for those who cannot see it.
    """

    title: str
    bars: Sequence[Bar]
    lowest: float
    highest: float
    description: str
    zones: Sequence[Zone] = ()


Block = Heading | Paragraph | Formula | Items | Table | Sheet | Chart
Kind = Literal["heading", "paragraph", "formula", "items", "table", "sheet", "chart"]


def kind_of(block: Block) -> Kind:
    """What a template calls such a block."""
    match block:
        case Heading():
            return "heading"
        case Paragraph():
            return "paragraph"
        case Formula():
            return "formula"
        case Items():
            return "items"
        case Table():
            return "table"
        case Sheet():
            return "sheet"
        case Chart():
            return "chart"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a chapter that gets a letter."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the cover's box."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """The whole: a cover (title, lines under it, the figure that matters with its facts) and what follows."""

    title: str
    subtitle: Sequence[str]
    headline: Fact
    facts: Sequence[Fact]
    author: str
    made_on: date
    blocks: Sequence[Block]
