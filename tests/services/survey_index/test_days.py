"""From which days the answers of a file are: never from one that nobody told, and told wherever the file is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import httpx
import pytest

from services.survey_index.models import Part, Survey
from services.survey_index.repository import surveys, tallies
from services.survey_index.repository.responses import read_responses
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, Running, all_answered, sheet
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, post, send_answers
from tests.services.survey_index.service.workbooks import workbook
from tests.services.tickets.conftest import faults, refusal

HEAD = "rid,first_answer_at," + ",".join(f"U{place}" for place in range(1, 10))
DUMP = f"""{HEAD}
R1,2021-01-05 04:21:54,{",".join("3" * 9)}
R2,2021-01-26 01:50:28,{",".join("4" * 9)}
R3,2021-12-31 23:59:59,{",".join("2" * 9)}
"""
"""As the dump of an application has it; invented."""
MAPPED = {"mapping": "rid:respondent,first_answer_at:date"}
AS_SAID = {"mapping": "rid:respondent,first_answer_at:-"}
DAYS_OF_THE_DUMP = {
    "first": "2021-01-05",
    "last": "2021-12-31",
    "column": "first_answer_at",
    "by_column": 3,
    "by_answered_on": 0,
    "day_order": None,
}


async def send(http: httpx.AsyncClient, content: str, verb: str = "import", **query: Any) -> httpx.Response:
    return await http.post(f"/v1/surveys/s/responses:{verb}", headers=OFFICER, content=content, params=query)


async def preview(http: httpx.AsyncClient, content: str, **query: Any) -> Any:
    answer = await send(http, content, "preview", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def imported(http: httpx.AsyncClient, content: str, **query: Any) -> Any:
    answer = await send(http, content, **query)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(http: httpx.AsyncClient) -> Any:
    return (await http.get("/v1/surveys/s/imports", headers=OFFICER)).json()["items"]


async def by(http: httpx.AsyncClient, key: str, **query: str) -> Mapping[str, int]:
    """How many answered in each month, quarter, …"""
    return {group["key"]: group["figure"]["n"] for group in (await get_figure(http, by=key, **query))["groups"]}


# -- from where the days are ------------------------------------------------------------------------------------


async def test_file_without_a_day_column_is_refused_and_its_likely_column_named(
    running: Running, http: httpx.AsyncClient
) -> None:
    way = "answered_on=DAY or FROM..TO (--answered-on), or a column of days: mapping=first_answer_at:date"
    fault = {
        "field": "answered_on",
        "message": "is missing: no column has the day of each answer",
        "expected": way,
    }
    problem = refusal(await send(http, DUMP, ignore_others=True), 422, "invalid")
    assert problem["errors"] == [fault]
    seen = await preview(http, DUMP, ignore_others=True)
    assert (seen["faults"], seen["rows"], seen["days"]) == ([fault], 0, None)
    assert await running.rows("SELECT 1 FROM responses UNION ALL SELECT 1 FROM imports") == []


async def test_file_with_its_day_column_mapped_lies_in_its_own_months(
    running: Running, http: httpx.AsyncClient
) -> None:
    assert (await preview(http, DUMP, **MAPPED))["days"] == DAYS_OF_THE_DUMP
    for repeated in (False, True):
        done = await imported(http, DUMP, **MAPPED)
        assert (done["repeated"], done["days"]) == (repeated, DAYS_OF_THE_DUMP)
    assert [file["days"] for file in await listed(http)] == [DAYS_OF_THE_DUMP]
    assert await by(http, "month") == {"2021-01": 2, "2021-12": 1}


async def test_file_of_a_span_lies_in_its_year_and_in_no_month(running: Running, http: httpx.AsyncClient) -> None:
    said = {**AS_SAID, "answered_on": "2021-01-01..2021-12-31"}
    done = await imported(http, DUMP, **said)
    assert done["days"] == {
        "first": "2021-01-01",
        "last": "2021-12-31",
        "column": "",
        "by_column": 0,
        "by_answered_on": 3,
        "day_order": None,
    }
    assert await by(http, "month") == {"2021-01..2021-12": 3}
    assert await by(http, "quarter") == {"2021-Q1..2021-Q4": 3}
    assert await by(http, "semester") == {"2021-S1..2021-S2": 3}
    assert await by(http, "year") == {"2021": 3}
    kept = await running.rows("SELECT DISTINCT first_day, day FROM responses")
    assert [tuple(row) for row in kept] == [(date(2021, 1, 1), date(2021, 12, 31))]


async def test_who_is_asked_again_is_told_between_which_days_he_answered(
    running: Running, http: httpx.AsyncClient
) -> None:
    await imported(http, sheet([all_answered(3)] * 5), answered_on="2021-01-01..2021-12-31")
    (check,) = (await http.get("/v1/surveys/s/back-checks", headers=OFFICER)).json()["items"]
    assert (check["first_day"], check["day"]) == ("2021-01-01", "2021-12-31")


async def test_span_within_a_month_is_of_that_month(running: Running, http: httpx.AsyncClient) -> None:
    await imported(http, DUMP, **AS_SAID, answered_on="2021-02-01..2021-02-14")
    assert await by(http, "month") == {"2021-02": 3}
    await bring(http, sheet([all_answered(4)]), day="2021-02-20")
    assert await by(http, "month") == {"2021-02": 4}


async def test_rows_without_a_day_take_what_is_said_and_the_others_their_own(
    running: Running, http: httpx.AsyncClient
) -> None:
    content = DUMP.replace("2021-01-26 01:50:28", "")
    assert faults(await send(http, content, **MAPPED)) == ["row 3, column first_answer_at"]
    days = (await imported(http, content, **MAPPED, answered_on="2020-12-01..2020-12-31"))["days"]
    assert (days["first"], days["last"]) == ("2020-12-01", "2021-12-31")
    assert (days["column"], days["by_column"], days["by_answered_on"]) == ("first_answer_at", 2, 1)
    assert await by(http, "month") == {"2020-12": 1, "2021-01": 1, "2021-12": 1}


async def test_days_of_a_file_from_before_they_were_kept_are_not_known(
    running: Running, http: httpx.AsyncClient
) -> None:
    await imported(http, DUMP, **MAPPED)
    async with running.service.db.transaction() as session:
        await (await session.connection()).exec_driver_sql(
            "UPDATE survey_index.imports SET first_day = NULL, last_day = NULL, days_by = ''"
        )
    assert [file["days"] for file in await listed(http)] == [None]
    again = await imported(http, DUMP, **MAPPED)
    assert (again["repeated"], again["days"]) == (True, None)


# -- in a workbook ----------------------------------------------------------------------------------------------


def book(*days: object) -> bytes:
    """A workbook with these cells in its column of days."""
    return workbook([["respondent", "Timestamp", *SLUGS], *([f"R{n}", day, *[3] * 9] for n, day in enumerate(days))])


async def test_days_of_a_workbook_are_read_as_cells_of_days_and_as_texts(
    running: Running, http: httpx.AsyncClient
) -> None:
    cells = [date(2021, 1, 5), datetime(2021, 1, 5, 13, 45, 2), 44201, 44201.57, "5 Jan 2021", "05/01/2021"]  # noqa: DTZ001
    path = "/v1/surveys/s/responses:preview?day_order=day_first"
    found = await http.post(path, headers=OFFICER, content=book(*cells))
    assert found.json()["faults"] == []
    assert {row["date"] for row in found.json()["first"]} == {"2021-01-05"}
    days = found.json()["days"]
    assert (days["first"], days["last"], days["by_column"]) == ("2021-01-05", "2021-01-05", 6)


async def test_order_of_day_and_month_is_looked_for_in_a_whole_workbook(
    running: Running, http: httpx.AsyncClient
) -> None:
    for last, month in (("13/01/2021", "2021-01"), ("01/13/2021", "2021-05")):
        content = book("05/01/2021", last)
        found = await http.post("/v1/surveys/s/responses:preview", headers=OFFICER, content=content)
        assert found.json()["first"][0]["date"].startswith(month)


# -- what is said of the days -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("2021", "is not a day, nor two days"),
        ("2021-01-01..", "is not a day, nor two days"),
        ("2021-01-01..2021-02-30", "is not a day, nor two days"),
        ("2021-12-31..2021-01-01", "ends before it begins"),
    ],
)
async def test_days_that_are_not_understood_are_told_what_is_expected(
    running: Running, http: httpx.AsyncClient, said: str, message: str
) -> None:
    problem = refusal(await send(http, DUMP, **AS_SAID, answered_on=said), 422, "invalid")
    expected = "a day such as 2026-03-31, or the first and the last day, 2026-01-01..2026-03-31"
    assert problem["errors"] == [{"field": "answered_on", "message": message, "expected": expected}]


async def test_span_lies_within_the_surveys_period_and_not_in_the_future(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, opens_on="2026-03-01", closes_on="2026-03-20")
    content = sheet([all_answered(3)])
    for said in ("2026-02-28..2026-03-05", "2026-03-05..2026-03-21"):
        refusal(await send(http, content, answered_on=said), 410, "survey_closed")
        refusal(await send(http, content, "preview", answered_on=said), 410, "survey_closed")
    problem = refusal(await send(http, content, answered_on="2026-03-05..2026-03-14"), 422, "invalid")
    fault = {"field": "answered_on", "message": "lies in the future", "expected": "a day up to 2026-03-13"}
    assert problem["errors"] == [fault]
    await imported(http, content, answered_on="2026-03-01..2026-03-13")


async def test_day_of_tomorrow_where_the_survey_is_lies_in_the_future(
    running: Running, http: httpx.AsyncClient
) -> None:
    running.clock.forward(hours=16)  # 01:00 on the 14th in Jakarta
    dated = sheet([all_answered(3)]).replace("respondent", "tanggal,respondent").replace("R1", "2026-03-1{},R1")
    problem = refusal(await send(http, dated.replace("{}", "5")), 422, "invalid")
    assert problem["errors"] == [
        {"field": "row 2, column tanggal", "message": "lies in the future", "expected": "a day up to 2026-03-14"}
    ]
    await imported(http, dated.replace("{}", "4"))


async def test_order_of_day_and_month_is_asked_for_and_obeyed(running: Running, http: httpx.AsyncClient) -> None:
    content = DUMP.replace("2021-01-05 04:21:54", "05/01/2021 04.21")
    problem = refusal(await send(http, content, **MAPPED), 422, "invalid")
    (fault,) = problem["errors"]
    assert fault["field"] == "row 2, column first_answer_at"
    assert fault["expected"] == "day_order=day_first (5 January 2021) or day_order=month_first (1 May 2021)"
    assert (await preview(http, content, **MAPPED, day_order="day_first"))["days"] == (
        DAYS_OF_THE_DUMP | {"day_order": "day_first"}
    )
    done = await imported(http, content, **MAPPED, day_order="month_first")
    assert done["days"] == DAYS_OF_THE_DUMP | {"first": "2021-01-26", "day_order": "month_first"}
    assert await by(http, "month") == {"2021-01": 1, "2021-05": 1, "2021-12": 1}


async def test_other_days_are_another_way_to_read_the_same_file(running: Running, http: httpx.AsyncClient) -> None:
    content = DUMP.replace("2021-01-05 04:21:54", "05/01/2021")
    await imported(http, content, **MAPPED, day_order="day_first")
    again = await imported(http, content, **MAPPED, day_order="day_first")
    assert again["repeated"] is True
    for other in ({"day_order": "month_first"}, {"day_order": "day_first", "answered_on": "2021-01-01..2021-02-01"}):
        refusal(await send(http, content, **MAPPED, **other), 409, "imported_otherwise")
    (file,) = await listed(http)
    assert file["read_as"] == "FIRST_ANSWER_AT:day,"


async def test_day_that_was_said_is_written_down_as_it_always_was(running: Running, http: httpx.AsyncClient) -> None:
    for said, kept in (("2021-12-31", "2021-12-31"), ("2021-12-31..2021-12-31", "2021-12-31")):
        done = await imported(http, DUMP, **AS_SAID, answered_on=said)
        assert ((await listed(http))[0]["read_as"], done["repeated"]) == (kept, "2021-12-31.." in said)


# -- spans in figures -------------------------------------------------------------------------------------------


async def test_span_counts_in_a_period_that_holds_it_and_is_told_of_where_it_is_cut(
    running: Running, http: httpx.AsyncClient
) -> None:
    await imported(http, DUMP, **AS_SAID, answered_on="2021-03-10..2021-06-20")
    await bring(http, sheet([all_answered(4)]), day="2021-04-01")
    for first, last, n, astride in (
        ("2021-03-10", "2021-06-20", 4, 0),
        ("2021-01-01", "2021-12-31", 4, 0),
        ("2021-03-11", "2021-06-20", 1, 3),
        ("2021-03-10", "2021-06-19", 1, 3),
        ("2021-04-01", "2021-04-30", 1, 3),
        ("2021-06-20", "2021-12-31", 0, 3),
        ("2021-06-21", "2021-12-31", 0, 0),
        ("2021-01-01", "2021-03-09", 0, 0),
        ("2021-03-10", "", 4, 0),
        ("2021-03-11", "", 1, 3),
        ("", "2021-06-20", 4, 0),
        ("", "2021-05-31", 1, 3),
        ("", "", 4, 0),
    ):
        period = {name: day for name, day in (("from", first), ("to", last)) if day}
        for key in ({}, {"by": "month"}, {"by": "unit"}):
            found = await get_figure(http, **period, **key)
            assert (found["n"], found["astride"]) == (n, astride), period
            assert sum(group["figure"]["n"] for group in found["groups"]) == (n if key else 0)
        async with running.service.db.autocommit() as session:
            days = [date.fromisoformat(day) if day else None for day in (first, last)]
            part = Part(days[0], days[1])
            assert (await tallies.read_astride(session, await the_survey(running), part))[0] == astride
            assert len(await read_responses(session, "s", part, limit=9)) == n


async def the_survey(running: Running) -> Survey:
    async with running.service.db.autocommit() as session:
        survey = await surveys.get_survey(session, "s")
    assert survey is not None
    return survey


async def test_each_figure_tells_how_many_of_its_own_a_period_leaves_out(
    running: Running, http: httpx.AsyncClient
) -> None:
    content = sheet([{**all_answered(3), "nps": 9}, {"nps": 3}, {"waktu": 2}], extra=["nps", "unit"])
    await imported(http, content.replace("9,\r", "9,A\r"), answered_on="2021-01-01..2021-12-31")
    june = {"from": "2021-06-01", "to": "2021-06-30"}
    assert [(await get_figure(http, figure, **june))["astride"] for figure in ("skm", "nps")] == [2, 2]
    assert (await get_figure(http, missing="complete_rows", **june))["astride"] == 1
    assert (await get_figure(http, unit="A", **june))["astride"] == 1
    assert (await get_figure(http, "nps", unit="B", **june))["astride"] == 0
    await post(http, "/v1/surveys", {"code": "c", "title": "CSAT", "instrument": "csat3", "ask_nps": False})
    path = "/v1/surveys/c/responses:import?answered_on=2021-01-01..2021-12-31"
    assert (await http.post(path, headers=OFFICER, content="respondent,csat\nA,3\nB,1\n")).is_success
    assert (await get_figure(http, "csat", "c", **june))["astride"] == 2


async def test_span_that_is_taken_back_leaves_every_figure_as_it_was(running: Running, http: httpx.AsyncClient) -> None:
    async def counted() -> list[Any]:
        return await running.rows("SELECT * FROM tallies ORDER BY survey, dimension, grain, day, unit, value")

    profiled = f"respondent,{','.join(SLUGS)},sex\nA,{','.join('3' * 9)},L\nB,{','.join('4' * 9)},\n"
    await bring(http, DUMP.replace("rid,first_answer_at", "respondent,date"))
    before = await counted()
    done = await imported(http, profiled, answered_on="2021-01-01..2021-03-31")
    spans = [row for row in await counted() if row.grain == "2021-01-01"]
    assert {(row.dimension, row.day, row.counts[0]) for row in spans} == {
        ("", date(2021, 3, 31), 2),
        ("sex", date(2021, 3, 31), 1),
    }
    assert (await get_figure(http, by="sex"))["groups"][0]["figure"]["n"] == 1
    assert (await post(http, f"/v1/surveys/s/imports/{done['import_id']}/withdraw")).is_success
    assert await counted() == before


async def test_answers_as_an_earlier_release_kept_them_count_as_before(
    running: Running, http: httpx.AsyncClient
) -> None:
    """They have no first day, and their tallies are of days and months alone."""
    await begin(http)
    await send_answers(http, "satu", answered_on="2026-03-12")
    await imported(http, DUMP, **AS_SAID, answered_on="2021-12-31")
    assert await running.rows("SELECT 1 FROM responses WHERE first_day IS NOT NULL") == []
    assert {row.grain for row in await running.rows("SELECT grain FROM tallies")} == {"day", "month"}
    assert await by(http, "month") == {"2021-12": 3, "2026-03": 1}
    found = await get_figure(http, **{"from": "2021-12-31", "to": "2026-03-11"})
    assert (found["n"], found["astride"]) == (3, 0)


async def test_period_of_a_report_and_of_what_is_published_holds_the_whole_span(
    running: Running, http: httpx.AsyncClient
) -> None:
    await imported(http, RESPONDENTS_72.read_text(), answered_on="2021-01-01..2021-12-31")
    page = await http.get("/v1/surveys/s/report.html", headers=OFFICER)
    assert "1 Januari 2021 sampai dengan 31 Desember 2021" in page.text
    for verb in ("close", "publish"):
        assert (await post(http, f"/v1/surveys/s/{verb}")).is_success
    assert "1 Januari 2021 sampai dengan 31 Desember 2021" in (await http.get("/p/s")).text
