"""Files that correct others while more of them come: each respondent is counted once, and nobody waits in a ring."""

import asyncio
from typing import Any

import httpx

from tests.services.survey_index.conftest import SLUGS, Running
from tests.services.survey_index.given import OFFICER, begin, get_figure, post, send_answers
from tests.services.survey_index.test_same_file import bring, listed, numbered, rows_of_files, send


async def agree(running: Running) -> bool:
    """Whether the tallies are those of the responses that there are."""
    (told,) = await running.rows(
        "SELECT coalesce(sum(counts[1]), 0) AS n FROM tallies WHERE dimension = '' AND grain = 'day'"
    )
    return int(told.n) == len(await running.rows("SELECT 1 FROM responses"))


async def test_two_corrections_of_one_file_at_once_are_counted_once(running: Running, http: httpx.AsyncClient) -> None:
    for turn in range(6):
        survey = f"s{turn}"
        first = await bring(http, numbered("1", "2"), survey)
        mended = [numbered("1", "2", *more) for more in ("3", "45")]
        answers = await asyncio.gather(*(send(http, content, survey, replaces=first) for content in mended))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (won,) = (answer.json() for answer in answers if answer.is_success)
        assert (won["repeated"], (await get_figure(http, survey=survey))["n"]) == (False, won["rows"])
    assert await agree(running)


async def test_two_files_with_the_same_people_at_once_are_not_both_counted(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    answers = await asyncio.gather(*(send(http, numbered("1", more)) for more in "abcd"))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await get_figure(http))["n"] == 2


async def test_same_correction_sent_many_times_at_once_is_one_import(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    answers = await asyncio.gather(*(send(http, numbered("1", "3"), replaces=first) for _ in range(5)))
    told = [answer.json() for answer in answers]
    assert sorted(one["repeated"] for one in told) == [False, True, True, True, True]
    assert {(one["import_id"], one["replaces"]) for one in told} == {(told[0]["import_id"], first)}
    assert ((await get_figure(http))["n"], len(await listed(http))) == (2, 2)


async def test_file_that_is_replaced_and_taken_back_at_once_is_gone_once(
    running: Running, http: httpx.AsyncClient
) -> None:
    for turn in range(8):
        first = await bring(http, numbered(f"{turn}-1", f"{turn}-2"))
        gone, come = await asyncio.gather(
            post(http, f"/v1/surveys/s/imports/{first}/withdraw"),
            send(http, numbered(f"{turn}-1"), replaces=first),
        )
        assert (gone.status_code, come.status_code) == (200, 201)
    assert (await get_figure(http))["n"] == 8
    assert await agree(running)


async def test_files_that_replace_each_other_at_once_never_wait_in_a_ring(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    one, two = numbered("1", "2"), numbered("1", "3")

    async def change(content: str, other: str) -> None:
        for _ in range(10):
            standing = [name for name, file in (await listed(http)).items() if file["withdrawn_at"] is None]
            replaced = {"replaces": standing[0]} if standing else {}
            assert (await send(http, content, **replaced)).status_code in (201, 409), other

    await asyncio.gather(change(one, two), change(two, one), change(one, two))
    assert (await get_figure(http))["n"] == 2
    assert await agree(running)


async def test_replacing_never_waits_in_a_ring_with_answers_and_files_of_the_same_days(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    days = [f"2026-0{month}-1{day}" for month in (1, 2) for day in range(8)]
    threes = ",".join("3" * 9)

    def file(number: int, turn: int) -> str:
        lines = [f"{number}-{place},{threes},{day}" for place, day in enumerate(days[(number + turn) % 3 :: 2])]
        return "\n".join([f"respondent,{','.join(SLUGS)},date", *lines])

    async def replace_again_and_again(number: int) -> None:
        last: dict[str, Any] = {}
        for turn in range(5):
            answer = await send(http, file(number, turn), **last)
            assert answer.status_code == 201, answer.text
            last = {"replaces": answer.json()["import_id"]}
        withdrawn = await post(http, f"/v1/surveys/s/imports/{last['replaces']}/withdraw")
        assert withdrawn.status_code == 200

    async def answer_every_day(name: str, in_order: list[str]) -> None:
        for day in in_order:
            assert (await send_answers(http, f"{name}-{day}", answered_on=day)).status_code == 201

    await asyncio.gather(
        *(replace_again_and_again(number) for number in range(4)),
        answer_every_day("maju", days),
        answer_every_day("mundur", days[::-1]),
    )
    assert (await get_figure(http))["n"] == 2 * len(days)
    assert await agree(running)
    assert await running.rows("SELECT 1 FROM tallies WHERE 0 = ALL(counts)") == []


async def test_survey_that_is_closed_while_its_file_is_replaced_keeps_one_of_the_two(
    running: Running, http: httpx.AsyncClient
) -> None:
    for turn in range(6):
        survey = f"s{turn}"
        first = await bring(http, numbered("1", "2"), survey)
        closed, come = await asyncio.gather(
            http.post(f"/v1/surveys/{survey}/close", headers=OFFICER),
            send(http, numbered("1", "2", "3"), survey, replaces=first),
        )
        assert (closed.status_code, come.status_code in (201, 410)) == (200, True)
        assert (await get_figure(http, survey=survey))["n"] == (3 if come.is_success else 2)


async def test_refused_file_leaves_nothing_behind(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, numbered("1", "2"))
    before = await rows_of_files(running)
    answers = await asyncio.gather(*(send(http, numbered("2", more)) for more in "abcd"))
    assert {answer.status_code for answer in answers} == {409}
    assert await rows_of_files(running) == before
