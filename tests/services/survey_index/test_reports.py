"""The report over HTTP, in each of its forms, with everything that the survey knows."""

import io

import httpx
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from shared.caller import ROLES
from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, Running, all_answered, sheet
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, send_answers
from tests.services.tickets.conftest import faults, refusal

FORMS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def read(http: httpx.AsyncClient, form: str, survey: str = "s", **query: str) -> httpx.Response:
    answer = await http.get(f"/v1/surveys/{survey}/report.{form}", headers=OFFICER, params=query, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, FORMS[form]), answer.text
    return answer


async def texts(http: httpx.AsyncClient, **query: str) -> list[str]:
    """What the page, the document and the workbook say."""
    page = (await read(http, "html", **query)).text
    pages = PdfReader(io.BytesIO((await read(http, "pdf", **query)).content)).pages
    book = load_workbook(io.BytesIO((await read(http, "xlsx", **query)).content), data_only=True)
    cells = (str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None)
    return [page, " ".join(part.extract_text() for part in pages), " ".join(cells)]


async def test_report_of_the_72_has_their_figure_in_every_form(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, title="Kartu AK.1", unit="Disnaker", population=100)
    await bring(http, RESPONDENTS_72.read_bytes())
    page, document, book = await texts(http)
    for text in (page, document):
        assert "87,73" in text
        assert "Kartu AK.1" in text
        assert "Penanganan pengaduan" in text
    assert "87.73" in book
    assert (await read(http, "pdf")).headers["content-disposition"] == 'inline; filename="skm-s.pdf"'


async def test_suggestions_plan_and_checks_are_in_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    said = await send_answers(http, "satu", comment="Tambah loket pagi.", comment_about="waktu", nps=10)
    plan = {"element": "waktu", "action": "Loket kedua", "responsible": "Tata usaha", "due_on": "2026-09-30"}
    await http.post("/v1/surveys/s/follow-ups", headers=OFFICER, json=plan)
    assert said.status_code == 201
    for number in range(4):
        await send_answers(http, f"k{number}")
    checks = (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()
    (name,) = (item["response_id"] for item in checks["items"])
    await http.post(f"/v1/surveys/s/back-checks/{name}", headers=OFFICER, json={"result": "confirmed"})
    page, document, book = await texts(http)
    for text in (page, document, book):
        assert "Tambah loket pagi." in text
        assert "Loket kedua" in text
    for text in (page, document):
        assert "1 sesuai, 0 berbeda" in " ".join(text.split())
        assert "NPS" in text


async def test_survey_without_answers_has_a_report_that_says_so(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    page, document, book = await texts(http)
    for text in (page, document):
        assert "belum ada jawaban" in text
    assert "#DIV/0!" not in book


async def test_who_answered_nothing_is_in_no_table(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    rows = [all_answered(4)] * 5 + [{}] * 3 + [{"nps": 9}] * 2
    await bring(http, sheet(rows, extra=["nps"]))
    assert (await get_figure(http))["n"] == 5
    page = (await read(http, "html")).text
    assert "dari 5 responden" in page
    assert "NPS dari 2 jawaban" in page


async def test_report_names_nobody_by_his_number(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    number = "3174012345670001"
    await send_answers(http, "satu", comment=f"Saya {number}", respondent=number)
    assert not any(number in text for text in await texts(http))


async def test_nps_is_of_everybody_who_gave_a_score_under_either_policy(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    await send_answers(http, "satu", answers=all_answered(4), nps=10)
    await send_answers(http, "dua", answers={"waktu": 1}, nps=0)
    for missing in ("per_question", "complete_rows"):
        page = (await read(http, "html", missing=missing)).text
        assert "NPS dari 2 jawaban adalah 0,00 poin" in page
        assert (await get_figure(http, "nps"))["score"] == 0


@pytest.mark.parametrize(
    ("query", "figure"),
    [
        ({"from": "2026-03-02"}, "25,00"),
        ({"to": "2026-03-01"}, "100,00"),
        ({"unit": "Setjen"}, "100,00"),
        ({}, "62,50"),
    ],
)
async def test_part_may_be_reported(
    running: Running, http: httpx.AsyncClient, query: dict[str, str], figure: str
) -> None:
    await begin(http)
    await send_answers(http, "satu", answers=all_answered(4), answered_on="2026-03-01", unit="Setjen")
    await send_answers(http, "dua", answers=all_answered(1), answered_on="2026-03-02", unit="pengawas")
    assert f">{figure}<" in (await read(http, "html", **query)).text


async def test_report_of_a_channel_says_so_and_is_not_held_against_the_whole_population(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, population=40)
    await send_answers(http, "satu", answers=all_answered(4), channel="loket")
    await send_answers(http, "dua", answers=all_answered(1), channel="web")
    whole, part = (await read(http, "html")).text, (await read(http, "html", channel="loket")).text
    assert "saluran “loket”" in part
    assert "saluran" not in whole
    assert ("populasi 40" in whole, "populasi 40" in part) == (True, False)
    book = load_workbook(io.BytesIO((await read(http, "xlsx", channel="loket")).content))
    assert ("Hanya saluran", "loket") in {row[:2] for row in book["Ringkasan"].iter_rows(values_only=True)}
    asked = {"population": 40, "required": 36, "reached": 2, "enough": False}
    assert (await get_figure(http))["sample"] == asked
    assert (await get_figure(http, channel="loket"))["sample"] == {
        "population": None,
        "required": None,
        "reached": 1,
        "enough": None,
    }


async def test_who_may_read_it(running: Running, http: httpx.AsyncClient) -> None:
    for role in ROLES:
        answer = await http.get("/v1/surveys/layanan/report.html", headers=staff_header(role), timeout=60)
        assert answer.status_code == (200 if role in ("officer", "supervisor", "admin") else 403), role
    refusal(await http.get("/v1/surveys/layanan/report.html"), 401, "unauthenticated")
    refusal(await http.get("/v1/surveys/never/report.pdf", headers=OFFICER), 404, "not_found")
    assert faults(await http.get("/v1/surveys/layanan/report.doc", headers=OFFICER)) == ["form"]
    answer = await http.get("/v1/surveys/layanan/report.pdf?edition=2031", headers=OFFICER)
    assert faults(answer) == ["edition"]
