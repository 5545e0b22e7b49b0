"""Answers of invited citizens: by a link that works once and in time, on the scale, and counted as they were given."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.survey_index.domain.tallies import Layout
from tests.conftest import staff_header
from tests.factories import ticket_resolved
from tests.services.survey_index.conftest import (
    ASKED,
    SLUGS,
    Running,
    all_answered,
    answers_by_code,
    new_citizen,
    sheet,
)
from tests.services.tickets.conftest import faults, refusal

OFFICER = staff_header("officer")
LAYOUT = Layout(ASKED)


async def respond(http: httpx.AsyncClient, token: str, answers: Any = None, **more: Any) -> httpx.Response:
    form = {"token": token, "answers": all_answered(3) if answers is None else answers, **more}
    return await http.post("/v1/responses", json=form)


async def response_rows(running: Running) -> list[Any]:
    return await running.rows("SELECT * FROM responses ORDER BY id")


async def tallies_agree(running: Running) -> bool:
    """Whether the tallies, by day and by month, for everybody and by profile, are what counting the responses gives."""
    counted: dict[tuple[Any, ...], list[int]] = {}
    for row in await response_rows(running):
        for dimension, value in (
            ("", ""),
            ("sex", row.sex),
            ("education", row.education),
            ("occupation", row.occupation),
        ):
            for grain, day in (("day", row.day), ("month", row.day.replace(day=1))):
                if value or not dimension:
                    place = (dimension, grain, day, row.unit, row.service, row.channel, row.complete, value)
                    cells = counted.setdefault((row.survey, *place), [0] * LAYOUT.size)
                    for number in LAYOUT.places(row.answers):
                        cells[number] += 1
    tallied = await running.rows("""
        SELECT survey, dimension, grain, day, unit, service, channel, complete, value, counts FROM tallies
    """)
    return {tuple(row)[:-1]: list(row.counts) for row in tallied} == counted


async def test_answer_is_kept_and_counted_without_a_name(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token(unit="pengawas", channel="chat")
    answer = await respond(http, token, {**all_answered(4), "waktu": 3}, nps=9, comment="  Terima kasih.  ")
    assert (answer.status_code, answer.json()["survey"]) == (201, "layanan")
    (row,) = await response_rows(running)
    assert str(row.id) == answer.json()["response_id"]
    assert answers_by_code(row.answers) == {**all_answered(4), "waktu": 3, "nps": 9}
    assert (row.comment, row.complete, row.unit, row.channel) == ("Terima kasih.", True, "pengawas", "chat")
    assert (row.respondent, row.import_id, row.day.isoformat()) == (None, None, "2026-03-13")
    assert await tallies_agree(running)
    index = (await http.get("/v1/index/skm?survey=layanan", headers=OFFICER)).json()
    score = (await http.get("/v1/index/nps?survey=layanan", headers=OFFICER)).json()
    assert (index["n"], index["index"], score["n"], score["score"]) == (1, 97.22, 1, 100)


async def test_day_is_that_of_the_survey_and_not_of_utc(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    running.clock.forward(hours=15)  # 17:00 UTC is midnight in Jakarta
    await respond(http, token)
    assert [row.day.isoformat() for row in await response_rows(running)] == ["2026-03-14"]
    index = await http.get("/v1/index/skm?survey=layanan&from=2026-03-14&to=2026-03-14", headers=OFFICER)
    assert index.json()["n"] == 1


async def test_what_is_left_out_is_missing_and_not_nought(running: Running, http: httpx.AsyncClient) -> None:
    given: list[tuple[dict[str, Any], dict[str, Any], dict[str, int]]] = [
        ({"U1": 4, "U8": 1, "U9": 2}, {}, {"persyaratan": 4, "sarana": 1, "pengaduan": 2}),
        ({"WAKTU": 2, "u4": 3}, {}, {"waktu": 2, "biaya": 3}),
        ({"waktu": 2, "biaya": None}, {}, {"waktu": 2}),
        ({}, {"nps": 0}, {"nps": 0}),
        ({"waktu": 1}, {"nps": None, "comment": None}, {"waktu": 1}),
    ]
    for answers, more, _ in given:
        assert (await respond(http, await running.token(), answers, **more)).status_code == 201
    assert [answers_by_code(row.answers) for row in await response_rows(running)] == [wanted for _, _, wanted in given]
    assert {row.complete for row in await response_rows(running)} == {False}


# -- once, in time, and only by a link of ours ------------------------------------------------------------------


async def test_link_counts_once(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    await respond(http, token)
    refusal(await respond(http, token, all_answered(1)), 409, "already_answered")
    assert [answers_by_code(row.answers) for row in await response_rows(running)] == [all_answered(3)]
    assert await tallies_agree(running)
    assert (await http.get(f"/v1/invitations/{token}")).json()["answered"] is True


async def test_two_clicks_at_once_count_once(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    answers = await asyncio.gather(*(respond(http, token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert len(await response_rows(running)) == 1
    assert await tallies_agree(running)


async def test_link_is_good_to_its_last_second_and_no_longer(running: Running, http: httpx.AsyncClient) -> None:
    in_time, late = await running.token(), await running.token()
    running.clock.forward(days=14, hours=14, minutes=59, seconds=59)  # the last second of that day in Jakarta
    assert (await respond(http, in_time)).status_code == 201
    running.clock.forward(seconds=1)
    refusal(await respond(http, late), 410, "invitation_expired")
    refusal(await http.get(f"/v1/invitations/{late}"), 410, "invitation_expired")
    refusal(await respond(http, in_time), 409, "already_answered")
    assert len(await response_rows(running)) == 1


async def test_forged_link_is_not_known(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    for forged in ("nothing-of-ours", f"{token}x", f"x{token}", "é.è", ".", "A" * 200):
        assert faults(await respond(http, forged), 404, "unknown_link") == ["token"], forged
    assert await response_rows(running) == []


# -- what cannot be counted -------------------------------------------------------------------------------------


async def test_what_cannot_be_counted_is_named_and_leaves_the_link_good(
    running: Running, http: httpx.AsyncClient
) -> None:
    token = await running.token()
    tried: list[tuple[Any, dict[str, Any], str]] = [
        ({"waktu": 5}, {}, "answers.waktu"),
        ({"waktu": 0}, {}, "answers.waktu"),
        ({"U3": -1}, {}, "answers.waktu"),
        ({"waktu": 10**30}, {}, "answers.waktu"),
        ({"waktu": 3.5}, {}, "answers.waktu"),
        ({"waktu": "tiga"}, {}, "answers.waktu"),
        ({"waktu": 3, "parkir": 3}, {}, "answers"),
        ({"U10": 3}, {}, "answers"),
        ({"nps": 9}, {"nps": 9}, "nps"),
        ({"waktu": 3}, {"profile": {"age": 121}}, "profile.age"),
        ({"waktu": 3}, {"profile": {"sex": "X"}}, "profile.sex"),
        ({"waktu": 3}, {"profile": {"religion": "x"}}, "profile.religion"),
        ({"waktu": 3}, {"comment": "ok", "comment_about": "parkir"}, "comment_about"),
        ({}, {}, "answers"),
        ({"waktu": None}, {}, "answers"),
        ({}, {"comment": "Hanya saran."}, "answers"),
        ([3, 3, 3], {}, "answers"),
        ({"waktu": 3}, {"nps": 11}, "nps"),
        ({"waktu": 3}, {"nps": -1}, "nps"),
        ({"waktu": 3}, {"comment": "x" * 2_001}, "comment"),
        ({"waktu": 3}, {"comment": "a\0b"}, "comment"),
        ({"waktu": 3}, {"name": "Warga Satu"}, "name"),
        ({f"x{n}": 3 for n in range(362)}, {}, "answers"),
    ]
    for answers, more, field in tried:
        assert faults(await respond(http, token, answers, **more)) == [field], (answers, more)
    assert await response_rows(running) == []
    assert (await respond(http, token)).status_code == 201


async def test_every_answer_off_the_scale_is_named(running: Running, http: httpx.AsyncClient) -> None:
    answer = await respond(http, await running.token(), {"waktu": 5, "biaya": 4, "U8": 0})
    assert faults(answer) == ["answers.waktu", "answers.sarana"]


async def test_without_a_token_there_is_nothing_to_look_for(running: Running, http: httpx.AsyncClient) -> None:
    for token in (None, "", "x" * 201):
        answer = await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 3}})
        assert faults(answer) == ["token"]


# -- the tallies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
async def test_tallies_are_what_the_responses_say(running: Running, http: httpx.AsyncClient, seed: int) -> None:
    """Given answers by link on several days for several units, at once, and files beside them."""
    chance = random.Random(seed)

    def some() -> dict[str, int]:
        chosen = chance.sample(SLUGS, chance.choice([1, 5, 9]))
        return {slug: chance.randint(1, 4) for slug in chosen}

    for day in range(3):
        units = [chance.choice(["pengawas", "Setjen"]) for _ in range(8)]
        await running.resolve(
            *(
                ticket_resolved(citizen=new_citizen(), unit=unit, channel=chance.choice(["form", "chat"]))
                for unit in units
            )
        )
        tokens = [invited.data.link.rpartition("/")[2] for invited in (await running.invitations())[-8:]]
        answers = await asyncio.gather(
            *(respond(http, token, some(), nps=chance.choice([None, 3, 10])) for token in tokens + tokens[:3])
        )
        assert Counter(answer.status_code for answer in answers) == {201: 8, 409: 3}
        path = f"/v1/surveys/layanan/responses:import?as_more=true&answered_on={running.clock.now.date()}"
        await http.post(path, headers=OFFICER, content=sheet([some() for _ in range(5 + day)]))
        running.clock.now += timedelta(days=1)
    assert len(await response_rows(running)) == 3 * 8 + 5 + 6 + 7
    assert await tallies_agree(running)
    for missing, rows in (
        ("per_question", await response_rows(running)),
        ("complete_rows", [row for row in await response_rows(running) if row.complete]),
    ):
        index = (await http.get(f"/v1/index/skm?survey=layanan&missing={missing}", headers=OFFICER)).json()
        assert index["n"] == len(rows)
        for element in index["elements"]:
            given = [answers_by_code(row.answers) for row in rows]
            values = [answers[element["slug"]] for answers in given if element["slug"] in answers]
            assert (element["sum"], element["n"]) == (sum(values), len(values))


async def test_element_that_is_answered_twice_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    form = {"token": token, "answers": {"U1": 1, "persyaratan": 4}}
    answer = await http.post("/v1/responses", json=form)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "answers.persyaratan")
