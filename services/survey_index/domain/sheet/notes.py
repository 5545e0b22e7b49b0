"""What is told of a file beside its respondents and its faults: how it was read, and what may be amiss with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ElementsNamedBy = Literal["sentences", "names", "mapping", "places"]
"""By what the elements of a file's columns are known: by their whole questions, their names, what its sender said of
some of them, or their places alone.
"""
MOST_LISTED = 50
_FIRST = 5


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row that is no respondent. `why` is a label that was recognised, or what stands there; never the cell."""

    row: int
    why: str


@dataclass(slots=True)
class Repeats:
    """What comes more than once in a file: of how many it is so, and the rows of the first few."""

    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, row: int) -> None:
        self.count += 1
        if len(self.rows) < _FIRST:
            self.rows.append(row)


@dataclass(slots=True)
class Notes:
    """What was noticed while a file was read."""

    numbered: bool = True
    """Whether the respondents have numbers of their own, instead of those of their rows."""
    by_mapping: bool = False
    """Whether of any column that its name does not tell of it was said which element it is."""
    by_position: bool = False
    """Whether any element was known by its place alone, as U3 is."""
    has_sentences: bool = False
    """Whether the header has the whole question of each element."""
    positions: Mapping[str, str] | None = None
    """The columns whose places could mean other elements (U8, U9), and how they were read; None if that is certain."""
    passed_over: list[PassedOver] = field(default_factory=list)
    """The first fifty rows that are no respondents, and below how many there are."""
    passed_over_count: int = 0
    unread_days: list[str] = field(default_factory=list)
    """Columns that hold days, where none was known to; looked for in a report of a file alone."""
    repeated_numbers: Repeats = field(default_factory=Repeats)
    """Respondents' numbers that come more than once. Only where that is no fault (`Rules.repeats_may_stand`)."""
    repeated_rows: Repeats = field(default_factory=Repeats)
    """Rows that say what an earlier one does, but for the respondent's number. Only looked for where that is asked."""

    @property
    def elements_named_by(self) -> ElementsNamedBy:
        """How much is known of what was asked, by the header of the file and what was said of it."""
        if self.has_sentences:
            return "sentences"
        if self.by_mapping:
            return "mapping"
        return "places" if self.by_position else "names"

    def pass_over(self, row: int, why: str) -> None:
        self.passed_over_count += 1
        if len(self.passed_over) < MOST_LISTED:
            self.passed_over.append(PassedOver(row, why))
