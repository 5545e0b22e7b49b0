"""Surveys as an officer sets them up, and what he sends."""

from typing import Any

import httpx

from tests.conftest import staff_header
from tests.services.survey_index.conftest import all_answered

OFFICER = staff_header("officer")


async def post(http: httpx.AsyncClient, path: str, body: Any = None) -> httpx.Response:
    return await http.post(path, headers=OFFICER, json=body)


async def begin(http: httpx.AsyncClient, code: str = "s", **rules: Any) -> dict[str, Any]:
    """A survey with these rules; the nine elements, if nothing else is said."""
    form = {"code": code, "title": "Survei uji", **rules}
    answer = await http.post("/v1/surveys", headers=OFFICER, json=form)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bring(
    http: httpx.AsyncClient, content: str | bytes, survey: str = "s", day: str = "2026-03-13", **query: str
) -> str:
    """Imports a file of answers; of others, if the survey has any of these numbers already. The import's id."""
    path = f"/v1/surveys/{survey}/responses:import"
    query = {"answered_on": day, "as_more": "true", **query}
    answer = await http.post(path, headers=OFFICER, content=content, params=query)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["import_id"]
    return found


async def get_figure(http: httpx.AsyncClient, figure: str = "skm", survey: str = "s", **query: str) -> dict[str, Any]:
    """A figure."""
    answer = await http.get(f"/v1/index/{figure}", headers=OFFICER, params={"survey": survey, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send_answers(http: httpx.AsyncClient, once: str, survey: str = "s", **more: Any) -> httpx.Response:
    """Answers that an app brings, all of them 3 if nothing else is said."""
    form = {"once": once, "answers": all_answered(3), **more}
    return await http.post(f"/v1/surveys/{survey}/responses", headers=OFFICER, json=form)
