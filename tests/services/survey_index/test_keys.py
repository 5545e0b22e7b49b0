"""What an officer, an app or a citizen sends twice counts once, and gets the first answer."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.ids import new_id
from tests.conftest import FrozenClock, staff_header
from tests.factories import ticket_resolved
from tests.services.survey_index.conftest import RESPONDENTS_72, Running, all_answered, new_citizen
from tests.services.survey_index.given import OFFICER, begin, get_figure
from tests.services.survey_index.test_form import AGAIN, THANKS
from tests.services.tickets.conftest import refusal

KEY = {"Idempotency-Key": "k-1"}
NAMED = {**OFFICER, **KEY}
FILE = RESPONDENTS_72.read_bytes()
FOLLOW_UP = {
    "element": "waktu",
    "action": "Menambah loket",
    "planned": 2,
    "responsible": "Kepala",
    "due_on": "2026-06-30",
}


def one_answer(answers: list[httpx.Response], status: int) -> bool:
    """Whether all are the same answer, given once and then said again."""
    assert {(answer.status_code, answer.text) for answer in answers} == {(status, answers[0].text)}
    replayed = sorted("idempotency-replayed" in answer.headers for answer in answers)
    return replayed == [False] + [True] * (len(answers) - 1)


async def test_key_of_a_survey_begins_it_once(running: Running, http: httpx.AsyncClient) -> None:
    form = {"code": "s", "title": "Survei uji"}
    answers = await asyncio.gather(*(http.post("/v1/surveys", headers=NAMED, json=form) for _ in range(4)))
    assert one_answer(list(answers), 201)


async def test_key_of_a_close_gets_the_first_answer(
    running: Running, http: httpx.AsyncClient, clock: FrozenClock
) -> None:
    await begin(http)
    answers = []
    for _ in range(2):
        answers.append(await http.post("/v1/surveys/s/close", headers=NAMED))
        clock.forward(hours=1)
    assert one_answer(answers, 200)
    refusal(await http.post("/v1/surveys/s/publish", headers=NAMED), 422, "idempotency_key_reused")


async def test_key_of_a_verb_without_an_answer_gets_none_again(running: Running, http: httpx.AsyncClient) -> None:
    event = ticket_resolved(citizen=new_citizen())
    await running.resolve(event)
    headers = {**staff_header("supervisor"), **KEY}
    refusal(await http.post(f"/v1/cases/{new_id()}/forget", headers=headers), 404, "not_found")
    answers = [await http.post(f"/v1/cases/{event.data.ticket_id}/forget", headers=headers) for _ in range(2)]
    assert one_answer(answers, 204)
    assert {answer.content for answer in answers} == {b""}


async def test_key_of_a_citizen_who_sends_twice_gets_the_first_answer(
    running: Running, http: httpx.AsyncClient
) -> None:
    form = {"token": await running.token(), "answers": all_answered(3)}
    answers = await asyncio.gather(*(http.post("/v1/responses", headers=KEY, json=form) for _ in range(3)))
    assert one_answer(list(answers), 201)
    other = await http.post("/v1/responses", headers=KEY, json={**form, "answers": all_answered(1)})
    refusal(other, 409, "already_answered")
    stranger = {"token": await running.token(), "answers": all_answered(2)}
    assert (await http.post("/v1/responses", headers=KEY, json=stranger)).status_code == 201
    assert (await get_figure(http, survey="layanan"))["n"] == 2


async def test_key_of_a_form_gets_the_first_page_with_all_that_a_page_says(
    running: Running, http: httpx.AsyncClient
) -> None:
    path = f"/s/{await running.token()}"
    refused = await http.post(path, headers=KEY, data={"waktu": "9"})
    answers = [await http.post(path, headers=KEY, data={"waktu": "3"}) for _ in range(2)]
    assert (refused.status_code, one_answer(answers, 200)) == (422, True)
    assert THANKS in answers[1].text
    for name in ("content-type", "content-security-policy", "cache-control", "referrer-policy"):
        assert answers[0].headers[name] == answers[1].headers[name]
    assert AGAIN in (await http.post(path, data={"waktu": "3"})).text


@pytest.mark.parametrize("as_form", [False, True])
async def test_key_of_a_file_imports_it_once(running: Running, http: httpx.AsyncClient, as_form: bool) -> None:
    async def send(content: bytes, **query: str) -> httpx.Response:
        sent: dict[str, Any] = {"files": {"file": ("a.csv", content)}} if as_form else {"content": content}
        asked = {"answered_on": "2026-03-13", **query}
        return await http.post("/v1/surveys/s/responses:import", headers=NAMED, params=asked, **sent)

    answers = [await send(FILE) for _ in range(2)]
    assert one_answer(answers, 201)
    assert answers[1].json()["repeated"] is False
    refusal(await send(FILE + b"\n"), 422, "idempotency_key_reused")
    refusal(await send(FILE, answered_on="2026-03-12"), 422, "idempotency_key_reused")


async def test_key_of_a_withdrawal_and_of_a_line_of_the_plan(running: Running, http: httpx.AsyncClient) -> None:
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-13"
    done = (await http.post(path, headers=OFFICER, content=FILE)).json()
    path = f"/v1/surveys/s/imports/{done['import_id']}/withdraw"
    assert one_answer([await http.post(path, headers=NAMED) for _ in range(2)], 200)
    named = {**OFFICER, "Idempotency-Key": "k-2"}
    lines = [await http.post("/v1/surveys/s/follow-ups", headers=named, json=FOLLOW_UP) for _ in range(2)]
    assert one_answer(lines, 201)
    assert len((await http.get("/v1/surveys/s/follow-ups", headers=OFFICER)).json()["items"]) == 1
