"""A workbook as rows: what a person sees on the screen is what counts, and anything else is a fault with its place."""

import re
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.survey_index.domain.profile import code_lists
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import MOST_FAULTS, Faults, Rules
from services.survey_index.service.workbook import xlsx_rows
from tests.services.survey_index.service.workbooks import (
    GOOD,
    HEADER,
    SKM,
    Change,
    in_sheet,
    only_fault,
    places,
    read,
    rewritten,
    rows,
    saved,
    with_shared_strings,
    workbook,
)

# -- what is good -----------------------------------------------------------------------------------------------


def test_workbook_gives_the_rows_of_its_sheet_as_texts() -> None:
    assert rows(workbook()) == [
        HEADER,
        ["R1", "1", "2", "3", "4", "1", "2", "3", "4", "1"],
        ["R2", "4", "3", "", "1", "4", "3", "2", "1", "4"],
    ]


def test_its_rows_are_read_as_those_of_a_csv_file_are() -> None:
    faults = Faults()
    rules = Rules(SKM, code_lists()["s002_2020"], needs_days=False)
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


def test_value_beyond_the_header_stays_and_is_refused_by_the_reader_of_rows() -> None:
    assert rows(workbook([["respondent", "U1"], ["R1", 1, None, "?"], ["R2", 2]]))[1:] == [
        ["R1", "1", "", "?"],
        ["R2", "2"],
    ]


def test_formula_counts_by_the_value_that_the_spreadsheet_saved() -> None:
    formula = workbook(GOOD, lambda sheet: sheet.__setitem__("B2", "=1+2"))
    calculated = in_sheet(formula, "<f>1+2</f><v />", "<f>1+2</f><v>3</v>")
    assert rows(calculated)[1][1] == "3"


def test_formula_may_come_to_an_empty_text() -> None:
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


def test_wrong_dimension_in_the_file_hides_no_cells() -> None:
    content = workbook()
    assert rows(in_sheet(content, '<dimension ref="A1:J3" />', '<dimension ref="A1" />')) == rows(content)


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


def test_formula_that_came_to_an_error_is_an_error() -> None:
    content = workbook(GOOD, error_by_formula)
    content = in_sheet(content, '<c r="E3"><f>1/0</f><v />', '<c r="E3" t="e"><f>1/0</f><v>#DIV/0!</v>')
    assert places(content) == ["row 3, column biaya"]


@pytest.mark.filterwarnings("ignore:Cell B2 is marked as a date")
def test_number_that_is_no_day_is_an_error() -> None:
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
    rules = Rules(SKM, code_lists()["s002_2020"], needs_days=False)
    assert list(read_rows(xlsx_rows(workbook(GOOD, change), faults), rules, faults)) == []
    assert faults


def test_rows_out_of_order_would_be_lost_by_the_reader_and_are_a_fault() -> None:
    content = rewritten(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r'(<row r="2".*?</row>)(<row r="3".*?</row>)', r"\2\1", text),
    )
    assert places(content) == ["row 2"]


def test_value_in_the_last_column_of_the_sheet_does_not_make_every_row_as_wide() -> None:
    assert places(workbook(GOOD, lambda sheet: sheet.__setitem__("XFD3", 1))) == ["column XFD"]
