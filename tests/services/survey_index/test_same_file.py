"""A file whose people came with another one before is that one corrected, or brings others: it has to be said."""

from typing import Any

import httpx
import pytest

from shared.ids import new_id
from tests.services.survey_index.conftest import SLUGS, Running, all_answered, sheet
from tests.services.survey_index.given import OFFICER, begin, get_figure, post, send_answers
from tests.services.tickets.conftest import faults, refusal

DAY = {"answered_on": "2026-03-02"}


def numbered(*numbers: str, value: int = 3) -> str:
    """A file of respondents with these numbers, each of whom answered `value` to everything."""
    lines = [f"{number},{','.join([str(value)] * 9)}" for number in numbers]
    return "\n".join([f"respondent,{','.join(SLUGS)}", *lines])


def rows(*values: int, comment: str = "") -> str:
    """A file without numbers, in which each respondent answered one value to everything."""
    lines = [f"{','.join([str(value)] * 9)},{comment}" for value in values]
    return "\n".join([f"{','.join(SLUGS)},comment", *lines])


async def send(http: httpx.AsyncClient, content: str, survey: str = "s", **query: Any) -> httpx.Response:
    path = f"/v1/surveys/{survey}/responses:import"
    return await http.post(path, headers=OFFICER, content=content, params={**DAY, **query})


async def bring(http: httpx.AsyncClient, content: str, survey: str = "s", **query: Any) -> str:
    """The import that a file became."""
    answer = await send(http, content, survey, **query)
    assert (answer.status_code, answer.json()["repeated"]) == (201, False), answer.text
    return str(answer.json()["import_id"])


async def preview(http: httpx.AsyncClient, content: str, **query: Any) -> Any:
    path = "/v1/surveys/s/responses:preview"
    answer = await http.post(path, headers=OFFICER, content=content, params={**DAY, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(http: httpx.AsyncClient) -> dict[str, Any]:
    found = (await http.get("/v1/surveys/s/imports", headers=OFFICER)).json()["items"]
    return {file["import_id"]: file for file in found}


async def rows_of_files(running: Running) -> list[Any]:
    """Everything that a survey keeps of its files."""
    return [
        await running.rows(f"SELECT * FROM {table} AS t ORDER BY CAST(t AS text)")
        for table in ("imports", "responses", "tallies", "back_checks")
    ]


# -- how it is recognised ---------------------------------------------------------------------------------------


async def test_file_with_a_number_of_another_is_refused_with_both_ways_on(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, numbered("A-1", "A-2", "A-3"))
    before = await rows_of_files(running)
    problem = refusal(await send(http, numbered("A-3", "A-4", "Budi 0812")), 409, "imported_before")
    assert problem["errors"] == [
        {
            "field": "replaces",
            "message": f"1 of 3 respondents' numbers are in the import {first} of 2026-03-13 already",
            "expected": f"replaces={first} if this is that file corrected, as_more=true if they are others",
        }
    ]
    assert await rows_of_files(running) == before


async def test_file_of_other_numbers_or_into_another_survey_is_asked_nothing(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, numbered("A-1", "A-2"))
    await bring(http, numbered("A-3", "A-4"))
    await bring(http, numbered("A-1", "A-2"), "lain")
    assert (await get_figure(http))["n"] == 4


async def test_number_that_a_spreadsheet_wrote_in_another_way_is_the_same(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, numbered("007", "r-1"))
    refusal(await send(http, numbered("7", "x")), 409, "imported_before")
    refusal(await send(http, numbered("R-1", "x")), 409, "imported_before")


async def test_file_that_was_taken_back_is_nothing_to_compare_with(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("A-1"))
    assert (await post(http, f"/v1/surveys/s/imports/{first}/withdraw")).status_code == 200
    await bring(http, numbered("A-1", "A-2"))


async def test_answers_that_did_not_come_in_a_file_are_nothing_to_compare_with(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http)
    await send_answers(http, "satu", respondent="A-1")
    await bring(http, numbered("A-1"))


async def test_files_with_most_in_common_come_first_and_at_most_five(running: Running, http: httpx.AsyncClient) -> None:
    brought = [
        await bring(http, numbered(*(f"{file}-{place}" for place in range(file + 1))), as_more=True)
        for file in range(7)
    ]
    everybody = numbered(*(f"{file}-{place}" for file in range(7) for place in range(file + 1)))
    problem = refusal(await send(http, everybody), 409, "imported_before")
    told = [error["message"].partition(" respondents' numbers are in the import ") for error in problem["errors"]]
    assert [(many, where[:36]) for many, _, where in told] == [
        (f"{file + 1} of 28", brought[file]) for file in (6, 5, 4, 3, 2)
    ]


async def test_rows_without_numbers_are_compared_as_a_whole(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, rows(1, 2, 3, 4), ignore_others=True)
    problem = refusal(await send(http, rows(1, 2, 2, 2), ignore_others=True), 409, "imported_before")
    assert problem["errors"][0]["message"] == f"2 of 4 rows are in the import {first} of 2026-03-13 already"
    await bring(http, rows(1, 1, 1, 1), ignore_others=True)


async def test_rows_of_which_one_file_tells_more_are_compared_by_what_both_tell(
    running: Running, http: httpx.AsyncClient
) -> None:
    """A correction may have the comments, or map the age, that the first file did not."""
    await bring(http, rows(1, 2, 3, 4), ignore_others=True)
    said = rows(1, 2, 3, 4, comment="Antre lama")
    refusal(await send(http, said, ignore_others=True), 409, "imported_before")
    aged = said.replace("comment", "usia").replace("Antre lama", "40")
    refusal(await send(http, aged, ignore_others=True), 409, "imported_before")
    await bring(http, said, "t", ignore_others=True)
    await bring(http, rows(1, 2, 3, 4, comment="Ramah"), "t", ignore_others=True)


async def test_numbers_that_were_written_in_another_way_are_held_against_the_rows(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, numbered("R00001", "R00002", "R00003"))
    for written in (("00001", "00002"), ("1.", "2."), ("Responden 1", "Responden 2", "Responden 4")):
        problem = refusal(await send(http, numbered(*written)), 409, "imported_before")
        told = f"2 of {len(written)} rows are in the import {first} of 2026-03-13 already"
        assert problem["errors"][0]["message"] == told
    await bring(http, numbered("B-1", "B-2", "B-3", value=4))
    await bring(http, numbered("R00004", "R00005", "R00006"))


async def test_half_of_the_shorter_file_is_enough(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, rows(1, 2), ignore_others=True)
    refusal(await send(http, rows(1, 3, 3, 3, 3, 4, 4, 4), ignore_others=True), 409, "imported_before")


async def test_file_with_numbers_is_held_against_the_rows_of_one_without(
    running: Running, http: httpx.AsyncClient
) -> None:
    """The first column was left out when it came first; that its rows are numbered from 1 says nothing of people."""
    await bring(http, rows(1, 2, 3), ignore_others=True)
    await bring(http, numbered("1", "2", "3", value=4))
    refusal(await send(http, numbered("A-1", "A-2", value=2)), 409, "imported_before")
    refusal(await send(http, rows(4, 4, 4), ignore_others=True), 409, "imported_before")


# -- they are others --------------------------------------------------------------------------------------------


async def test_file_of_others_is_counted_as_well(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    more = await bring(http, numbered("1", "2", value=4), as_more=True)
    assert (await get_figure(http))["n"] == 4
    assert {name: file["replaces"] for name, file in (await listed(http)).items()} == {first: None, more: None}


# -- it is that file corrected ----------------------------------------------------------------------------------


async def test_file_that_replaces_another_leaves_what_would_be_if_it_had_come_alone(
    running: Running, http: httpx.AsyncClient
) -> None:
    async def figures(survey: str) -> list[Any]:
        tallies = "SELECT dimension, grain, day, value, counts FROM tallies WHERE survey = :survey ORDER BY 1, 2, 3, 4"
        return [
            (await get_figure(http, survey=survey, by="month"))["groups"],
            await running.rows(tallies, survey=survey),
        ]

    def dated(*respondents: tuple[str, int, str]) -> str:
        lines = [f"{number},{','.join([str(value)] * 9)},{day},L" for number, value, day in respondents]
        return "\n".join([f"respondent,{','.join(SLUGS)},date,sex", *lines])

    many = [(f"R-{place}", 4, "2026-02-07") for place in range(10)]
    old = dated(("1", 3, "2026-01-05"), ("2", 3, "2026-02-05"), ("3", 1, "2026-02-06"), *many)
    new = dated(("1", 3, "2026-01-05"), ("2", 4, "2026-02-05"), ("4", 2, "2026-03-01"), *many)
    for survey in ("s", "lain"):
        await begin(http, survey)
        await send_answers(http, "satu", survey, answered_on="2026-02-05")
    first = await bring(http, old)
    checks = (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()["items"]
    ours = [check["response_id"] for check in checks if check["respondent"]]
    for response in ours:
        await post(http, f"/v1/surveys/s/back-checks/{response}", {"result": "differs"})
    assert len(await running.rows("SELECT 1 FROM back_checks")) == len(ours) > 0
    await bring(http, new, "lain")
    running.clock.forward(hours=1)
    answer = await send(http, new, replaces=first)
    assert (answer.status_code, answer.json()["replaces"]) == (201, first)
    assert await figures("s") == await figures("lain")
    assert await running.rows("SELECT 1 FROM responses WHERE import_id = :id", id=first) == []
    assert await running.rows("SELECT 1 FROM back_checks") == []
    files = await listed(http)
    assert [(file["withdrawn_by"], file["withdrawn_at"], file["replaces"]) for file in files.values()] == [
        (None, None, first),
        ("staff:test", "2026-03-13T03:00:00Z", None),
    ]


async def test_file_that_replaces_one_and_has_people_of_a_third_is_asked_about_the_third(
    running: Running, http: httpx.AsyncClient
) -> None:
    january = await bring(http, numbered("1", "2"))
    february = await bring(http, numbered("1", "2", value=4), as_more=True)
    mended = numbered("1", "2", "3", value=2)
    before = await rows_of_files(running)
    problem = refusal(await send(http, mended, replaces=january), 409, "imported_before")
    assert [february in error["message"] for error in problem["errors"]] == [True]
    assert await rows_of_files(running) == before
    await bring(http, mended, replaces=january, as_more=True)
    assert (await get_figure(http))["n"] == 5


async def test_replacing_what_is_not_there_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    other = await bring(http, numbered("1"), "lain")
    await bring(http, numbered("1"))
    for import_id in (other, str(new_id())):
        assert faults(await send(http, numbered("2"), replaces=import_id), 404, "not_found") == ["replaces"]
    assert faults(await send(http, numbered("2"), "baru", replaces=other), 404, "not_found") == ["replaces"]
    assert faults(await send(http, numbered("2"), replaces="yang kemarin"), 422) == ["replaces"]
    assert await running.rows("SELECT 1 FROM surveys WHERE code = 'baru'") == []


async def test_file_that_was_taken_back_before_stays_so_and_the_new_one_comes(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, numbered("1", "2"))
    gone = (await post(http, f"/v1/surveys/s/imports/{first}/withdraw")).json()
    running.clock.forward(hours=1)
    second = await bring(http, numbered("1", "2", "3"), replaces=first)
    files = await listed(http)
    assert (files[first], files[second]["replaces"]) == (gone, first)
    assert (await get_figure(http))["n"] == 3


async def test_same_cells_read_in_another_way_take_the_place_of_the_first_reading(
    running: Running, http: httpx.AsyncClient
) -> None:
    content = sheet([{**all_answered(3), "U8": 1, "U9": 4}], [*SLUGS[:7], "U8", "U9"])
    first = await bring(http, content)
    other = {"mapping": "U8:pengaduan,U9:sarana"}
    problem = refusal(await send(http, content, **other), 409, "imported_otherwise")
    assert f"replaces={first}" in problem["errors"][0]["expected"]
    second = await bring(http, content, replaces=first, **other)
    third = await bring(http, content, replaces=second, answered_on="2026-03-05", **other)
    sums = {element["slug"]: element["sum"] for element in (await get_figure(http))["elements"]}
    assert (sums["sarana"], sums["pengaduan"]) == (4, 1)
    days = await running.rows("SELECT import_id, day FROM responses")
    assert [(str(row.import_id), row.day.isoformat()) for row in days] == [(third, "2026-03-05")]


async def test_file_that_replaces_itself_changes_nothing(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    before = await rows_of_files(running)
    again = (await send(http, numbered("1", "2"), replaces=first)).json()
    assert (again["import_id"], again["repeated"], again["replaces"]) == (first, True, None)
    assert await rows_of_files(running) == before


async def test_request_that_is_sent_again_changes_nothing(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    second = await bring(http, numbered("1", "3"), replaces=first)
    before = await rows_of_files(running)
    for choice in ({"replaces": first}, {}):
        again = (await send(http, numbered("1", "3"), **choice)).json()
        assert (again["import_id"], again["repeated"], again["replaces"]) == (second, True, first)
    assert await rows_of_files(running) == before


async def test_file_that_was_counted_beside_the_first_can_still_take_its_place(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, numbered("1", "2"))
    second = await bring(http, numbered("1", "3"), as_more=True)
    again = (await send(http, numbered("1", "3"), replaces=first)).json()
    assert (again["import_id"], again["repeated"], again["replaces"]) == (second, True, first)
    files = await listed(http)
    assert (files[first]["withdrawn_at"] is None, files[second]["replaces"]) == (False, first)
    assert (await get_figure(http))["n"] == 2


@pytest.mark.parametrize("content", [numbered("1", "9").replace(",3", ",7", 1), "respondent\n1"])
async def test_file_with_faults_takes_nothing_back(running: Running, http: httpx.AsyncClient, content: str) -> None:
    first = await bring(http, numbered("1", "2"))
    before = await rows_of_files(running)
    refusal(await send(http, content, replaces=first), 422, "invalid")
    assert await rows_of_files(running) == before


async def test_survey_that_was_closed_keeps_the_file(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    await post(http, "/v1/surveys/s/close")
    before = await rows_of_files(running)
    refusal(await send(http, numbered("1", "3"), replaces=first), 410, "survey_closed")
    assert await rows_of_files(running) == before


# -- the preview ------------------------------------------------------------------------------------------------


async def test_preview_tells_which_imports_a_file_resembles_and_keeps_nothing(
    running: Running, http: httpx.AsyncClient
) -> None:
    content = numbered("1", "2", "4")
    assert (await preview(http, content))["same_as"] == []
    first = await bring(http, numbered("1", "2", "3"))
    other = await bring(http, numbered("2", "9"), as_more=True)
    before = await rows_of_files(running)
    for _ in range(2):  # the second finds nothing left of the first, on whichever connection
        found = await preview(http, content)
        assert (found["rows"], found["known_numbers"]) == (3, 2)
        moment = {"imported_at": "2026-03-13T02:00:00Z", "by": "numbers"}
        assert found["same_as"] == [
            {"import_id": first, "rows": 3, "in_common": 2, **moment},
            {"import_id": other, "rows": 2, "in_common": 1, **moment},
        ]
    assert await rows_of_files(running) == before


async def test_preview_of_rows_without_numbers_knows_no_numbers(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, rows(1, 2, 3), ignore_others=True)
    found = await preview(http, rows(1, 2, 4), ignore_others=True)
    assert (found["known_numbers"], [(file["import_id"], file["by"]) for file in found["same_as"]]) == (
        0,
        [(first, "rows")],
    )
    assert (await preview(http, rows(1, 2, 9), ignore_others=True))["same_as"] == []
