"""What is published of few people says neither how many they were nor when they came."""

import re
from typing import Any

import httpx
import pytest

from tests.services.survey_index.conftest import Running, sheet
from tests.services.survey_index.given import begin, bring, post, send_answers

DAYS = ("2026-03-03", "2026-03-05", "2026-03-07", "2026-03-09", "2026-03-11")


async def published(http: httpx.AsyncClient, survey: str, days: tuple[str, ...], **rules: Any) -> str:
    """The page of a survey that was answered once on each of these days."""
    await begin(http, survey, **rules)
    for number, day in enumerate(days):
        said = await send_answers(http, f"k{number}", survey=survey, answered_on=day)
        assert said.status_code == 201, said.text
    return await page_of(http, survey)


async def page_of(http: httpx.AsyncClient, survey: str) -> str:
    for verb in ("close", "publish"):
        assert (await post(http, f"/v1/surveys/{survey}/{verb}")).status_code == 200
    return (await http.get(f"/p/{survey}")).text


def period(page: str) -> tuple[str, str]:
    """The name of the period, and its days."""
    found = re.search(r"<dt>(Periode[^<]*)</dt><dd>([^<]*)</dd>", page)
    assert found, page
    return found[1], found[2]


@pytest.mark.parametrize("n", [1, 4])
async def test_days_of_the_answers_of_few_are_not_published(running: Running, http: httpx.AsyncClient, n: int) -> None:
    page = await published(http, "s", DAYS[:n])
    assert period(page) == ("Periode jawaban", "tidak ditampilkan")
    assert re.search(r"\b[3579] Maret", page) is None


async def test_days_of_the_answers_are_published_from_five_on(running: Running, http: httpx.AsyncClient) -> None:
    page = await published(http, "s", DAYS)
    assert period(page)[1] == "3 Maret 2026 sampai dengan 11 Maret 2026"


async def test_days_that_were_told_of_few_answers_are_not_published(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    await bring(http, sheet([{"waktu": 4}] * 4), day="2026-03-01..2026-03-07")
    page = await page_of(http, "s")
    assert period(page) == ("Periode jawaban", "tidak ditampilkan")
    assert re.search(r"\b[17] Maret", page) is None


async def test_days_of_the_survey_itself_are_published_of_few_too(running: Running, http: httpx.AsyncClient) -> None:
    page = await published(http, "s", DAYS[:1], opens_on="2026-03-01", closes_on="2026-03-12")
    assert period(page)[1] == "1 Maret 2026 sampai dengan 12 Maret 2026"


async def test_days_of_those_who_answered_in_part_are_not_published_where_nobody_counts(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, missing="complete_rows")
    await send_answers(http, "k", answered_on=DAYS[0], answers={"waktu": 4})
    page = await page_of(http, "s")
    assert period(page) == ("Periode jawaban", "tidak ditampilkan")
    assert ("0 responden" in page, "Belum ada jawaban" in page) == (True, False)
    assert "Belum ada kuesioner yang dijawab lengkap" in page


async def test_survey_that_nobody_answered_says_so(running: Running, http: httpx.AsyncClient) -> None:
    page = await published(http, "s", ())
    assert period(page) == ("Periode", "belum ada jawaban")
    assert "Belum ada jawaban, sehingga belum ada nilai." in page


async def test_one_and_four_are_published_alike_whether_or_not_they_are_as_many_as_required(
    running: Running, http: httpx.AsyncClient
) -> None:
    one = await published(http, "satu", DAYS[:1], population=3)
    four = await published(http, "empat", DAYS[:4], population=3)
    assert "yang diperlukan 3 untuk populasi 3" in one
    assert one == four
