"""A small file is not read into a large one: it is refused where it passes a bound, and told which."""

import io
from collections.abc import Callable
from itertools import repeat

import pytest

from services.survey_index.domain.sheet.bounds import MOST_CHARACTERS, MOST_ROWS, within_bounds
from services.survey_index.domain.sheet.rules import Faults
from services.survey_index.service.file_reading import rows_of
from services.survey_index.service.sheet_shape import Shape
from tests.services.survey_index.service.bombs import (
    BOOK,
    SHEET,
    STRINGS,
    STYLES,
    ballast,
    billion_laughs,
    long_read,
    of_many_parts,
    packed_otherwise,
    row_of_empty_cells,
    swollen,
    with_lying_sizes,
)
from tests.services.survey_index.service.workbooks import in_sheet, workbook

NAMES = '<definedNames><definedName name="a">1</definedName></definedNames>'


def fault_of(content: bytes) -> tuple[str, str]:
    """The one fault of a file: where, and what is wrong."""
    faults = Faults()
    assert sum(1 for _ in rows_of(content, faults)) < 3
    (fault,) = faults
    assert fault.expected
    return fault.field, fault.message


@pytest.mark.parametrize(
    ("bomb", "where", "message"),
    [
        (row_of_empty_cells, "row 1", "has more than 16384 cells, the empty ones among them"),
        (
            lambda: in_sheet(
                workbook(), '<row r="2"', '<row r="2"><c r="A2">' + "<v/>" * 100_000 + "</c></row><row r='2'"
            ),
            "row 2",
            "has more than 100000 elements in the file",
        ),
        (
            lambda: swollen(SHEET, "<sheetData>", "<col/>" * 110_000),
            "sheet 1",
            "has too many links, rules or formats beside its rows",
        ),
        (
            lambda: in_sheet(workbook(), "<v>2</v>", "<v>" + "2" * 40_000 + "</v>"),
            "row 2, column C",
            "is a text without an end",
        ),
        (
            lambda: swollen(SHEET, "<sheetData>", "x" * 3_000_000),
            "sheet 1",
            "does not end",
        ),
        (
            lambda: in_sheet(
                workbook(), "</sheetData>", '<row r="1048576"><c r="SF1048576"><v>1</v></c></row></sheetData>'
            ),
            "row 1048576",
            "is far below the answers",
        ),
        (lambda: swollen(SHEET, "<sheetData>", "<x>" * 200), "sheet 1", "is nested more than 100 levels deep"),
        (lambda: swollen(STYLES, "<fonts", "<x>" * 2_000_000), "file", "is nested more than 100 levels deep"),
        (lambda: swollen(SHEET, "<sheetData>", f"<!--{'x' * 3_000_000}-->"), "sheet 1", "has a tag without an end"),
        (lambda: swollen(BOOK, "<sheets>", f'<x y="{"x" * 3_000_000}"/>'), "file", "has a tag without an end"),
        (lambda: swollen(STYLES, "<fonts", "<x/>" * 110_000), "file", "has too many styles, names or links"),
        (lambda: swollen(BOOK, "<calcPr", NAMES * 60_000), "file", "has too many styles, names or links"),
        (lambda: swollen(BOOK, "<sheets>", "<sheet/>" * 110_000), "file", "has too many styles, names or links"),
        (lambda: swollen(STYLES, "<fonts", ballast() * 60), "file", "has too many styles, names or links"),
        (lambda: swollen(STRINGS, "<si>", "<si/>" * 1_000_001), "file", "has more than 1000000 texts"),
        (lambda: swollen(STRINGS, "<si>", "<x/>" * 110_000), "file", "has too many styles, names or links"),
        (lambda: swollen(STRINGS, "<si>", f"<si>{'<r/>' * 10_001}</si>"), "file", "has a text of too many pieces"),
        (
            lambda: swollen(STRINGS, "<si>", f"<si><t>{'x' * 40_000}</t></si>"),
            "file",
            "has a text without an end",
        ),
        (lambda: of_many_parts(2_000), "file", "has more than 2000 parts"),
        (packed_otherwise, "file", "is packed in an unusual way"),
        (with_lying_sizes, "file", "is damaged, or has something that no survey needs"),
        (lambda: billion_laughs(SHEET), "file", "declares XML entities"),
        (lambda: billion_laughs(STRINGS), "file", "declares XML entities"),
        (lambda: billion_laughs(STYLES), "file", "declares XML entities"),
        (lambda: b"," * 32_000_000, "row 1", "does not end"),
        (lambda: b"respondent\n" + b"x" * 32_000_000, "row 2", "does not end"),
        (lambda: b"respondent\n" + b"," * 1_000, "row 2", "has 1001 cells"),
        (lambda: b"respondent\n" + b'"' + b"\n" * 32_000_000, "row 2", "has a cell without an end"),
        (lambda: b'respondent\n"x"' + b',"\n"' * 500_000, "row 2", "does not end"),
    ],
    ids=[
        "a row of empty cells",
        "a cell of many values",
        "formats beside the rows",
        "a long cell",
        "a long text between rows",
        "a cell far away",
        "a deep sheet",
        "deep styles",
        "a long comment",
        "a long attribute",
        "styles",
        "defined names",
        "sheets in the list of sheets",
        "styles of many bytes",
        "shared strings",
        "junk among shared strings",
        "pieces of a shared string",
        "a long shared string",
        "parts",
        "another packing",
        "lying sizes",
        "a billion laughs in the sheet",
        "a billion laughs in the shared strings",
        "a billion laughs in the styles",
        "commas",
        "a CSV cell without an end",
        "a CSV row of many cells",
        "a quote that nobody closes",
        "a CSV row of many lines",
    ],
)
def test_bomb_is_refused_and_told_its_bound(bomb: Callable[[], bytes], where: str, message: str) -> None:
    assert fault_of(bomb()) == (where, message)


def test_rows_are_counted() -> None:
    faults = Faults()
    assert sum(1 for _ in within_bounds(repeat([], MOST_ROWS + 10), faults)) == MOST_ROWS
    assert [fault.field for fault in faults] == [f"row {MOST_ROWS + 1}"]


def test_characters_are_counted_in_every_cell_that_has_them() -> None:
    faults = Faults()
    text = "x" * 1_000_000
    assert sum(1 for _ in within_bounds(repeat([text], 200), faults)) * len(text) == MOST_CHARACTERS
    assert [fault.message for fault in faults] == ["is more text than is taken in one file"]


def test_rows_of_a_long_sheet_are_no_formats_beside_its_rows() -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 110_001))
    shape = Shape("sheet 1")
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    shape.read(io.BytesIO(f"{head}{rows}</sheetData></worksheet>".encode()))
    assert (shape.last_row, shape.last_column) == (110_000, 1)


def test_workbook_within_every_bound_is_read_however_far_its_last_cell_is() -> None:
    faults = Faults()
    rows = rows_of(long_read(), faults)
    assert [len(next(rows)), len(next(rows))] == [10, 10]
    assert faults == []
