"""Instruments and code lists: those of the regulations, and a unit's own."""

from typing import Any

import httpx
import pytest

from tests.services.survey_index.conftest import SKM, SLUGS, Running
from tests.services.survey_index.domain.given import EDUCATION, codes, element, instrument
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, post, send_answers
from tests.services.tickets.conftest import faults, refusal

OWN = instrument(element("waktu", weight="3/4"), element("biaya", weight="0.25"), code="milik_unit")


async def test_instruments_of_the_regulations_are_there(running: Running, http: httpx.AsyncClient) -> None:
    found = (await http.get("/v1/instruments", headers=OFFICER)).json()["items"]
    assert [item["code"] for item in found] == (
        ["call_centre_2021", "csat3", "kep25_2004", "nps", "skm14_2017", "skm16_2014", "skm_online"]
    )
    one = await http.get("/v1/instruments/skm14_2017", headers=OFFICER)
    assert one.json()["elements"][0]["name"] == {"id": "Persyaratan", "en": "Requirements"}
    assert "s002_2020" in await listed(http)


async def test_unit_may_bring_its_own_with_weights_of_its_own(running: Running, http: httpx.AsyncClient) -> None:
    assert (await post(http, "/v1/instruments", OWN.model_dump(mode="json"))).status_code == 201
    await begin(http, instrument="milik_unit", ask_nps=False)
    await send_answers(http, "satu", answers={"waktu": 4, "biaya": 1})
    assert (await get_figure(http))["index"] == 81.25
    answer = await http.get("/v1/index/skm?survey=s&weighting=0.111", headers=OFFICER)
    assert faults(answer) == ["weighting"]


async def test_weights_that_do_not_sum_to_1_are_refused(running: Running, http: httpx.AsyncClient) -> None:
    wrong = OWN.model_dump(mode="json")
    wrong["elements"][0]["weight"] = "0.7"
    problem = refusal(await post(http, "/v1/instruments", wrong), 422, "invalid")
    assert problem["errors"][0]["message"] == "has weights that do not sum to exactly 1"
    refusal(await http.get("/v1/instruments/milik_unit", headers=OFFICER), 404, "not_found")


async def test_version_is_never_changed_and_a_survey_keeps_the_one_it_began_with(
    running: Running, http: httpx.AsyncClient
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


# -- code lists -------------------------------------------------------------------------------------------------


async def listed(http: httpx.AsyncClient) -> dict[str, Any]:
    """Every code list, by its code."""
    page = (await http.get("/v1/code-lists", headers=OFFICER)).json()
    assert page.keys() == {"items", "next_cursor"}
    return {item["code"]: item for item in page["items"]}


async def test_unit_may_bring_its_own_code_list(running: Running, http: httpx.AsyncClient) -> None:
    answer = await post(http, "/v1/code-lists", codes())
    assert (answer.status_code, answer.json()) == (201, codes())
    known = await listed(http)
    assert known["jepara_2021"] == codes()
    assert {"s002_2020", "umum_2024"} < known.keys()
    made = await begin(http, code_list="jepara_2021")
    assert made["codes"] == {name: words for name, words in codes().items() if name != "code"}
    profile = {"sex": "P", "education": "S2_KEATAS"}
    assert (await send_answers(http, "satu", profile=profile)).status_code == 201
    assert faults(await send_answers(http, "dua", profile={"education": "sma_smk"})) == ["profile.education"]
    threes = ",".join("3" * 9)
    await bring(http, f"respondent,{','.join(SLUGS)},education\nA,{threes},s2 keatas\nB,{threes},Sarjana\n")
    groups = (await get_figure(http, by="education"))["groups"]
    assert [(g["key"], g["name"], g["figure"]["n"]) for g in groups] == [
        ("S1", "Sarjana", 1),
        ("S2_KEATAS", "S2 Keatas", 2),
    ]
    page = (await http.get("/v1/surveys/s/report.html", headers=OFFICER, timeout=60)).text
    assert "S2 Keatas" in page
    assert "Kabupaten Jepara" in page


async def test_code_that_no_text_can_be_is_named(running: Running, http: httpx.AsyncClient) -> None:
    assert faults(await http.get("/v1/instruments/a%00b", headers=OFFICER), 404, "not_found") == ["code"]


async def test_code_list_never_changes(running: Running, http: httpx.AsyncClient) -> None:
    await post(http, "/v1/code-lists", codes())
    for code in ("jepara_2021", "s002_2020"):
        assert faults(await post(http, "/v1/code-lists", codes(code, education=EDUCATION[:1])), 409, "exists") == [
            "code"
        ]
    assert len((await listed(http))["jepara_2021"]["education"]) == 3


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"education": []}, "education"),
        ({"education": [*EDUCATION, ("S1", "Lain", "Other")]}, "body"),
        ({"education": [*EDUCATION, ("S3", "sma", "Doctor")]}, "body"),
        ({"education": [*EDUCATION, ("KOSONG", "tidak diisi", "Not told")]}, "body"),
        ({"sex": [("L", "Laki-laki", "Male"), ("2", "Dua", "Two")]}, "sex.1.code"),
        ({"occupation": [(f"C{n}", f"Kerja {n}", f"Work {n}") for n in range(101)]}, "occupation"),
    ],
    ids=[
        "nothing to choose from",
        "a code twice",
        "a name twice",
        "a name of ours",
        "a code that is no code",
        "too many",
    ],
)
async def test_code_list_by_which_nobody_could_answer_is_refused(
    running: Running, http: httpx.AsyncClient, changes: dict[str, Any], fault: str
) -> None:
    assert faults(await post(http, "/v1/code-lists", codes(**changes))) == [fault]
