"""Surveys are set up, run, closed and published; what decides a figure stays with them."""

from typing import Any

import httpx
import pytest

from shared.caller import ROLES
from shared.ids import new_id
from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, Running, all_answered, sheet
from tests.services.survey_index.domain.given import codes, element, instrument
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, post, send_answers
from tests.services.tickets.conftest import faults, refusal

# -- surveys ----------------------------------------------------------------------------------------------------


async def test_survey_keeps_what_it_was_told(running: Running, http: httpx.AsyncClient) -> None:
    rules = {
        "unit": "Disnaker",
        "services": ["AK.1"],
        "opens_on": "2026-01-01",
        "closes_on": "2026-06-30",
        "edition": "kep25_2004",
        "missing": "complete_rows",
        "code_list": "umum_2024",
        "population": 1_200,
        "min_age": 18,
        "selection": "simple_random",
        "response_percent": 60,
        "invitation_days": 7,
        "recontact_days": 90,
    }
    made = await begin(http, "ak1-2026", **rules)
    assert {name: made[name] for name in rules} == rules
    assert (made["required"], made["instrument"], made["closed_at"]) == (291, "skm14_2017", None)
    assert (await http.get("/v1/surveys/ak1-2026", headers=OFFICER)).json() == made
    page = (await http.get("/v1/surveys?limit=1", headers=OFFICER)).json()
    assert ([item["code"] for item in page["items"]], page["next_cursor"]) == (["ak1-2026"], "ak1-2026")
    rest = (await http.get("/v1/surveys?cursor=ak1-2026", headers=OFFICER)).json()
    assert ([item["code"] for item in rest["items"]], rest["next_cursor"]) == (["layanan"], None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"title": ""}, "title"),
        ({"edition": "2031"}, "edition"),
        ({"missing": "zero"}, "missing"),
        ({"code_list": "mine"}, "code_list"),
        ({"zone": "Asia/Atlantis"}, "zone"),
        ({"population": 0}, "population"),
        ({"min_age": -1}, "min_age"),
        ({"response_percent": 0}, "response_percent"),
        ({"selection": "simple_random"}, "population"),
        ({"services": ["Legalisasi", "legalisasi "]}, "services"),
        ({"services": [" "]}, "services.0"),
        ({"services": ["Loket\n2"]}, "services.0"),
        ({"services": ["Loket\0"]}, "services.0"),
        ({"opens_on": "2026-02-01", "closes_on": "2026-01-31"}, "closes_on"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_rule_that_means_nothing_is_named(
    running: Running, http: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    assert faults(await post(http, "/v1/surveys", {"code": "s", "title": "Survei", **wrong})) == [field]


async def test_there_is_one_survey_of_a_code_and_none_of_an_unknown_instrument(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    assert faults(await post(http, "/v1/surveys", {"code": "s", "title": "Lagi"}), 409, "exists") == ["code"]
    unknown = {"code": "t", "title": "Survei", "instrument": "skm99"}
    assert faults(await post(http, "/v1/surveys", unknown), 404, "not_found") == ["instrument"]


async def test_another_unit_or_service_is_not_counted_in_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, unit="Disnaker", services=["Kartu AK.1", "Legalisasi"])
    assert faults(await send_answers(http, "satu", unit="Setjen")) == ["unit"]
    assert faults(await send_answers(http, "satu", unit="Setjen", service="LPK")) == ["unit", "service"]
    pressed = await post(http, "/v1/surveys/s/keypad", {"once": "satu", "keys": ["4"], "service": "LPK"})
    assert faults(pressed) == ["service"]
    content = sheet([all_answered(3)] * 2, extra=["unit", "service"]).replace("3,,", "3,Setjen,LPK", 1)
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-13"
    answer = await http.post(path, headers=OFFICER, content=content)
    assert faults(answer) == ["row 2, column unit", "row 2, column service"]
    assert await running.rows("SELECT 1 FROM responses") == []
    for once, service in (("satu", "legalisasi"), ("dua", "Kartu AK.1"), ("tiga", "")):
        assert (await send_answers(http, once, unit="disnaker", service=service)).status_code == 201
    assert (await send_answers(http, "satu", unit="Disnaker", service="Legalisasi")).status_code == 201
    await http.post(path, headers=OFFICER, content=content.replace("Setjen,LPK", "DISNAKER,Legalisasi"))
    groups = (await get_figure(http, by="service"))["groups"]
    assert [(g["key"], g["figure"]["n"]) for g in groups] == [("", 2), ("Kartu AK.1", 1), ("Legalisasi", 2)]
    assert {row.unit for row in await running.rows("SELECT unit FROM responses")} == {"Disnaker"}


async def test_who_asks_about_one_service_need_not_name_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, services=["Kartu AK.1"])
    await send_answers(http, "satu")
    await bring(http, sheet([all_answered(3)]))
    assert {row.service for row in await running.rows("SELECT service FROM responses")} == {"Kartu AK.1"}


async def test_name_is_kept_as_a_browser_sends_it_back(running: Running, http: httpx.AsyncClient) -> None:
    assert (await begin(http, services=[" Loket  dua ", "Loket satu"]))["services"] == ["Loket dua", "Loket satu"]


async def test_survey_may_begin_with_an_older_version_of_its_instrument(
    running: Running, http: httpx.AsyncClient
) -> None:
    for version, slug in ((1, "waktu"), (2, "biaya")):
        own = instrument(element(slug), code="milik_unit", version=version)
        await post(http, "/v1/instruments", own.model_dump(mode="json"))
    made = await begin(http, instrument="milik_unit", instrument_version=1, ask_nps=False)
    assert (made["instrument_version"], made["definition"]["elements"][0]["slug"]) == (1, "waktu")
    unknown = {"code": "t", "title": "Survei", "instrument": "milik_unit", "instrument_version": 3}
    assert faults(await post(http, "/v1/surveys", unknown), 404, "not_found") == ["instrument"]


async def test_after_closing_nothing_is_taken(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2026-03-01", closes_on="2026-03-20")
    assert (await send_answers(http, "satu")).status_code == 201
    for day in ("2026-02-28", "2025-03-13"):
        refusal(await send_answers(http, day, answered_on=day), 410, "survey_closed")
    assert faults(await send_answers(http, "besok", answered_on="2026-03-14")) == ["answered_on"]
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-14"
    answer = await http.post(path, headers=OFFICER, content=sheet([all_answered(4)]))
    assert faults(answer) == ["answered_on"]
    assert (await post(http, "/v1/surveys/s/close")).json()["closed_at"] == "2026-03-13T02:00:00Z"
    refusal(await send_answers(http, "dua"), 410, "survey_closed")
    content = sheet([all_answered(4)])
    answer = await http.post(path.replace("-14", "-13"), headers=OFFICER, content=content)
    refusal(answer, 410, "survey_closed")
    assert (await get_figure(http))["n"] == 1


async def test_invitation_to_a_survey_that_was_closed_says_so(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    await post(http, "/v1/surveys/layanan/close")
    refusal(await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 3}}), 410, "survey_closed")
    page = await http.get(f"/s/{token}")
    assert (page.status_code, "Survei ini sudah ditutup" in page.text) == (410, True)


# -- the plan of follow-up --------------------------------------------------------------------------------------

PLAN = {"element": "waktu", "action": "Menambah loket", "responsible": "Sekretariat", "due_on": "2026-09-30"}


async def test_plan_tells_how_far_it_has_come(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    item = (await post(http, "/v1/surveys/s/follow-ups", {**PLAN, "planned": 3})).json()
    await post(http, "/v1/surveys/s/follow-ups", {**PLAN, "element": "biaya"})
    done = await post(http, f"/v1/surveys/s/follow-ups/{item['id']}/realise", {"realised": 2})
    assert done.json()["progress"] == 66.67
    plan = (await http.get("/v1/surveys/s/follow-ups", headers=OFFICER)).json()
    assert ([line["element"] for line in plan["items"]], plan["progress"]) == (["waktu", "biaya"], 50)


async def test_plan_that_cannot_be_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    path = "/v1/surveys/s/follow-ups"
    assert faults(await post(http, path, {**PLAN, "element": "parkir"})) == ["element"]
    assert faults(await post(http, path, {**PLAN, "planned": 1, "realised": 2})) == ["realised"]
    assert faults(await post(http, path, {**PLAN, "due_on": "soon"})) == ["due_on"]
    item = (await post(http, path, PLAN)).json()
    assert faults(await post(http, f"{path}/{item['id']}/realise", {"realised": 2})) == ["realised"]
    refusal(
        await post(http, f"{path}/{running.service.name.encode().hex():0>32}/realise", {"realised": 1}),
        404,
        "not_found",
    )
    assert (await http.get(path, headers=OFFICER)).json()["progress"] == 0


# -- the fifth that is checked ----------------------------------------------------------------------------------


async def test_fifth_is_drawn_and_it_is_the_same_fifth_again(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    path = "/v1/surveys/s/back-checks"
    page = (await http.get(path, headers=OFFICER)).json()
    assert (page["responses"], len(page["items"]) in (14, 15)) == (72, True)
    assert page["items"][0]["respondent"].startswith("S002-")
    assert (await http.get(path, headers=OFFICER)).json() == page
    name = page["items"][0]["response_id"]
    noted = await post(http, f"{path}/{name}", {"result": "confirmed", "note": "Ditelepon"})
    assert (noted.json()["result"], noted.json()["checked_at"]) == ("confirmed", "2026-03-13T02:00:00Z")
    again = (await http.get(path, headers=OFFICER)).json()["items"]
    assert [item["result"] for item in again if item["response_id"] == name] == ["confirmed"]
    assert faults(await post(http, f"{path}/{name}", {"result": "perhaps"})) == ["result"]
    drawn = {item["response_id"] for item in page["items"]}
    await send_answers(http, "satu lagi")
    assert drawn <= {item["response_id"] for item in (await http.get(path, headers=OFFICER)).json()["items"]}
    other = next(row.id for row in await running.rows("SELECT id FROM responses") if str(row.id) not in drawn)
    answer = await post(http, f"{path}/{other}", {"result": "confirmed"})
    assert faults(answer, 404, "not_found") == ["response_id"]
    await begin(http, "lain")
    refusal(await post(http, f"/v1/surveys/lain/back-checks/{name}", {"result": "differs"}), 404, "not_found")
    first = (await http.get(f"{path}?limit=10", headers=OFFICER)).json()
    rest = (await http.get(f"{path}?limit=10&cursor={first['next_cursor']}", headers=OFFICER)).json()
    assert {item["response_id"] for item in first["items"] + rest["items"]} >= drawn
    assert rest["next_cursor"] is None


async def test_who_was_asked_again_stays_on_the_list_whatever_comes_before_him(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    early = [new_id() for _ in range(4)]
    for number in range(30):
        await send_answers(http, f"k{number}")
    path = "/v1/surveys/s/back-checks"
    drawn = [item["response_id"] for item in (await http.get(path, headers=OFFICER)).json()["items"]]
    for response_id in drawn:
        assert (await post(http, f"{path}/{response_id}", {"result": "confirmed"})).is_success
    for place in early:  # as a long import that began before them and was committed after them
        await running.rows(
            "INSERT INTO responses SELECT (jsonb_populate_record(r, jsonb_build_object('id', CAST(:id AS text), "
            "'once', NULL))).* FROM responses r WHERE once IS NOT NULL LIMIT 1 RETURNING id",
            id=str(place),
        )
    items = (await http.get(path, headers=OFFICER)).json()["items"]
    assert {item["response_id"] for item in items if item["result"]} == set(drawn)
    assert (await post(http, f"{path}/{drawn[0]}", {"result": "differs"})).is_success


# -- who may ----------------------------------------------------------------------------------------------------


async def test_who_may_look_and_who_may_change(running: Running, http: httpx.AsyncClient) -> None:
    form = {"code": "t", "title": "Survei"}
    for role in ROLES:
        assert (await http.get("/v1/surveys", headers=staff_header(role))).status_code == 200, role
    agent = staff_header("agent")
    changes: list[tuple[str, Any]] = [
        ("/v1/surveys", form),
        ("/v1/instruments", instrument(element("waktu")).model_dump(mode="json")),
        ("/v1/code-lists", codes()),
        ("/v1/surveys/layanan/close", None),
        ("/v1/surveys/layanan/publish", None),
        ("/v1/surveys/layanan/follow-ups", PLAN),
        (f"/v1/surveys/layanan/follow-ups/{new_id()}/realise", {"realised": 1}),
        (f"/v1/surveys/layanan/back-checks/{new_id()}", {"result": "confirmed"}),
        (f"/v1/cases/{new_id()}/forget", None),
    ]
    for path, body in changes:
        refusal(await http.post(path, headers=agent, json=body), 403, "forbidden")
        refusal(await http.post(path, json=body), 401, "unauthenticated")
    refusal(await http.get("/v1/surveys/s/back-checks", headers=agent), 403, "forbidden")
