"""Surveys are set up, run, closed and published; what decides a figure stays with them."""

from typing import Any

import httpx
import pytest

from services.survey_index.domain.instruments import builtin
from shared.auth import ROLES
from shared.ids import new_id
from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM, SLUGS, Ear, all_answered, sheet
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.given import OFFICER, ask, begin, bring, say
from tests.services.tickets.conftest import faults, refusal

OWN = instrument(element("waktu", weight="3/4"), element("biaya", weight="0.25"), code="milik_unit")


async def post(http: httpx.AsyncClient, path: str, body: Any = None) -> httpx.Response:
    return await http.post(path, headers=OFFICER, json=body)


# -- instruments ------------------------------------------------------------------------------------------------


async def test_the_instruments_of_the_regulations_are_there(ear: Ear, http: httpx.AsyncClient) -> None:
    found = (await http.get("/v1/instruments", headers=OFFICER)).json()["items"]
    assert [item["code"] for item in found] == (
        ["call_centre_2021", "csat3", "kep25_2004", "nps", "skm14_2017", "skm16_2014", "skm_online"]
    )
    one = await http.get("/v1/instruments/skm14_2017", headers=OFFICER)
    assert one.json()["elements"][0]["name"] == {"id": "Persyaratan", "en": "Requirements"}
    assert "s002_2020" in (await http.get("/v1/code-lists", headers=OFFICER)).json()


async def test_a_unit_may_bring_its_own_with_weights_of_its_own(ear: Ear, http: httpx.AsyncClient) -> None:
    assert (await post(http, "/v1/instruments", OWN.model_dump(mode="json"))).status_code == 201
    await begin(http, instrument="milik_unit", ask_nps=False)
    await say(http, "satu", answers={"waktu": 4, "biaya": 1})
    assert (await ask(http))["index"] == 81.25
    answer = await http.get("/v1/index/skm?survey=s&weighting=0.111", headers=OFFICER)
    assert faults(answer) == ["weighting"]


async def test_weights_that_do_not_sum_to_1_are_refused(ear: Ear, http: httpx.AsyncClient) -> None:
    wrong = OWN.model_dump(mode="json")
    wrong["elements"][0]["weight"] = "0.7"
    problem = refusal(await post(http, "/v1/instruments", wrong), 422, "invalid")
    assert problem["errors"][0]["message"] == "has weights that do not sum to exactly 1"
    refusal(await http.get("/v1/instruments/milik_unit", headers=OFFICER), 404, "not_found")


async def test_a_version_is_never_changed_and_a_survey_keeps_the_one_it_began_with(
    ear: Ear, http: httpx.AsyncClient
) -> None:
    await post(http, "/v1/instruments", OWN.model_dump(mode="json"))
    await begin(http, "dulu", instrument="milik_unit")
    refusal(await post(http, "/v1/instruments", OWN.model_dump(mode="json")), 409, "exists")
    refusal(await post(http, "/v1/instruments", SKM.model_dump(mode="json")), 409, "exists")
    second = instrument(element("sarana"), code="milik_unit", version=2)
    assert (await post(http, "/v1/instruments", second.model_dump(mode="json"))).status_code == 201
    await begin(http, "kini", instrument="milik_unit")
    for code, version, slugs in (("dulu", 1, ["waktu", "biaya", "nps"]), ("kini", 2, ["sarana", "nps"])):
        survey = (await http.get(f"/v1/surveys/{code}", headers=OFFICER)).json()
        assert survey["instrument_version"] == version
        assert [unsur["slug"] for unsur in survey["definition"]["elements"]] == slugs


# -- surveys ----------------------------------------------------------------------------------------------------


async def test_a_survey_keeps_what_it_was_told(ear: Ear, http: httpx.AsyncClient) -> None:
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
        ({"opens_on": "2026-02-01", "closes_on": "2026-01-31"}, "closes_on"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_rule_that_means_nothing_is_named(
    ear: Ear, http: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    assert faults(await post(http, "/v1/surveys", {"code": "s", "title": "Survei", **wrong})) == [field]


async def test_there_is_one_survey_of_a_code_and_none_of_an_unknown_instrument(
    ear: Ear, http: httpx.AsyncClient
) -> None:
    await begin(http)
    assert faults(await post(http, "/v1/surveys", {"code": "s", "title": "Lagi"}), 409, "exists") == ["code"]
    unknown = {"code": "t", "title": "Survei", "instrument": "skm99"}
    assert faults(await post(http, "/v1/surveys", unknown), 404, "not_found") == ["instrument"]


async def test_after_closing_nothing_is_taken(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2026-03-01", closes_on="2026-03-20")
    assert (await say(http, "satu")).status_code == 201
    for day in ("2026-02-28", "2025-03-13"):
        refusal(await say(http, day, answered_on=day), 410, "survey_closed")
    assert faults(await say(http, "besok", answered_on="2026-03-14")) == ["answered_on"]
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-14"
    answer = await http.post(path, headers=OFFICER, content=sheet([all_answered(4)]))
    assert faults(answer) == ["answered_on"]
    assert (await post(http, "/v1/surveys/s/close")).json()["closed_at"] == "2026-03-13T02:00:00Z"
    refusal(await say(http, "dua"), 410, "survey_closed")
    content = sheet([all_answered(4)])
    answer = await http.post("/v1/surveys/s/responses:import", headers=OFFICER, content=content)
    refusal(answer, 410, "survey_closed")
    assert (await ask(http))["n"] == 1


async def test_an_invitation_to_a_survey_that_was_closed_says_so(ear: Ear, http: httpx.AsyncClient) -> None:
    token = await ear.token()
    await post(http, "/v1/surveys/layanan/close")
    refusal(await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 3}}), 410, "survey_closed")
    page = await http.get(f"/s/{token}")
    assert (page.status_code, "Survei ini sudah ditutup" in page.text) == (410, True)


# -- publication ------------------------------------------------------------------------------------------------


async def test_what_is_published_is_for_everybody_and_only_after_the_end(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2020-01-01", closes_on="2020-06-30", edition="kep25_2004", unit="Disnaker")
    await bring(http, RESPONDENTS_72.read_bytes(), day="2020-03-13")
    for code in ("s", "never"):
        page = await http.get(f"/p/{code}")
        assert (page.status_code, "Belum ada yang diterbitkan" in page.text) == (404, True)
    refusal(await post(http, "/v1/surveys/s/publish"), 409, "still_open")
    for verb in ("close", "publish"):
        assert (await post(http, f"/v1/surveys/s/{verb}")).status_code == 200
    page = await http.get("/p/s")
    assert page.status_code == 200
    for word in (
        "87,73",
        "mutu A (Sangat Baik)",
        "72 responden",
        "1 Januari 2020 sampai dengan 30 Juni 2020",
        "Disnaker",
    ):
        assert word in page.text, word


async def test_a_survey_that_still_runs_is_not_published(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    refusal(await post(http, "/v1/surveys/s/publish"), 409, "still_open")
    await post(http, "/v1/surveys/s/close")
    assert (await post(http, "/v1/surveys/s/publish")).status_code == 200
    assert "belum ada nilai" in (await http.get("/p/s")).text


async def test_what_is_published_hides_groups_of_fewer_than_five(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(20):
        education = "smp" if number < 3 else "sma" if number < 13 else "sarjana_d4"
        await say(http, f"k{number}", profile={"sex": "L" if number % 2 else "P", "education": education})
    await post(http, "/v1/surveys/s/close")
    await post(http, "/v1/surveys/s/publish")
    page = (await http.get("/p/s")).text
    rows = _cells(page)
    assert (rows["Laki-laki"], rows["Perempuan"]) == ("10", "10")
    assert (rows["SLTP/SMP/Sederajat"], rows["SLTA/SMA/Sederajat"], rows["Sarjana/D4"]) == ("*", "10", "*")


async def test_figures_do_not_move_after_they_were_published(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2026-03-01", closes_on="2026-03-12")
    for number in range(5):
        await say(http, f"k{number}", answered_on="2026-03-10")
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    before = (await http.get("/p/s")).text
    refusal(await say(http, "telat", answered_on="2026-03-10", answers=all_answered(1)), 410, "survey_closed")
    content = sheet([all_answered(1)])
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-10"
    refusal(await http.post(path, headers=OFFICER, content=content), 410, "survey_closed")
    assert (await http.get("/p/s")).text == before


async def test_an_element_that_fewer_than_five_answered_is_not_shown(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(9):
        answers = {slug: 4 for slug in SLUGS if slug != "biaya" or number < 4}
        await say(http, f"k{number}", answers=answers)
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    page = (await http.get("/p/s")).text
    assert "terlalu sedikit" in page
    assert "100,00" not in page


async def test_what_fewer_than_five_answered_is_not_shown(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(4):
        await say(http, f"k{number}", profile={"sex": "L"})
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    page = (await http.get("/p/s")).text
    assert "terlalu sedikit" in page
    assert "75,00" not in page
    assert "Laki-laki" not in page


async def publication(http: httpx.AsyncClient) -> str:
    """What everybody sees after the survey was closed and published."""
    for verb in ("close", "publish"):
        assert (await post(http, f"/v1/surveys/s/{verb}")).status_code == 200
    return (await http.get("/p/s")).text


async def test_nps_is_published_of_everybody_who_gave_a_score_under_either_policy(
    ear: Ear, http: httpx.AsyncClient
) -> None:
    await begin(http, missing="complete_rows")
    for number in range(6):
        await say(http, f"k{number}", nps=10)
        await say(http, f"t{number}", answers={"waktu": 1}, nps=0)
    page = await publication(http)
    assert "(NPS): 0,00 dari 12 jawaban" in page
    assert "6 responden" in page
    assert "dari kuesioner yang dijawab lengkap" in page


async def test_the_grade_is_published_with_the_edition_that_it_comes_from(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http, edition="kep25_2004")
    await bring(http, RESPONDENTS_72.read_bytes())
    assert "mutu A (Sangat Baik) menurut Keputusan Menteri PAN Nomor KEP/25/M.PAN/2/2004" in await publication(http)


async def test_a_level_of_satisfaction_that_few_chose_is_hidden_with_the_next(
    ear: Ear, http: httpx.AsyncClient
) -> None:
    await begin(http, instrument="csat3", ask_nps=False)
    for number in range(21):
        value = 3 if number < 12 else 2 if number < 20 else 1
        await say(http, f"k{number}", answers={"csat": value})
    page = await publication(http)
    assert "57,14%" in page
    assert "38,10%" not in page
    assert "4,76%" not in page


@pytest.mark.parametrize(("n", "told"), [(0, "0 responden"), (4, "Kurang dari lima responden"), (5, "5 responden")])
async def test_how_many_answered_is_published_from_five_on(
    ear: Ear, http: httpx.AsyncClient, n: int, told: str
) -> None:
    await begin(http)
    for number in range(n):
        await say(http, f"k{number}")
    assert told in await publication(http)


async def test_eight_answers_of_four_people_are_no_five_people(ear: Ear, http: httpx.AsyncClient) -> None:
    online = builtin()["skm_online"]
    many = next(element for element in online.of("ikm") if len(element.questions) >= 2).slug
    others = [question.code for question in online.questions if question.element != many]
    await begin(http, instrument="skm_online")
    for number in range(9):
        codes = online.codes if number < 4 else others
        await say(http, f"k{number}", answers=dict.fromkeys(codes, 4))
    page = await publication(http)
    assert "terlalu sedikit" in page
    assert "100,00" not in page


async def test_who_was_asked_again_stays_on_the_list_whatever_comes_before_him(
    ear: Ear, http: httpx.AsyncClient
) -> None:
    await begin(http)
    early = [new_id() for _ in range(4)]
    for number in range(30):
        await say(http, f"k{number}")
    path = "/v1/surveys/s/back-checks"
    drawn = [item["response_id"] for item in (await http.get(path, headers=OFFICER)).json()["items"]]
    for response_id in drawn:
        assert (await post(http, f"{path}/{response_id}", {"result": "confirmed"})).is_success
    for place in early:  # as a long import that began before them and was committed after them
        await ear.rows(
            "INSERT INTO responses SELECT (jsonb_populate_record(r, jsonb_build_object('id', CAST(:id AS text), "
            "'once', NULL))).* FROM responses r WHERE once IS NOT NULL LIMIT 1 RETURNING id",
            id=str(place),
        )
    items = (await http.get(path, headers=OFFICER)).json()["items"]
    assert {item["response_id"] for item in items if item["result"]} == set(drawn)
    assert (await post(http, f"{path}/{drawn[0]}", {"result": "differs"})).is_success


def _cells(page: str) -> dict[str, str]:
    """Name → what stands beside it, in every table of a publication."""
    cells = {}
    for row in page.split('<tr><th scope="row">')[1:]:
        name, _, rest = row.partition("</th>")
        cells[name] = "*" if "<abbr" in rest.partition("</td>")[0] else rest.partition("<td>")[2].partition("<")[0]
    return cells


# -- the plan of follow-up --------------------------------------------------------------------------------------

PLAN = {"element": "waktu", "action": "Menambah loket", "responsible": "Sekretariat", "due_on": "2026-09-30"}


async def test_the_plan_tells_how_far_it_has_come(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    item = (await post(http, "/v1/surveys/s/follow-ups", {**PLAN, "planned": 3})).json()
    await post(http, "/v1/surveys/s/follow-ups", {**PLAN, "element": "biaya"})
    done = await post(http, f"/v1/surveys/s/follow-ups/{item['id']}/realise", {"realised": 2})
    assert done.json()["progress"] == 66.67
    plan = (await http.get("/v1/surveys/s/follow-ups", headers=OFFICER)).json()
    assert ([line["element"] for line in plan["items"]], plan["progress"]) == (["waktu", "biaya"], 50)


async def test_a_plan_that_cannot_be_is_refused(ear: Ear, http: httpx.AsyncClient) -> None:
    await begin(http)
    path = "/v1/surveys/s/follow-ups"
    assert faults(await post(http, path, {**PLAN, "element": "parkir"})) == ["element"]
    assert faults(await post(http, path, {**PLAN, "planned": 1, "realised": 2})) == ["realised"]
    assert faults(await post(http, path, {**PLAN, "due_on": "soon"})) == ["due_on"]
    item = (await post(http, path, PLAN)).json()
    assert faults(await post(http, f"{path}/{item['id']}/realise", {"realised": 2})) == ["realised"]
    refusal(
        await post(http, f"{path}/{ear.service.name.encode().hex():0>32}/realise", {"realised": 1}), 404, "not_found"
    )
    assert (await http.get(path, headers=OFFICER)).json()["progress"] == 0


# -- the fifth that is checked ----------------------------------------------------------------------------------


async def test_a_fifth_is_drawn_and_it_is_the_same_fifth_again(ear: Ear, http: httpx.AsyncClient) -> None:
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
    await say(http, "satu lagi")
    assert drawn <= {item["response_id"] for item in (await http.get(path, headers=OFFICER)).json()["items"]}
    other = next(row.id for row in await ear.rows("SELECT id FROM responses") if str(row.id) not in drawn)
    answer = await post(http, f"{path}/{other}", {"result": "confirmed"})
    assert faults(answer, 404, "not_found") == ["response_id"]
    await begin(http, "lain")
    refusal(await post(http, f"/v1/surveys/lain/back-checks/{name}", {"result": "differs"}), 404, "not_found")
    first = (await http.get(f"{path}?limit=10", headers=OFFICER)).json()
    rest = (await http.get(f"{path}?limit=10&cursor={first['next_cursor']}", headers=OFFICER)).json()
    assert {item["response_id"] for item in first["items"] + rest["items"]} >= drawn
    assert rest["next_cursor"] is None


# -- who may ----------------------------------------------------------------------------------------------------


async def test_who_may_look_and_who_may_change(ear: Ear, http: httpx.AsyncClient) -> None:
    form = {"code": "t", "title": "Survei"}
    for role in ROLES:
        assert (await http.get("/v1/surveys", headers=staff_header(role))).status_code == 200, role
    agent = staff_header("agent")
    changes: list[tuple[str, Any]] = [
        ("/v1/surveys", form),
        ("/v1/instruments", OWN.model_dump(mode="json")),
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
