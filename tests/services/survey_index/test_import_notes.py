"""An import and its preview say which rows are no respondents, and how U8 and U9 were read."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM, SLUGS, Running, all_answered, sheet
from tests.services.survey_index.service.workbooks import workbook
from tests.services.tickets.conftest import faults, refusal

OFFICER = staff_header("officer")
DAY = {"answered_on": "2026-03-02"}
SUM = f"Jumlah,{','.join(['240'] * 9)}\n"
FILE = RESPONDENTS_72.read_text() + SUM + f"NRR rahasia,{','.join(['3.33'] * 9)}\n"
PASSED = [{"row": 74, "why": "Jumlah"}, {"row": 75, "why": "NRR"}]
POSITIONS = sheet([dict.fromkeys(SKM.by_position, 3)], tuple(SKM.by_position))


async def send(http: httpx.AsyncClient, verb: str, content: bytes | str, **query: Any) -> httpx.Response:
    path = f"/v1/surveys/s/responses:{verb}"
    return await http.post(path, headers=OFFICER, content=content, params={**DAY, **query})


@pytest.mark.parametrize("blank", ["", (" " * 600 + "\n") * 2_000], ids=["read here", "read in a process"])
async def test_import_preview_and_repetition_tell_the_rows_that_are_passed_over(
    blank: str, running: Running, http: httpx.AsyncClient
) -> None:
    content = FILE + blank
    for verb in ("preview", "import", "import"):
        found = (await send(http, verb, content)).json()
        assert (found["rows"], found["passed_over"], found["passed_over_count"]) == (72, PASSED, 2)
        assert "rahasia" not in str(found)
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]
    assert found["repeated"] is True


async def test_recap_as_a_workbook_is_imported(running: Running, http: httpx.AsyncClient) -> None:
    rows: list[list[Any]] = [["respondent", *SLUGS], ["R1", *[4] * 9], ["Jumlah", *["=SUM(B2:B2)"] * 9]]
    found = (await send(http, "import", workbook(rows, lambda sheet: sheet.merge_cells("B3:C3")))).json()
    assert (found["rows"], found["passed_over"]) == (1, [{"row": 3, "why": "Jumlah"}])


async def test_file_that_says_nothing_amiss_is_told_as_such(running: Running, http: httpx.AsyncClient) -> None:
    found = (await send(http, "preview", RESPONDENTS_72.read_bytes())).json()
    assert (found["passed_over"], found["passed_over_count"], found["positions"]) == ([], 0, None)


async def test_row_that_says_not_what_it_is_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    content = RESPONDENTS_72.read_text() + SUM.replace("Jumlah", "")
    assert faults(await send(http, "import", content)) == ["row 74, column respondent"]


async def test_places_of_u8_and_u9_are_told_unless_they_are_mapped(running: Running, http: httpx.AsyncClient) -> None:
    mapped = await send(http, "preview", POSITIONS, mapping="U8:pengaduan,U9:sarana")
    assert mapped.json()["positions"] is None
    for verb in ("preview", "import", "import"):
        assert (await send(http, verb, POSITIONS)).json()["positions"] == {"U8": "sarana", "U9": "pengaduan"}


async def test_answers_of_an_app_are_named_by_code_or_place_alone(running: Running, http: httpx.AsyncClient) -> None:
    await send(http, "import", POSITIONS)
    path = "/v1/surveys/s/responses"
    for name, taken in (("U8", True), ("sarana", True), ("Sarana dan prasarana", False), ("8. Sarana", False)):
        answer = await http.post(path, headers=OFFICER, json={"once": name, "answers": {name: 3}})
        assert answer.is_success is taken, name


async def test_file_that_was_mapped_before_a_name_was_known_is_the_same_file(
    running: Running, http: httpx.AsyncClient
) -> None:
    content = sheet([all_answered(3)]).replace("respondent", "rid")
    first = (await send(http, "import", content)).json()
    async with running.service.db.transaction() as session:
        await session.execute(text("UPDATE imports SET mapping = 'RID:respondent,' || mapping"))
    for mapping in ("rid:respondent", ""):
        again = (await send(http, "import", content, mapping=mapping)).json()
        assert (again["repeated"], again["import_id"]) == (True, first["import_id"])
    other = await send(http, "import", content, mapping="rid:-", ignore_others="true")
    refusal(other, 409, "imported_otherwise")
