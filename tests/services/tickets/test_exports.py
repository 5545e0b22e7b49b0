"""Lists of tickets as files: the same tickets as the list has, and no cell that a spreadsheet would calculate."""

import csv
import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from services.tickets.service import exports
from tests.services.tickets.conftest import Running, faults
from tests.services.tickets.test_list import OFFICER, listed
from tests.services.tickets.test_units import of_units

FORMULA = '=HYPERLINK("https://jahat.example","Klik")'


async def exported(http: httpx.AsyncClient, **query: Any) -> httpx.Response:
    answer = await http.get("/v1/tickets:export", headers=OFFICER, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def sheet_of(http: httpx.AsyncClient) -> Any:
    """The sheet of the workbook, as another program reads it."""
    return load_workbook(io.BytesIO((await exported(http, format="xlsx")).content)).active


async def test_export_has_what_the_list_has_in_its_order(
    running: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_PAGE", 2)
    for body in ("Insentif belum cair.", "Gaji di bawah UMR.", "Insentif belum masuk.", "Kartu kuning"):
        await running.bring(body=body)
    answer = await exported(http)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="tickets.csv"'
    assert answer.headers["cache-control"] == "no-store"
    items = (await http.get("/v1/tickets", headers=OFFICER)).json()["items"]
    assert len(items) == 4
    for row, item in zip(table(answer), items, strict=True):
        assert row.keys() <= item.keys()
        assert row == {name: "" if item[name] is None else str(item[name]) for name in row}
    assert len(table(await exported(http, topic="insentif"))) == len(await listed(http, topic="insentif")) == 2
    assert table(await exported(http, sort="oldest")) == table(answer)[::-1]


async def test_export_as_a_workbook_has_moments_as_moments(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(subject="Insentif")
    sheet = await sheet_of(http)
    head, row = ([cell.value for cell in cells] for cells in sheet.iter_rows())
    told = dict(zip(head, row, strict=True))
    assert (told["subject"], told["escalation_level"], told["resolved_at"]) == ("Insentif", 0, None)
    assert told["opened_at"].isoformat() == "2026-03-13T09:00:00"
    assert told["resolution_due_at"].isoformat() == "2026-03-20T23:59:59"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@"])
async def test_subject_that_a_spreadsheet_would_calculate_is_text(
    running: Running, http: httpx.AsyncClient, begins: str
) -> None:
    subject = begins + FORMULA.removeprefix("=")
    await running.bring(subject=subject)
    [row] = table(await exported(http))
    assert row["subject"] == f"'{subject}"
    sheet = await sheet_of(http)
    [cell] = [cell for cell in sheet[2] if cell.value == subject]
    assert (cell.data_type, cell.hyperlink) == ("s", None)


async def test_export_of_an_empty_list_has_its_columns(running: Running, http: httpx.AsyncClient) -> None:
    answer = await exported(http)
    assert answer.content.decode("utf-8-sig").startswith("tracking_code,status,channel,")
    assert table(answer) == []
    sheet = await sheet_of(http)
    assert sheet.max_row == 1


async def test_export_of_more_than_a_file_holds_is_refused_with_a_way_on(
    running: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_PAGE", 1)
    monkeypatch.setattr(exports, "MOST", 2)
    for _ in range(2):
        await running.bring()
    assert len(table(await exported(http))) == 2
    await running.bring()
    assert faults(await http.get("/v1/tickets:export", headers=OFFICER)) == ["opened_from"]


async def test_export_has_the_cases_of_the_readers_units_alone(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(body="Insentif belum cair.")
    await running.bring(body="Gaji di bawah UMR.")
    own = of_units("agent", "pengawas")
    answer = await http.get("/v1/tickets:export", headers=own)
    assert [row["unit"] for row in table(answer)] == ["pengawas"]
