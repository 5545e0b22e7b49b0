"""Importing answers: a file counts once, all of it or nothing, and only for who may."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import HttpUrl

from services.survey_index.main import build
from services.survey_index.settings import SurveyIndexSettings
from shared.caller import Role
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.survey_index.conftest import (
    PUBLIC_URL,
    RESPONDENTS_72,
    SKM,
    SLUGS,
    Running,
    all_answered,
    answers_by_code,
    sheet,
)
from tests.services.survey_index.given import begin, get_figure, send_answers
from tests.services.tickets.conftest import faults, refusal
from tests.serving import serving

OFFICER = staff_header("officer")
FILE = RESPONDENTS_72.read_bytes()
POSITIONS = tuple(SKM.by_position)


async def send(http: httpx.AsyncClient, content: bytes | str, survey: str = "skm-2020", **query: Any) -> httpx.Response:
    """The file as the body of the request, from a day in March unless something else is said."""
    headers = {**OFFICER, "Content-Type": "text/csv"}
    asked = {"answered_on": "2026-03-13", **query}
    return await http.post(f"/v1/surveys/{survey}/responses:import", headers=headers, content=content, params=asked)


async def upload(http: httpx.AsyncClient, content: bytes, field: str = "file") -> httpx.Response:
    """The file as the field of a form, as a browser sends it; its remains are gone when this returns."""
    files = {field: ("jawaban.csv", content, "text/csv")}
    path = "/v1/surveys/skm-2020/responses:import?answered_on=2026-03-13"
    answer = await http.post(path, headers=OFFICER, files=files)
    await http.get("/livez")
    gc.collect()
    return answer


async def nothing_was_kept(running: Running) -> bool:
    counts = await running.rows("""
        SELECT (SELECT count(*) FROM tallies), (SELECT count(*) FROM responses), (SELECT count(*) FROM imports),
               (SELECT count(*) FROM surveys WHERE code <> 'layanan')
    """)
    return tuple(counts[0]) == (0, 0, 0, 0)


# -- a good file ------------------------------------------------------------------------------------------------


async def test_file_begins_a_survey_with_its_answers(running: Running, http: httpx.AsyncClient) -> None:
    answer = await send(http, FILE)
    done = answer.json()
    assert answer.status_code == 201
    assert (done["survey"], done["rows"], done["repeated"]) == ("skm-2020", 72, False)
    kept = await running.rows("SELECT import_id, respondent, channel, complete, answers FROM responses ORDER BY id")
    assert {(str(row.import_id), row.channel, row.complete) for row in kept} == {(done["import_id"], "paper", True)}
    assert [row.respondent for row in kept] == [f"S002-{number:02}" for number in range(1, 73)]
    assert answers_by_code(kept[0].answers).keys() == set(SLUGS)
    (survey,) = await running.rows("SELECT * FROM surveys WHERE code = 'skm-2020'")
    assert (survey.title, survey.definition["code"], survey.edition) == ("skm 2020", "skm14_2017", "permenpanrb14_2017")
    assert survey.selection == "nobody"
    (record,) = await running.rows("SELECT * FROM imports")
    assert (record.imported_by, record.rows, record.imported_at) == ("staff:test", 72, running.clock())


async def test_file_may_come_in_a_form(running: Running, http: httpx.AsyncClient) -> None:
    answer = await upload(http, FILE)
    assert (answer.status_code, answer.json()["rows"]) == (201, 72)
    again = (await send(http, FILE)).json()
    assert (again["repeated"], again["import_id"]) == (True, answer.json()["import_id"])


async def test_file_of_a_form_is_closed(running: Running, http: httpx.AsyncClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await upload(http, FILE)
    assert [warning.message for warning in caught] == []


async def test_form_without_the_file_is_told_which_field(running: Running, http: httpx.AsyncClient) -> None:
    assert faults(await upload(http, FILE, field="berkas")) == ["file"]
    assert await nothing_was_kept(running)


async def test_answers_that_are_missing_are_absent_and_the_row_is_not_complete(
    running: Running, http: httpx.AsyncClient
) -> None:
    await send(http, sheet([{"waktu": 3, "nps": 9}, {**all_answered(2)}], extra=["nps"]))
    kept = await running.rows("SELECT complete, answers FROM responses ORDER BY id")
    assert [(row.complete, answers_by_code(row.answers)) for row in kept] == [
        (False, {"waktu": 3, "nps": 9}),
        (True, all_answered(2)),
    ]


async def test_file_does_not_begin_a_survey_that_somebody_sets_up_meanwhile(
    running: Running, http: httpx.AsyncClient
) -> None:
    """Whichever is first, the rows are those of the survey that there is."""
    rules = {"title": "Survei uji", "instrument": "kep25_2004", "unit": "Disnaker"}
    for number in range(15):
        code = f"s{number}"
        setting_up = http.post("/v1/surveys", headers=OFFICER, json={"code": code, **rules})
        begun, sent = await asyncio.gather(setting_up, send(http, FILE, code))
        assert (begun.status_code, sent.status_code) in {(201, 422), (409, 201)}
        assert (await get_figure(http, survey=code))["n"] == (0 if begun.is_success else 72)


# -- once -------------------------------------------------------------------------------------------------------


async def test_same_file_counts_once(running: Running, http: httpx.AsyncClient) -> None:
    first, again = (await send(http, FILE)).json(), (await send(http, FILE)).json()
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert (again["import_id"], again["rows"]) == (first["import_id"], 72)
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]
    assert [
        tuple(row)
        for row in await running.rows("SELECT sum(counts[1]) FROM tallies WHERE dimension = '' AND grain = 'month'")
    ] == [(72,)]


async def test_same_cells_saved_in_another_way_count_once(running: Running, http: httpx.AsyncClient) -> None:
    other = b"\xef\xbb\xbf" + FILE.replace(b"\n", b"\r\n").replace(b",", b";") + b"\r\n\r\n"
    assert [(await send(http, content)).json()["repeated"] for content in (FILE, other)] == [False, True]
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]
    assert (await http.get("/v1/index/skm?survey=skm-2020", headers=OFFICER)).json()["n"] == 72


async def test_same_file_sent_many_times_at_once_counts_once(running: Running, http: httpx.AsyncClient) -> None:
    answers = [answer.json() for answer in await asyncio.gather(*(send(http, FILE) for _ in range(5)))]
    assert sorted(answer["repeated"] for answer in answers) == [False, True, True, True, True]
    assert len({answer["import_id"] for answer in answers}) == 1
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]


async def test_another_survey_may_count_it_too(running: Running, http: httpx.AsyncClient) -> None:
    answers = [(await send(http, FILE, survey)).json()["repeated"] for survey in ("satu", "dua")]
    assert answers == [False, False]


async def test_same_file_read_in_another_way_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    content = sheet([{"U8": 1, "U9": 4}], POSITIONS)
    await send(http, content)
    refusal(await send(http, content, mapping="U8:pengaduan,U9:sarana"), 409, "imported_otherwise")
    kept = [answers_by_code(row.answers) for row in await running.rows("SELECT answers FROM responses")]
    assert kept == [{"sarana": 1, "pengaduan": 4}]


async def test_mapping_is_obeyed_and_its_order_does_not_matter(running: Running, http: httpx.AsyncClient) -> None:
    content = sheet([{"U8": 1, "U9": 4}], POSITIONS)
    await send(http, content, mapping="U8:pengaduan,U9:sarana")
    assert (await send(http, content, mapping="U9:sarana,U8:pengaduan")).json()["repeated"] is True
    kept = [answers_by_code(row.answers) for row in await running.rows("SELECT answers FROM responses")]
    assert kept == [{"sarana": 4, "pengaduan": 1}]


async def test_mapping_that_says_what_holds_anyway_is_no_other_way(running: Running, http: httpx.AsyncClient) -> None:
    await send(http, FILE)
    again = await send(http, FILE, mapping="respondent:id,waktu:waktu")
    assert (again.status_code, again.json()["repeated"]) == (201, True)
    refusal(await send(http, FILE, mapping="respondent:-", ignore_others="true"), 409, "imported_otherwise")


# -- nothing of a file with faults ------------------------------------------------------------------------------


async def test_file_with_a_fault_imports_nothing(running: Running, http: httpx.AsyncClient) -> None:
    faulty = [
        (FILE.replace(b"S002-72,", b"S002-72,5"), "row 73, column persyaratan"),
        (FILE + b"S002-01,1,1,1,1,1,1,1,1,1\n", "row 74, column respondent"),
        (FILE + b"S002-73,1,1\n", "row 74"),
        (FILE + "Sørensen,1,1,1,1,1,1,1,1,1\n".encode("cp1252"), "row 74, cell 1"),
        (FILE.replace(b"waktu", b"warna", 1), "row 1, column warna"),
        (b"", "file"),
    ]
    for content, where in faulty:
        assert faults(await send(http, content))[0] == where
    assert await nothing_was_kept(running)
    refusal(await http.get("/v1/index/skm", headers=OFFICER, params={"survey": "skm-2020"}), 404, "not_found")


async def test_after_it_is_mended_it_is_imported(running: Running, http: httpx.AsyncClient) -> None:
    await send(http, FILE.replace(b"S002-72,", b"S002-72,5"))
    assert (await send(http, FILE)).json()["repeated"] is False


async def test_bad_question_about_a_good_file_is_named(running: Running, http: httpx.AsyncClient) -> None:
    asked = [
        ("mapping", "U8:parkir"),
        ("mapping", "U8"),
        ("mapping", "U8:pengaduan,u8:sarana"),
        ("mapping", "x" * 2_001),
        ("answered_on", "31-12-2020"),
        ("answered_on", "2020-02-30"),
        ("day_order", "week_first"),
    ]
    for field, value in asked:
        assert faults(await send(http, FILE, **{field: value})) == [field], value
    for code in ("skm%202020", "skm!", "x" * 65):
        assert faults(await send(http, FILE, code)) == ["survey"], code
    assert await nothing_was_kept(running)


# -- how long, and who ------------------------------------------------------------------------------------------


@pytest.fixture
async def narrow(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[httpx.AsyncClient]:
    """survey_index, told to take imports of at most 4,096 bytes and other bodies of at most 1,024."""
    settings = SurveyIndexSettings(public_url=HttpUrl(PUBLIC_URL), max_import_bytes=4_096)
    service = build(common.model_copy(update={"max_body_bytes": 1_024}), settings, clock)
    async with serving(service) as client:
        yield client


async def test_file_may_be_longer_than_other_bodies_but_not_without_end(narrow: httpx.AsyncClient) -> None:
    assert 1_024 < len(FILE) < 4_096
    assert (await send(narrow, FILE)).status_code == 201
    assert faults(await send(narrow, FILE * 3), 413, "body_too_large") == ["body"]
    assert faults(await narrow.post("/v1/responses", content=FILE), 413, "body_too_large") == ["body"]


async def test_who_may_import(running: Running, http: httpx.AsyncClient) -> None:
    roles: tuple[Role, ...] = ("officer", "supervisor", "admin")
    for role in roles:
        path = f"/v1/surveys/{role}/responses:import?answered_on=2026-03-13"
        answer = await http.post(path, headers=staff_header(role), content=FILE)
        assert answer.status_code == 201, role


async def test_who_may_not(running: Running, http: httpx.AsyncClient) -> None:
    path = "/v1/surveys/s/responses:import"
    refusal(await http.post(path, headers=staff_header("agent"), content=FILE), 403, "forbidden")
    refusal(await http.post(path, content=FILE), 401, "unauthenticated")
    assert await nothing_was_kept(running)


async def test_preview_says_what_the_import_would(running: Running, http: httpx.AsyncClient) -> None:
    async def preview(content: bytes, **query: str) -> httpx.Response:
        path = "/v1/surveys/skm-2020/responses:preview"
        asked = {"answered_on": "2026-03-13", **query}
        return await http.post(path, headers=OFFICER, content=content, params=asked)

    assert (await preview(FILE)).json()["known_numbers"] == 0
    await send(http, FILE)
    mended = FILE.replace(b"S002-07,3", b"S002-07,4") + b"S002-73,1,1,1,1,1,1,1,1,1\n"
    assert (await preview(mended)).json()["known_numbers"] == 72
    assert faults(await preview(FILE, answered_on="2999-01-01")) == ["answered_on"]
    assert (await http.post("/v1/surveys/skm-2020/close", headers=OFFICER)).is_success
    refusal(await preview(mended), 410, "survey_closed")


async def test_preview_counts_by_the_rule_of_its_survey(running: Running, http: httpx.AsyncClient) -> None:
    content = sheet([all_answered(3), all_answered(4), {"waktu": 1}])
    for code, rules, seen in (
        ("lengkap", {"missing": "complete_rows", "edition": "kep25_2004"}, (3, 87.5, "A")),
        ("semua", {}, (3, 85.19, "B")),
    ):
        await begin(http, code, **rules)
        answer = await http.post(
            f"/v1/surveys/{code}/responses:preview?answered_on=2026-03-13", headers=OFFICER, content=content
        )
        found = answer.json()
        await send(http, content, code)
        assert (found["rows"], found["index"], found["grade"]) == seen
        assert [(await get_figure(http, survey=code))[name] for name in ("index", "grade")] == [*seen[1:]]


async def test_day_that_nobody_can_have_meant_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    dated = f"respondent,date,{','.join(SLUGS)}\nA,0001-01-01,{','.join('3' * 9)}\n"
    assert faults(await send(http, dated)) == ["row 2, column date"]
    assert faults(await send(http, FILE, answered_on="0001-01-01")) == ["answered_on"]
    await begin(http)
    assert faults(await send_answers(http, "satu", answered_on="0001-01-01")) == ["answered_on"]


async def test_file_is_held_against_the_rules_of_its_survey(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, min_age=17, opens_on="2026-03-01", closes_on="2026-03-10")
    head, values = f"respondent,{','.join(SLUGS)},date,age,sex", ",".join("3" * 9)
    rows = [("2026-03-05", "17", "L"), ("2026-02-28", "20", "P"), ("2026-03-11", "20", "P"), ("2026-03-05", "16", "P")]
    rows += [("2026-03-05", "30", "robot"), ("", "30", "P")]
    lines = [f"R{number},{values},{','.join(answers_by_code)}" for number, answers_by_code in enumerate(rows, start=1)]
    undated = "\n".join([head, *lines])
    assert faults(await http.post("/v1/surveys/s/responses:import", headers=OFFICER, content=undated)) == [
        "row 3, column date",
        "row 4, column date",
        "row 5, column age",
        "row 6, column sex",
        "row 7, column date",
    ]
    good = "\n".join([head, lines[0]])
    assert (await send(http, good, survey="s", answered_on="2026-03-10")).status_code == 201


async def test_answers_to_nps_alone_may_come_in_a_file(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, instrument="nps")
    assert (await send(http, "respondent,nps\nA,10\nB,0\n", survey="s")).status_code == 201
    assert (await get_figure(http, "nps"))["n"] == 2
    problem = refusal(await send(http, "respondent,U1\nA,1\n", survey="s"), 422, "invalid")
    assert problem["errors"][0]["expected"].startswith("respondent, or one of nps; ")
