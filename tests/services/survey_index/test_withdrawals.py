"""A file can be taken back: then every figure is as if it had never come."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.repository import imports
from shared.ids import new_id
from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, Running, all_answered, sheet
from tests.services.survey_index.given import OFFICER, begin, get_figure, post, send_answers
from tests.services.tickets.conftest import faults, refusal

PROFILED = f"respondent,{','.join(SLUGS)},nps,date,unit,sex,education\n" + "".join(
    f"R{n},{','.join([str(1 + n % 4)] * 8)},{'' if n % 5 else 3},{n % 11},2026-0{1 + n % 3}-1{n % 3},{unit},{sex},\n"
    for n, unit, sex in [(n, "AB"[n % 2], "LP"[n % 2]) for n in range(30)]
)


async def bring(http: httpx.AsyncClient, content: bytes | str, survey: str = "s") -> Any:
    path = f"/v1/surveys/{survey}/responses:import?answered_on=2026-03-13"
    answer = await http.post(path, headers=OFFICER, content=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def take_back(http: httpx.AsyncClient, import_id: str, survey: str = "s") -> httpx.Response:
    return await post(http, f"/v1/surveys/{survey}/imports/{import_id}/withdraw")


async def listed(http: httpx.AsyncClient, survey: str = "s", **query: str) -> Any:
    return (await http.get(f"/v1/surveys/{survey}/imports", headers=OFFICER, params=query)).json()


async def test_file_that_is_taken_back_leaves_every_figure_as_it_was(running: Running, http: httpx.AsyncClient) -> None:
    async def counted() -> list[Any]:
        figures = [
            await get_figure(http, figure, by=by) for figure in ("skm", "nps") for by in ("unit", "month", "sex")
        ]
        return [
            figures,
            await running.rows("SELECT * FROM tallies ORDER BY survey, dimension, grain, day, unit, value"),
        ]

    await begin(http)
    await send_answers(http, "satu", unit="A", profile={"sex": "L"}, nps=9)
    await bring(http, RESPONDENTS_72.read_bytes(), "lain")
    before = await counted()
    file = await bring(http, PROFILED)
    assert await counted() != before
    answer = await take_back(http, file["import_id"])
    assert (answer.status_code, answer.json()["rows"]) == (200, 30)
    assert await counted() == before
    assert len(await running.rows("SELECT 1 FROM responses WHERE survey = 's'")) == 1


async def test_what_was_taken_back_is_on_record_and_may_come_again(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    first = await bring(http, PROFILED)
    running.clock.forward(hours=1)
    gone = (await take_back(http, first["import_id"])).json()
    assert (gone["withdrawn_by"], gone["withdrawn_at"]) == ("staff:test", "2026-03-13T03:00:00Z")
    running.clock.forward(hours=1)
    assert (await take_back(http, first["import_id"])).json() == gone
    again = await bring(http, PROFILED)
    assert (again["repeated"], again["import_id"] != first["import_id"]) == (False, True)
    assert (await bring(http, PROFILED))["repeated"] is True
    assert (await get_figure(http))["n"] == 30
    page = await listed(http, limit="1")
    assert [(file["import_id"], file["rows"], file["withdrawn_at"]) for file in page["items"]] == (
        [(again["import_id"], 30, None)]
    )
    assert (await listed(http, cursor=page["next_cursor"]))["items"] == [gone]


async def test_what_was_noted_of_its_respondents_goes_with_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    file = await bring(http, PROFILED)
    checks = (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()["items"]
    path = f"/v1/surveys/s/back-checks/{checks[0]['response_id']}"
    assert (await post(http, path, {"result": "differs"})).status_code == 200
    assert (await take_back(http, file["import_id"])).status_code == 200
    assert (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()["items"] == []


async def test_survey_that_was_closed_keeps_its_files(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    file = await bring(http, sheet([all_answered(4)]))
    await post(http, "/v1/surveys/s/close")
    refusal(await take_back(http, file["import_id"]), 410, "survey_closed")
    assert (await get_figure(http))["n"] == 1


async def test_file_of_another_survey_is_not_known_and_only_officers_may(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    file = await bring(http, sheet([all_answered(4)]))
    await begin(http, "lain")
    for survey, import_id in (("lain", file["import_id"]), ("s", str(new_id()))):
        assert faults(await take_back(http, import_id, survey), 404, "not_found") == ["import_id"]
    assert faults(await take_back(http, file["import_id"], "tiada"), 404, "not_found") == ["survey"]
    agent = staff_header("agent")
    refusal(await http.post(f"/v1/surveys/s/imports/{file['import_id']}/withdraw", headers=agent), 403, "forbidden")
    refusal(await http.get("/v1/surveys/s/imports", headers=agent), 403, "forbidden")
    assert [file["withdrawn_at"] for file in (await listed(http))["items"]] == [None]


# -- while others are at work -----------------------------------------------------------------------------------


async def test_file_that_is_taken_back_while_it_comes_again_is_counted_once_or_not_at_all(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    content = sheet([all_answered(4)])

    async def come() -> None:
        for _ in range(12):
            await bring(http, content)

    async def go() -> None:
        for _ in range(12):
            for file in (await listed(http))["items"][:2]:
                assert (await take_back(http, file["import_id"])).status_code == 200

    await asyncio.gather(come(), come(), go(), go())
    left = await running.rows("SELECT 1 FROM responses")
    assert len(left) <= 1
    assert (await get_figure(http))["n"] == len(left)


async def test_file_that_was_there_and_is_taken_back_just_then_is_imported_anew(
    running: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(http)
    content = sheet([all_answered(4)])
    first = await bring(http, content)
    find_import = imports.find_import

    async def found_after_it_was_taken_back(session: AsyncSession, survey: str, sha: str) -> Any:
        assert (await take_back(http, first["import_id"])).status_code == 200
        return await find_import(session, survey, sha)

    monkeypatch.setattr(imports, "find_import", found_after_it_was_taken_back)
    again = await bring(http, content)
    assert (again["repeated"], again["import_id"] == first["import_id"]) == (False, False)
    assert (await get_figure(http))["n"] == 1


async def test_what_is_noted_of_a_response_that_is_being_taken_back_is_refused_or_goes_with_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    file = await bring(http, PROFILED)
    checks = (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()["items"]
    notes = [
        post(http, f"/v1/surveys/s/back-checks/{check['response_id']}", {"result": "confirmed"}) for check in checks
    ]
    gone, *noted = await asyncio.gather(take_back(http, file["import_id"]), *notes)
    assert gone.status_code == 200
    assert {answer.status_code for answer in noted} <= {200, 404}
    assert await running.rows("SELECT 1 FROM back_checks") == []


async def test_files_that_come_and_go_at_once_never_wait_in_a_ring(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    days = [f"2026-0{month}-1{day}" for month in (1, 2) for day in range(8)]
    threes = ",".join("3" * 9)

    def file(number: int) -> str:
        lines = (f"{number}-{place},{threes},{day}" for place, day in enumerate(days[number % 3 :: 2]))
        return f"respondent,{','.join(SLUGS)},date\n" + "\n".join(lines) + "\n"

    async def come_and_go(number: int) -> None:
        for turn in range(4):
            done = await bring(http, file(number * 100 + turn))
            assert (await take_back(http, done["import_id"])).status_code == 200

    await asyncio.gather(*(come_and_go(number) for number in range(5)))
    assert await running.rows("SELECT 1 FROM tallies") == []


async def test_questionnaires_that_came_back_empty_leave_nothing_in_the_figures(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    await bring(http, f"respondent,{','.join(SLUGS)},unit\nR1,,,,,,,,,,Kosong\nR2,{','.join('3' * 9)},Isi\n")
    assert [group["key"] for group in (await get_figure(http, by="unit"))["groups"]] == ["Isi"]
