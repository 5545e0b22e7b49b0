"""What is published is for everybody, of surveys that have ended, and tells nothing of few people."""

import httpx
import pytest

from services.survey_index.domain.instruments import builtin
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, Running, all_answered, sheet
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.given import OFFICER, begin, bring, post, send_answers
from tests.services.tickets.conftest import refusal


async def test_what_is_published_is_for_everybody_and_only_after_the_end(
    running: Running, http: httpx.AsyncClient
) -> None:
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


async def test_survey_that_still_runs_is_not_published(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    refusal(await post(http, "/v1/surveys/s/publish"), 409, "still_open")
    await post(http, "/v1/surveys/s/close")
    assert (await post(http, "/v1/surveys/s/publish")).status_code == 200
    assert "belum ada nilai" in (await http.get("/p/s")).text


async def test_what_is_published_hides_groups_of_fewer_than_five(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(20):
        education = "smp" if number < 3 else "sma" if number < 13 else "d4_s1"
        await send_answers(http, f"k{number}", profile={"sex": "L" if number % 2 else "P", "education": education})
    await post(http, "/v1/surveys/s/close")
    await post(http, "/v1/surveys/s/publish")
    page = (await http.get("/p/s")).text
    rows = _cells(page)
    assert (rows["Laki-laki"], rows["Perempuan"]) == ("10", "10")
    assert (rows["SMP/sederajat"], rows["SMA/SMK/sederajat"], rows["D4/S1"]) == ("*", "10", "*")


async def test_survey_whose_code_ends_in_a_full_stop_is_reached_and_marks_behind_a_link_are_forgiven(
    running: Running, http: httpx.AsyncClient
) -> None:
    for code in ("k.", "s"):
        await begin(http, code)
        for verb in ("close", "publish"):
            await post(http, f"/v1/surveys/{code}/{verb}")
    for path in ("k.", "s", "s.", "s*", "s~", "s%C2%A0", "s…"):
        assert (await http.get(f"/p/{path}")).status_code == 200, path


async def test_what_nobody_told_of_himself_is_not_published(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(6):
        await send_answers(http, f"k{number}", profile={"sex": "L"})
    page = await publication(http)
    assert "Responden menurut jenis kelamin" in page
    assert "Responden menurut pekerjaan" not in page


async def test_figures_do_not_move_after_they_were_published(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2026-03-01", closes_on="2026-03-12")
    for number in range(5):
        await send_answers(http, f"k{number}", answered_on="2026-03-10")
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    before = (await http.get("/p/s")).text
    refusal(await send_answers(http, "telat", answered_on="2026-03-10", answers=all_answered(1)), 410, "survey_closed")
    content = sheet([all_answered(1)])
    path = "/v1/surveys/s/responses:import?answered_on=2026-03-10"
    refusal(await http.post(path, headers=OFFICER, content=content), 410, "survey_closed")
    assert (await http.get("/p/s")).text == before


async def test_element_that_fewer_than_five_answered_is_not_shown(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(9):
        answers = {slug: 4 for slug in SLUGS if slug != "biaya" or number < 4}
        await send_answers(http, f"k{number}", answers=answers)
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    page = (await http.get("/p/s")).text
    assert "terlalu sedikit" in page
    assert "100,00" not in page


async def test_what_fewer_than_five_answered_is_not_shown(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    for number in range(4):
        await send_answers(http, f"k{number}", profile={"sex": "L"})
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
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, missing="complete_rows")
    for number in range(6):
        await send_answers(http, f"k{number}", nps=10, profile={"sex": "L"})
        await send_answers(http, f"t{number}", answers={"waktu": 1}, nps=0, profile={"sex": "P"})
    page = await publication(http)
    assert _cells(page).get("Laki-laki") == "6"
    assert _cells(page).get("Perempuan") == "0"
    assert "(NPS): 0,00 dari 12 jawaban" in page
    assert "6 responden" in page
    assert "dari kuesioner yang dijawab lengkap" in page


async def test_grade_is_published_with_the_edition_that_it_comes_from(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, edition="kep25_2004")
    await bring(http, RESPONDENTS_72.read_bytes())
    assert "mutu A (Sangat Baik) menurut Keputusan Menteri PAN Nomor KEP/25/M.PAN/2/2004" in await publication(http)


async def test_level_of_satisfaction_that_few_chose_is_hidden_with_the_next(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, instrument="csat3", ask_nps=False)
    for number in range(21):
        value = 3 if number < 12 else 2 if number < 20 else 1
        await send_answers(http, f"k{number}", answers={"csat": value})
    page = await publication(http)
    assert "57,14%" in page
    assert "38,10%" not in page
    assert "4,76%" not in page


@pytest.mark.parametrize(("n", "told"), [(0, "0 responden"), (4, "Kurang dari lima responden"), (5, "5 responden")])
async def test_how_many_answered_is_published_from_five_on(
    running: Running, http: httpx.AsyncClient, n: int, told: str
) -> None:
    await begin(http)
    for number in range(n):
        await send_answers(http, f"k{number}")
    assert told in await publication(http)


async def test_eight_answers_of_four_people_are_no_five_people(running: Running, http: httpx.AsyncClient) -> None:
    online = builtin()["skm_online"]
    many = next(element for element in online.of("ikm") if len(element.questions) >= 2).slug
    others = [question.code for question in online.questions if question.element != many]
    await begin(http, instrument="skm_online")
    for number in range(9):
        codes = online.codes if number < 4 else others
        await send_answers(http, f"k{number}", answers=dict.fromkeys(codes, 4))
    page = await publication(http)
    assert "Nilai IKM" not in page
    assert page.count("100,00") == 1
    assert "(IPAK): 100,00, mutu A (Sangat Baik)." in page


async def test_index_of_corruption_is_published_from_five_answers_on(running: Running, http: httpx.AsyncClient) -> None:
    own = instrument(element("pungutan", measure="ipak"), code="ipak_saja")
    await post(http, "/v1/instruments", own.model_dump(mode="json"))
    await begin(http, instrument="ipak_saja", ask_nps=False)
    for number in range(5):
        await send_answers(http, f"k{number}", answers={"pungutan": 4 if number else 3})
    page = await publication(http)
    assert "(IPAK): 95,00, mutu A (Sangat Baik)." in page
    assert "terlalu sedikit" not in page


def _cells(page: str) -> dict[str, str]:
    """Name → what stands beside it, in every table of a publication."""
    cells = {}
    for row in page.split('<tr><th scope="row">')[1:]:
        name, _, rest = row.partition("</th>")
        cells[name] = "*" if "<abbr" in rest.partition("</td>")[0] else rest.partition("<td>")[2].partition("<")[0]
    return cells
