"""How much a file of answers may hold. Surveys stay far below; whatever passes a bound is refused where it does, before
more of it is read, so that a small file cannot become a large one in memory.
"""

from collections.abc import Iterable, Iterator, Sequence

from services.survey_index.domain.sheet.rules import Faults

MOST_ROWS = 1_048_576
"""As many as a sheet of Excel has, the header among them."""
MOST_COLUMNS = 500
LONGEST_ROW = 2_000_000
"""Characters of one row, whatever they are: commas, too."""
MOST_CHARACTERS = 100_000_000
"""Characters in all cells. Texts that a workbook shares among its cells count in each."""


class TooMuch(Exception):
    """A file passes a bound: the place, what is wrong there, and what is expected."""

    def __init__(self, place: str, message: str, expected: str) -> None:
        super().__init__(place, message, expected)
        self.place, self.message, self.expected = place, message, expected


def within_bounds(rows: Iterable[Sequence[str]], faults: Faults) -> Iterator[Sequence[str]]:
    """The same rows, up to the one that passes a bound; that one is added to `faults`, and ends the file."""
    characters = 0
    for number, cells in enumerate(rows, start=1):
        characters += sum(map(len, cells))
        if len(cells) > MOST_COLUMNS:
            faults.add(f"row {number}", f"has {len(cells)} cells", f"at most {MOST_COLUMNS} cells in a row")
            return
        if number > MOST_ROWS:
            faults.add(f"row {number}", "is one too many", f"at most {MOST_ROWS} rows; divide it into several files")
            return
        if characters > MOST_CHARACTERS:
            expected = f"at most {MOST_CHARACTERS} characters in all cells; divide it into several files"
            faults.add(f"row {number}", "is more text than is taken in one file", expected)
            return
        yield cells
