"""Titles, units, services and names are one line: refused from a program, tidied where somebody typed them."""

from typing import Any

import httpx
import pytest

from tests.services.survey_index.conftest import Running, all_answered
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.domain.reading import HEADER, rows
from tests.services.survey_index.given import OFFICER, begin, get_figure, post, send_answers
from tests.services.tickets.conftest import faults

AMISS = ("Loket\n2", "Loket \u202e2", "Loket\u200b2", "Loket\x1b2")
PLAN = {"element": "waktu", "action": "Tambah loket", "responsible": "Budi", "due_on": "2026-06-30"}


@pytest.mark.parametrize("amiss", AMISS)
async def test_names_that_are_no_line_are_refused_with_their_field(
    running: Running, http: httpx.AsyncClient, amiss: str
) -> None:
    await begin(http, "s")
    asked: list[tuple[str, dict[str, Any], list[str]]] = [
        (
            "/v1/surveys",
            {"code": "t", "title": amiss, "unit": amiss, "services": [amiss]},
            ["title", "unit", "services.0"],
        ),
        ("/v1/surveys/s/follow-ups", {**PLAN, "action": amiss, "responsible": amiss}, ["action", "responsible"]),
        (
            "/v1/surveys/s/responses",
            {
                "once": "1",
                "answers": all_answered(3),
                "unit": amiss,
                "service": amiss,
                "channel": amiss,
                "respondent": amiss,
                "interviewer": {"name": amiss, "nip": "1"},
            },
            ["channel", "unit", "service", "respondent", "interviewer.name"],
        ),
        (
            "/v1/surveys/s/keypad",
            {"once": "1", "keys": ["3"], "unit": amiss, "service": amiss},
            ["unit", "service"],
        ),
    ]
    for path, form, fields in asked:
        answer = await post(http, path, form)
        assert sorted(faults(answer)) == sorted(fields), path
        assert amiss not in answer.text
    for name in ("unit", "service", "channel"):
        answer = await http.get("/v1/index/skm", headers=OFFICER, params={"survey": "s", name: amiss})
        assert faults(answer) == [name]


async def test_spaces_in_names_are_folded_where_they_are_given_and_where_they_are_asked_for(
    running: Running, http: httpx.AsyncClient
) -> None:
    assert (await begin(http, "s", title="Survei \t uji"))["title"] == "Survei uji"
    assert (await send_answers(http, "1", unit="Disnaker \t Kota")).status_code == 201
    assert (await get_figure(http, unit="Disnaker  Kota"))["n"] == 1


async def test_form_that_a_citizen_typed_is_tidied_and_his_comment_keeps_its_lines(
    running: Running, http: httpx.AsyncClient
) -> None:
    await running.rows("UPDATE surveys SET services = ARRAY['Loket 2', 'Loket 3'] RETURNING code")
    form = {**all_answered(3), "service": "Loket\u200b\n2", "age": "\u200e41", "comment": "Baris satu\r\nbaris dua"}
    answer = await http.post(f"/s/{await running.token()}", data=form)
    assert answer.status_code == 200
    (row,) = await running.rows("SELECT service, age, comment FROM responses")
    assert tuple(row) == ("Loket 2", 41, "Baris satu\r\nbaris dua")


def test_names_in_a_file_are_tidied_and_its_comments_keep_their_lines() -> None:
    row = 'R1,1,2,3,4,1,2,3,4,1,"Disnaker \u202e\nKota",lo\u200bket,\ufeffLaki-laki,\u200b,"Satu\nDua"'
    (found,) = rows(f"{HEADER},unit,channel,sex,education,comment\n{row}\n")
    assert (found.unit, found.channel, found.sex) == ("Disnaker Kota", "loket", "L")
    assert (found.education, found.comment) == ("", "Satu\nDua")


async def test_text_of_a_questionnaire_is_tidied(running: Running, http: httpx.AsyncClient) -> None:
    form = instrument(element("waktu")).model_dump(mode="json")
    form["name"] = {"id": "Survei\u200b  uji\xad", "en": "Trial\tsurvey"}
    answer = await post(http, "/v1/instruments", form)
    assert answer.status_code == 201
    assert answer.json()["name"] == {"id": "Survei uji", "en": "Trial survey"}
