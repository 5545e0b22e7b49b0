"""Days in a workbook: as dates of their own kind, and as the bare numbers that they are counted by."""

from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from services.survey_index.domain.sheet.rules import Answered, Rules
from services.survey_index.service.file_reading import Order, read_file
from tests.services.survey_index.service.workbooks import SKM, saved


def book_of(days: list[Any], epoch: datetime) -> bytes:
    """A workbook that counts days from `epoch`, with these in its column of days."""
    book = Workbook()
    book.epoch = epoch
    sheet = book.worksheets[0]
    sheet.append(["respondent", "date", *SKM.codes])
    for number, day in enumerate(days, start=1):
        sheet.append([f"R{number}", day, *[3] * 9])
    return saved(book)


@pytest.mark.parametrize(
    ("epoch", "serial"), [(CALENDAR_WINDOWS_1900, 46_296), (CALENDAR_MAC_1904, 44_834)], ids=["1900", "1904"]
)
def test_serial_and_date_of_one_day_are_that_day_from_wherever_the_workbook_counts(
    epoch: datetime, serial: int
) -> None:
    content = book_of([date(2026, 10, 1), serial, serial + 0.75, str(serial)], epoch)
    kept: list[Answered] = []
    summary = read_file(content, Order(Rules(SKM, today=date(2026, 11, 30))), kept.extend)
    assert summary.faults == []
    assert [row.day for row in kept] == [date(2026, 10, 1)] * 4
