"""Recaps have sums, averages and signatures below the data, merged and as formulas: in these rows none is a fault."""

from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.survey_index.domain.sheet.rules import Rules
from services.survey_index.service.file_reading import Order, Summary, read_file
from tests.services.survey_index.service.workbooks import HEADER, SKM, Change, places, read, workbook

PEOPLE: Sequence[Sequence[Any]] = (
    ["No", "Nama", *SKM.codes],
    [1, "A", *[3] * 9],
    [2, "B", *[4] * 9],
)


def summary(rows: Sequence[Sequence[Any]], *changes: Change) -> Summary:
    return read_file(workbook(rows, *changes), Order(Rules(SKM, needs_days=False, ignore_others=True)), lambda _: None)


def passed_over(rows: Sequence[Sequence[Any]], *changes: Change) -> list[tuple[int, str]]:
    """The rows that are passed over of a file without faults, and why."""
    found = summary(rows, *changes)
    assert (found.faults, found.rows) == ([], 2)
    return [(passed.row, passed.why) for passed in found.passed_over]


def faults(rows: Sequence[Sequence[Any]], *changes: Change) -> list[str]:
    found = summary(rows, *changes)
    return [f"{fault.field} {fault.message}" for fault in found.faults]


def with_footers(sheet: Worksheet) -> None:
    """As a recap ends: rows whose first two cells are one, their figures never calculated; and a signature."""
    for row, label, formula in (
        (4, "Jumlah Nilai", "SUM"),
        (5, "NRR per unsur", "AVERAGE"),
        (6, "NRR tertimbang", ""),
    ):
        sheet.cell(row, 1, label)
        sheet.merge_cells(f"A{row}:B{row}")
        for column in "CDEFGHIJK":
            sheet[f"{column}{row}"] = f"={formula}({column}2:{column}3)"
    sheet["A7"] = "IKM"
    sheet["C7"] = "#DIV/0!"
    sheet.merge_cells("C7:K7")
    sheet["I9"] = "Kudus, 3 Januari 2021"
    sheet.merge_cells("I9:K9")
    sheet["I10"] = "Kepala Dinas"
    sheet["I13"] = "Drs. Budi"
    sheet["I14"] = "NIP. 19750101 200003 1 001"
    sheet.merge_cells("I14:K14")


def test_recap_is_read_with_all_that_stands_below_it() -> None:
    assert passed_over(PEOPLE, with_footers) == [
        (4, "Jumlah"),
        (5, "NRR"),
        (6, "NRR"),
        (7, "IKM"),
        (9, "text where answers stand"),
        (10, "Kepala"),
        (13, "text where answers stand"),
        (14, "NIP"),
    ]


def test_signature_may_stand_to_the_right_of_the_header() -> None:
    def sign(sheet: Worksheet) -> None:
        sheet["N6"] = "Mengetahui,"
        sheet["N7"] = "Drs. Budi"
        sheet.merge_cells("N7:P7")

    assert passed_over(PEOPLE, sign) == [(6, "Mengetahui"), (7, "no answers")]


def test_averages_of_each_page_may_stand_between_respondents() -> None:
    rows = [PEOPLE[0], PEOPLE[1], ["Rata-rata", None, *["=AVERAGE(C2)"] * 9], PEOPLE[2]]
    assert passed_over(rows) == [(3, "Rata-rata")]


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("D3", "=1+1", "is a formula without its value"),
        ("D3", "#N/A", "is an error of the spreadsheet"),
        ("D3", True, "is a truth value"),
        ("B3", "#N/A", "is an error of the spreadsheet"),
    ],
)
def test_cell_of_a_respondent_stays_a_fault_beside_footers(place: str, value: Any, message: str) -> None:
    column = "Nama" if place == "B3" else "prosedur"
    found = faults(PEOPLE, with_footers, lambda sheet: sheet.__setitem__(place, value))
    assert found == [f"row 3, column {column} {message}"]


def test_number_of_a_respondent_that_was_never_calculated_is_one_fault_and_no_footer() -> None:
    rows = [PEOPLE[0], ["=1", "A", *[3] * 9], ["=2", "B", *[3] * 9], ["=3", "C", *[None] * 8, "x"]]
    assert faults(rows)[:3] == [f"row {row}, column No is a formula without its value" for row in (2, 3, 4)]
    assert summary(rows).passed_over == []


def test_figures_that_nobody_calculated_and_named_are_refused() -> None:
    found = faults([*PEOPLE, [None, None, *["=SUM(C2:C3)"] * 9]])
    assert found[0] == "row 4, column persyaratan is a formula without its value"
    assert found[-1] == "row 4, column No is empty, and nothing says what the row is"


@pytest.mark.parametrize(
    ("area", "place"),
    [
        ("D3:E3", "row 3, column D"),
        ("D2:D3", "row 2, column D"),
        ("C1:D1", "row 1, column C"),
    ],
)
def test_merged_cells_of_respondents_and_of_the_header_stay_faults(area: str, place: str) -> None:
    found = faults(PEOPLE, with_footers, lambda sheet: sheet.merge_cells(area))
    assert found == [f"{place} is merged ({area})"]


def test_area_that_begins_in_a_footer_is_a_fault_of_the_respondent_below() -> None:
    rows = [PEOPLE[0], PEOPLE[1], ["Jumlah", None, *[3] * 9], PEOPLE[2]]
    assert faults(rows, lambda sheet: sheet.merge_cells("C3:C4")) == ["row 3, column C is merged (C3:C4)"]


def test_hidden_footer_stays_a_fault() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[5].hidden = True

    assert faults(PEOPLE, with_footers, hide)[0].startswith("row 5 is hidden")


def test_formula_without_a_value_is_found_below_hundreds_in_footers() -> None:
    below = [["Jumlah", None, *["=SUM(C2)"] * 9]] * 30
    found = faults([*PEOPLE, *below, [3, "C", "=1+1", *[3] * 8]])
    assert found == [f"row {len(PEOPLE) + 31}, column persyaratan is a formula without its value"]


def test_workbook_with_formulas_without_end_is_refused() -> None:
    rows: list[list[Any]] = [[*HEADER], *([[*["=1"] * 10]] * 1_001)]
    assert places(workbook(rows)) == ["file"]


def test_doubtful_cell_says_nothing_and_is_not_empty() -> None:
    rows, _ = read(workbook([["respondent", "U1"], ["Jumlah", "=1"]]))
    assert rows[1][1].strip() not in ("", "1")
