"""A workbook as rows: what a person sees on the screen is what counts, and anything else is a fault with its place."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.profile import code_lists
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import MOST_FAULTS, Faults, Rules
from services.survey_index.service.workbook import xlsx_rows

SKM = builtin()["skm14_2017"]
HEADER = ["respondent", *SKM.codes]
GOOD: Sequence[Sequence[Any]] = (HEADER, ["R1", 1, 2, 3, 4, 1, 2, 3, 4, 1], ["R2", 4, 3, None, 1, 4, 3, 2, 1, 4])
Change = Callable[[Worksheet], object]


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(rows: Sequence[Sequence[Any]] = GOOD, *changes: Change) -> bytes:
    """A workbook of one sheet with these rows, changed."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for change in changes:
        change(sheet)
    return saved(book)


def rewritten(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The same workbook, one of its parts written otherwise."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if name == part else text)
    return file.getvalue()


def in_sheet(content: bytes, old: str, new: str) -> bytes:
    """The same workbook, a piece of its sheet's XML replaced."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return rewritten(content, "xl/worksheets/sheet1.xml", change)


def read(content: bytes) -> tuple[list[list[str]], Faults]:
    faults = Faults()
    return [list(row) for row in xlsx_rows(content, faults)], faults


def rows(content: bytes) -> list[list[str]]:
    """The rows of a workbook without faults."""
    read_, faults = read(content)
    assert faults == []
    return read_


def places(content: bytes) -> list[str]:
    """Where the faults are."""
    return [fault.field for fault in read(content)[1]]


def only_fault(content: bytes) -> tuple[str, str]:
    """The one fault of a file that cannot be read: its message, and what was expected."""
    read_, faults = read(content)
    assert (read_, [fault.field for fault in faults]) == ([], ["file"])
    return faults[0].message, faults[0].expected


# -- what is good -----------------------------------------------------------------------------------------------


def test_a_workbook_gives_the_rows_of_its_sheet_as_texts() -> None:
    assert rows(workbook()) == [
        HEADER,
        ["R1", "1", "2", "3", "4", "1", "2", "3", "4", "1"],
        ["R2", "4", "3", "", "1", "4", "3", "2", "1", "4"],
    ]


def test_its_rows_are_read_as_those_of_a_csv_file_are() -> None:
    faults = Faults()
    rules = Rules(SKM, code_lists()["s002_2020"])
    batches = list(read_rows(xlsx_rows(workbook(), faults), rules, faults))
    assert faults == []
    assert [(row.respondent, row.answers[2]) for row in batches[0]] == [("R1", 3), ("R2", None)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4, "4"),
        (4.0, "4"),
        (3.5, "3.5"),
        (-1, "-1"),
        ("3,5", "3,5"),
        (" 4 ", " 4 "),
        ("007", "007"),
        (3201011203450001, "3201011203450001"),
        (date(2026, 3, 31), "2026-03-31"),
        (datetime.fromisoformat("2026-03-31"), "2026-03-31"),
        (datetime.fromisoformat("2026-03-31T10:20"), "2026-03-31T10:20:00"),
        (time(10, 20), "10:20:00"),
        ("=1+1", None),
        ("Ibu & Bapak <b>\nbaris dua", "Ibu & Bapak <b>\nbaris dua"),
        ("#N/A?", "#N/A?"),
    ],
    ids=str,
)
def test_what_a_cell_says(value: Any, text: str | None) -> None:
    def put(sheet: Worksheet) -> None:
        sheet["B2"] = value
        if text is None:  # typed by a person as text, not as a formula
            sheet["B2"].data_type = "s"

    assert rows(workbook(GOOD, put))[1][1] == (value if text is None else text)


@given(st.lists(st.lists(st.none() | st.integers(1, 4), min_size=3, max_size=3), min_size=1, max_size=8))
@settings(max_examples=25)
def test_every_sheet_of_answers_comes_back_as_it_was(values: list[list[int | None]]) -> None:
    told: list[list[Any]] = [["A", "B", "C"], *values]
    expected = [["" if value is None else str(value) for value in row] for row in told]
    while not any(expected[-1]):
        expected.pop()
    assert rows(workbook(told)) == [row if any(row) else [""] * 3 for row in expected]


def test_empty_rows_and_columns_at_the_end_are_left_out_and_those_between_keep_their_number() -> None:
    told: list[list[Any]] = [["respondent", "U1", ""], ["R1", 1, None], [], ["R2", 2, ""], ["", "", ""]]
    assert rows(workbook(told)) == [["respondent", "U1"], ["R1", "1"], ["", ""], ["R2", "2"]]


def test_formats_far_away_are_no_cells() -> None:
    def coloured(sheet: Worksheet) -> None:
        sheet["XFD9"].number_format = "0.00"
        sheet.column_dimensions["Z"].hidden = True
        sheet.row_dimensions[40].hidden = True
        sheet.merge_cells("T30:V31")

    assert rows(workbook(GOOD, coloured)) == rows(workbook())


def test_a_value_beyond_the_header_stays_and_is_refused_by_the_reader_of_rows() -> None:
    assert rows(workbook([["respondent", "U1"], ["R1", 1, None, "?"], ["R2", 2]]))[1:] == [
        ["R1", "1", "", "?"],
        ["R2", "2"],
    ]


def test_a_formula_counts_by_the_value_that_the_spreadsheet_saved() -> None:
    formula = workbook(GOOD, lambda sheet: sheet.__setitem__("B2", "=1+2"))
    calculated = in_sheet(formula, "<f>1+2</f><v />", "<f>1+2</f><v>3</v>")
    assert rows(calculated)[1][1] == "3"


def test_a_formula_may_come_to_an_empty_text() -> None:
    formula = workbook(GOOD, lambda sheet: sheet.__setitem__("B2", "=T(1)"))
    calculated = in_sheet(formula, '<c r="B2"><f>T(1)</f><v />', '<c r="B2" t="str"><f>T(1)</f><v></v>')
    assert rows(calculated)[1][1] == ""


def test_hidden_sheets_and_empty_ones_say_nothing() -> None:
    book = Workbook()
    book.worksheets[0].title = "Sheet1"
    book.create_sheet("notes", 0).append(["only notes"])
    book["notes"].sheet_state = "hidden"
    book.create_sheet("Sheet3")
    for row in GOOD:
        book["Sheet1"].append(list(row))
    assert rows(saved(book)) == rows(workbook())


def test_a_wrong_dimension_in_the_file_hides_no_cells() -> None:
    content = workbook()
    assert rows(in_sheet(content, '<dimension ref="A1:J3" />', '<dimension ref="A1" />')) == rows(content)


def with_shared_strings(rows: Sequence[Sequence[Any]] = GOOD) -> bytes:
    """As Excel writes it: texts stand in a part of their own."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def test_texts_may_stand_in_the_cells_or_be_shared() -> None:
    assert rows(with_shared_strings()) == rows(workbook())


# -- what nobody sees, or sees otherwise ------------------------------------------------------------------------


def hide_row_3(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True


def hide_columns_c_to_e(sheet: Worksheet) -> None:
    sheet.column_dimensions.group("C", "E", hidden=True)


def merge(sheet: Worksheet) -> None:
    sheet.merge_cells("C3:E3")


def truth(sheet: Worksheet) -> None:
    sheet["D2"] = True


def error(sheet: Worksheet) -> None:
    sheet["D2"] = "#N/A"


def error_by_formula(sheet: Worksheet) -> None:
    sheet["E3"] = "=1/0"


def formula_in_header(sheet: Worksheet) -> None:
    sheet["C1"] = "=A1"


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        (hide_row_3, ["row 3"], "is hidden"),
        (hide_columns_c_to_e, ["column C", "column D", "column E"], "is hidden"),
        (merge, ["row 3, column C"], "is merged (C3:E3)"),
        (truth, ["row 2, column waktu"], "is a truth value"),
        (error, ["row 2, column waktu"], "is an error of the spreadsheet"),
        (error_by_formula, ["row 3, column biaya"], "is a formula without its value"),
        (formula_in_header, ["row 1, column C"], "is a formula without its value"),
    ],
)
def test_what_is_not_plain_to_see_is_refused_with_its_place(change: Change, where: list[str], message: str) -> None:
    faults = read(workbook(GOOD, change))[1]
    assert [fault.field for fault in faults] == where
    assert {fault.message for fault in faults} == {message}
    assert all(fault.expected for fault in faults)


def test_a_formula_that_came_to_an_error_is_an_error() -> None:
    content = workbook(GOOD, error_by_formula)
    content = in_sheet(content, '<c r="E3"><f>1/0</f><v />', '<c r="E3" t="e"><f>1/0</f><v>#DIV/0!</v>')
    assert places(content) == ["row 3, column biaya"]


@pytest.mark.filterwarnings("ignore:Cell B2 is marked as a date")
def test_a_number_that_is_no_day_is_an_error() -> None:
    def beyond_the_calendar(sheet: Worksheet) -> None:
        sheet["B2"] = 99_999_999
        sheet["B2"].number_format = "yyyy-mm-dd"

    assert places(workbook(GOOD, beyond_the_calendar)) == ["row 2, column persyaratan"]


def test_two_visible_sheets_with_cells_are_one_too_many() -> None:
    book = Workbook()
    book.worksheets[0].append(HEADER)
    book.create_sheet("2025").append(["respondent"])
    assert places(saved(book)) == ["sheet 2"]


def test_no_visible_cell_at_all() -> None:
    assert only_fault(workbook([]))[0] == "has no visible sheet with cells in it"


def test_all_faults_are_named_up_to_fifty() -> None:
    def spoil(sheet: Worksheet) -> None:
        for number in range(2, 80):
            sheet.cell(number, 1, f"R{number}")
            sheet.cell(number, 2, number % 2 == 0)
            sheet.cell(number, 3, "=1+1")

    found = places(workbook([["respondent", "U1", "U2"]], spoil))
    assert len(found) == MOST_FAULTS
    assert found[:3] == ["row 2, column U1", "row 2, column U2", "row 3, column U1"]


@pytest.mark.parametrize("change", [hide_row_3, hide_columns_c_to_e, merge, truth, error, error_by_formula])
def test_nothing_of_a_file_with_faults_counts(change: Change) -> None:
    faults = Faults()
    rules = Rules(SKM, code_lists()["s002_2020"])
    assert list(read_rows(xlsx_rows(workbook(GOOD, change), faults), rules, faults)) == []
    assert faults


def test_rows_out_of_order_would_be_lost_by_the_reader_and_are_a_fault() -> None:
    content = rewritten(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r'(<row r="2".*?</row>)(<row r="3".*?</row>)', r"\2\1", text),
    )
    assert places(content) == ["row 2"]


def test_a_value_in_the_last_column_of_the_sheet_does_not_make_every_row_as_wide() -> None:
    assert places(workbook(GOOD, lambda sheet: sheet.__setitem__("XFD3", 1))) == ["column XFD"]


# -- what is no workbook ----------------------------------------------------------------------------------------


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "."), text)
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no workbook"),
        (b"respondent,U1\nR1,1\n", "is no workbook"),
        (workbook()[:-200], "is no workbook"),
        (OLE, "is a workbook of the old kind (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        (zipped(notes__txt="not a workbook"), "is an archive, but no workbook"),
        (
            rewritten(workbook(), "[Content_Types].xml", lambda text: text.replace("sheet.main+xml", "other+xml")),
            "is an archive, but no workbook",
        ),
    ],
    ids=["nothing", "a CSV file", "half a file", "old .xls", "a password", "another archive", "another document"],
)
def test_what_is_no_workbook_is_one_fault_of_the_file(content: bytes, message: str) -> None:
    found, expected = only_fault(content)
    assert found == message
    assert ".xlsx" in expected


def test_a_bomb_is_refused_by_its_table_of_contents() -> None:
    """It is not unpacked to find out: its parts, if read, would be no XML and another fault."""
    zeros = "\0" * 30_000_000
    assert "larger" in only_fault(rewritten(workbook(), "xl/styles.xml", lambda _: zeros))[0]


def test_many_parts_that_are_large_together_are_refused() -> None:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(21):
            archive.writestr(f"xl/media/{number}.txt", "\0" * 9_900_000)
    assert "larger" in only_fault(file.getvalue())[0]


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/core.xml"]
)
def test_entities_are_refused_in_any_part(part: str) -> None:
    def attacked(text: str) -> str:
        head, declared, rest = text.rpartition("?>")
        return head + declared + ENTITIES + rest

    assert only_fault(rewritten(with_shared_strings(), part, attacked))[0] == "declares XML entities"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sheetData>", "<sheetData"),
        ('r="B2"', 'r="ZZZZZZ2"'),
        ('r="B2"', 'r="B2B"'),
        ('<row r="2"', '<row r="999999999"'),
        ('<row r="2"', '<row r="two"'),
        ('r="A2" t="s"><v>10</v>', 'r="A2" t="s"><v>999</v>'),
        ("<v>3</v>", "<v>three</v>"),
    ],
)
def test_a_damaged_sheet_is_a_fault_and_no_exception(old: str, new: str) -> None:
    damaged = in_sheet(with_shared_strings(), old, new)
    faults = Faults()
    assert list(read_rows(xlsx_rows(damaged, faults), Rules(SKM, code_lists()["s002_2020"]), faults)) == []
    assert [fault.field for fault in faults] == ["file"]


@given(st.data())
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore")
def test_no_damage_to_any_part_is_an_exception(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(with_shared_strings())) as archive:
        part = data.draw(st.sampled_from(sorted(archive.namelist())))
        text = archive.read(part).decode()
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(len(text), first + 20)))
    instead = data.draw(st.text(st.sampled_from('<>/="&;[]0123456789ABrst'), max_size=10))
    read(rewritten(with_shared_strings(), part, lambda _: text[:first] + instead + text[last:]))


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_no_bytes_at_all_are_an_exception(noise: bytes) -> None:
    whole = with_shared_strings()
    for content in (noise, b"PK\x03\x04" + noise, whole[: len(noise) * 20] + noise, whole[:-22] + noise + whole[-22:]):
        read(content)
