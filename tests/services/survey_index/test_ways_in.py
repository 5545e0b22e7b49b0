"""Ways in without a link: apps, key-pads of telephones and booths, interviewers; a look at a file before it counts."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.api_keys import new_api_key
from shared.caller import SCOPES, Scope
from shared.keystore import save_key
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, Running, answers_by_code, sheet
from tests.services.survey_index.given import OFFICER, begin, get_figure, send_answers
from tests.services.tickets.conftest import faults, refusal


async def key_header(running: Running, *scopes: Scope) -> dict[str, str]:
    key, key_id, secret_hash = new_api_key()
    async with running.service.db.transaction() as session:
        await save_key(
            session,
            "survey_index",
            key_id=key_id,
            name="ivr",
            secret_hash=secret_hash,
            scopes=scopes,
            now=running.clock(),
        )
    return {"Authorization": f"Bearer {key}"}


async def press(http: httpx.AsyncClient, keys: Any, once: str = "call-1", **more: Any) -> httpx.Response:
    form = {"once": once, "keys": keys, **more}
    return await http.post("/v1/surveys/s/keypad", headers=OFFICER, json=form)


# -- key-pads ---------------------------------------------------------------------------------------------------


async def test_what_was_pressed_after_a_call_is_counted(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    assert (await press(http, [*"443*43#", "", "2", "10"], unit="contact centre")).status_code == 201
    (row,) = await running.rows("SELECT * FROM responses")
    assert list(row.answers) == [4, 4, 3, None, 4, 3, None, None, 2, 10]
    assert (row.channel, row.unit, row.complete) == ("call", "contact centre", False)


async def test_who_hangs_up_early_has_answered_what_he_pressed(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    assert (await press(http, ["4", "1"])).status_code == 201
    (row,) = await running.rows("SELECT answers FROM responses")
    assert answers_by_code(row.answers) == {"persyaratan": 4, "prosedur": 1}


async def test_three_faces_of_a_booth(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, instrument="csat3", ask_nps=False)
    for number, key in enumerate("3321"):
        assert (await press(http, [key], once=f"visit-{number}", channel="booth")).status_code == 201
    assert [level["count"] for level in (await get_figure(http, "csat"))["levels"]] == [2, 1, 1]


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (["5"], "keys.0"),
        (["4", "0"], "keys.1"),
        (["4", "*", "x"], "keys.2"),
        (["*"] * 9 + ["11"], "keys.9"),
        (["4"] * 11, "keys"),
        (["*", "#", ""], "answers"),
        ([], "answers"),
    ],
)
async def test_key_off_the_scale_is_named_by_its_place(
    running: Running, http: httpx.AsyncClient, keys: list[str], where: str
) -> None:
    await begin(http)
    assert faults(await press(http, keys)) == [where]
    assert await running.rows("SELECT 1 FROM responses") == []


@pytest.mark.parametrize("score", [True, "9", 9.5, 11, -1])
async def test_score_is_a_whole_number_and_nothing_that_may_be_taken_for_one(
    running: Running, http: httpx.AsyncClient, score: Any
) -> None:
    await begin(http)
    assert faults(await send_answers(http, "x", nps=score)) == ["nps"]


# -- once -------------------------------------------------------------------------------------------------------


async def test_same_call_sent_twice_is_one_response(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    first, second = [(await press(http, ["4", "4"])).json() for _ in range(2)]
    assert first == second
    assert (await get_figure(http))["n"] == 1
    for other in ({"keys": ["4", "3"]}, {"keys": ["4", "4"], "unit": "Loket B"}):
        problem = refusal(await press(http, **other), 422, "idempotency_key_reused")
        assert [error["field"] for error in problem["errors"]] == ["once"]
    assert (await press(http, ["4", "3"], once="call-2")).status_code == 201
    assert (await get_figure(http))["n"] == 2


async def test_same_word_of_two_callers_names_two_responses(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    form = {"once": "1", "keys": ["4"]}
    for key in [await key_header(running, "answers:write") for _ in range(2)]:
        answer = await http.post("/v1/surveys/s/keypad", headers=key, json=form)
        assert answer.status_code == 201
    assert (await get_figure(http))["n"] == 2


async def test_twenty_at_once_with_the_same_word_are_one(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    answers = await asyncio.gather(*(press(http, ["4"]) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["response_id"] for answer in answers}) == 1
    assert (await get_figure(http))["n"] == 1


# -- apps and interviewers --------------------------------------------------------------------------------------


async def test_app_brings_answers_and_who_gave_them_by_codes_alone(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    profile = {"age": 31, "sex": "P", "education": "sma", "occupation": "pns"}
    more: dict[str, Any] = {"service": "AK.1", "nps": 9, "comment": "Lebih cepat", "comment_about": "waktu"}
    assert (await send_answers(http, "satu", profile=profile, **more)).status_code == 201
    (row,) = await running.rows("SELECT * FROM responses")
    assert (row.age, row.sex, row.education, row.occupation) == (31, "P", "sma", "pns")
    assert (row.service, row.channel, row.comment, row.comment_about) == ("AK.1", "app", "Lebih cepat", "waktu")


async def test_interviewer_is_named_with_his_number_and_the_respondent_is_not(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    who = {"name": "Petugas Contoh", "nip": "19800101 200501 1 001"}
    said = await send_answers(http, "kuesioner-7", interviewer=who, respondent="7", answered_on="2026-03-12")
    assert said.status_code == 201
    (row,) = await running.rows("SELECT * FROM responses")
    assert (row.interviewer_name, row.interviewer_nip, row.respondent) == (*who.values(), "7")
    assert (row.channel, row.day.isoformat()) == ("interview", "2026-03-12")
    assert faults(await send_answers(http, "x", interviewer={"name": "Petugas", "nip": "abc"})) == ["interviewer.nip"]


async def test_who_is_too_young_is_not_asked(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, min_age=18)
    assert faults(await send_answers(http, "anak", profile={"age": 17})) == ["profile.age"]
    assert (await send_answers(http, "dewasa", profile={"age": 18})).status_code == 201
    assert (await send_answers(http, "diam")).status_code == 201


async def test_key_needs_the_scope_to_bring_answers(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    form = {"once": "call-1", "keys": ["4"]}
    keys = {scope: await key_header(running, scope) for scope in SCOPES}
    for scope, key in keys.items():
        answer = await http.post("/v1/surveys/s/keypad", headers=key, json=form)
        assert answer.status_code == (201 if scope == "answers:write" else 403), scope
    refusal(await http.post("/v1/surveys/s/keypad", json=form), 401, "unauthenticated")


# -- a look before it counts ------------------------------------------------------------------------------------


async def preview(http: httpx.AsyncClient, content: bytes | str, **query: Any) -> Any:
    asked = {"answered_on": "2026-03-13", **query}
    answer = await http.post("/v1/surveys/s/responses:preview", headers=OFFICER, content=content, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_preview_tells_what_an_import_would_give_and_keeps_nothing(
    running: Running, http: httpx.AsyncClient
) -> None:
    seen = await preview(http, RESPONDENTS_72.read_bytes())
    assert (seen["rows"], seen["index"], seen["grade"], seen["faults"]) == (72, 87.73, "B", [])
    assert [row["respondent"] for row in seen["first"]] == [f"S002-0{n}" for n in range(1, 6)]
    assert seen["first"][0]["answers"]["biaya"] == 4
    assert await running.rows("SELECT 1 FROM responses UNION ALL SELECT 1 FROM surveys WHERE code = 's'") == []


async def test_preview_names_every_fault(running: Running, http: httpx.AsyncClient) -> None:
    seen = await preview(http, RESPONDENTS_72.read_bytes().replace(b"S002-02,", b"S002-01,"))
    assert (seen["rows"], seen["index"], seen["first"]) == (0, None, [])
    assert [fault["field"] for fault in seen["faults"]] == ["row 3, column respondent"]


async def test_columns_that_nobody_knows_are_passed_over_when_asked(running: Running, http: httpx.AsyncClient) -> None:
    content = sheet([dict.fromkeys(SLUGS, 4)], extra=["loket"])
    assert [fault["field"] for fault in (await preview(http, content))["faults"]] == ["row 1, column loket"]
    assert (await preview(http, content, ignore_others=True))["rows"] == 1
