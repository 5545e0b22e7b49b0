"""skm.ms_1k, skm.ms_1m, skm.ratio, import.rows_per_second, import.cpu_us_per_row, report.*_seconds.

ms_1k, ms_1m: the median of GET /v1/index/skm + GET /v1/index/nps over HTTP, one after the other, of a survey with 1,000
              and one with 1,000,000 responses, both spread over the 365 days of a year. The two are asked in turns.
rows_per_second: of importing the million over HTTP, in files of 100,000 rows (respondent, date, U1 to U9, nps): to
              read, check, keep and tally them, to the commit.
cpu_us_per_row: what each process worked for a row of these meanwhile: unlike the rate, it hardly depends on who else
              uses the processors, though on how fast they are just then.
report:       how long one report of 10,000 respondents with their profile takes in each of its forms over HTTP, the
              first time (the libraries that draw and print are loaded) and again.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta

import httpx

from bench.processes import cpu_seconds
from services.local.house import House

_FILE_ROWS = 100_000
_REPORTED = 10_000
_SEXES = ("L", "P")
_EDUCATIONS = ("sd", "smp", "sma", "d4_s1")
_OCCUPATIONS = ("swasta", "wirausaha", "pns", "lainnya")


async def measure(house: House, *, large: int, repeats: int) -> dict[str, dict[str, object]]:
    """Imports three surveys, asks two for their figures in turns, and the third for its report."""
    credentials = house.credentials
    headers = {"Authorization": f"Bearer {credentials.staff_token}"}
    async with httpx.AsyncClient(
        base_url=credentials.survey_index_url, headers=headers, trust_env=False, timeout=300
    ) as http:
        await _import(http, "bench-1k", 1_000)
        before = cpu_seconds(house)
        rate = await _import(http, "bench-1m", large)
        after = cpu_seconds(house)
        taken: dict[str, list[float]] = {"bench-1k": [], "bench-1m": []}
        for turn in range(repeats + 3):
            for code, times in taken.items():
                began = time.perf_counter()
                for figure in ("skm", "nps"):
                    answer = (await http.get(f"/v1/index/{figure}", params={"survey": code})).raise_for_status().json()
                    assert answer["n"] > 0
                if turn >= 3:
                    times.append((time.perf_counter() - began) * 1000)
        small, big = (statistics.median(times) for times in taken.values())
        await _import(http, "bench-report", _REPORTED, profile=True)
        reports = {}
        for form in ("html", "pdf", "xlsx"):
            for name in (f"{form}_first_seconds", f"{form}_seconds"):
                began = time.perf_counter()
                (await http.get(f"/v1/surveys/bench-report/report.{form}")).raise_for_status()
                reports[name] = round(time.perf_counter() - began, 2)
    return {
        "skm": {"ms_1k": round(small, 2), "ms_1m": round(big, 2), "ratio": round(big / small, 2), "responses": large},
        "import": {
            "rows_per_second": round(rate),
            "cpu_us_per_row": {
                name: round((after[name] - before[name]) / large * 1e6, 1) for name in ("survey_index", "postgres")
            },
        },
        "report": {"respondents": _REPORTED, **reports},
    }


async def _import(http: httpx.AsyncClient, code: str, count: int, *, profile: bool = False) -> float:
    """Rows a second."""
    seconds = 0.0
    for content in _files(count, profile=profile):
        began = time.perf_counter()
        answer = await http.post(f"/v1/surveys/{code}/responses:import", content=content)
        answer.raise_for_status()
        seconds += time.perf_counter() - began
    return count / seconds


def _files(count: int, *, profile: bool) -> Iterator[bytes]:
    choose = random.Random(7)
    first = date(2025, 1, 1)
    facts = ",sex,education,occupation" if profile else ""
    header = f"respondent,date{facts},U1,U2,U3,U4,U5,U6,U7,U8,U9,nps"
    for start in range(0, count, _FILE_ROWS):
        lines = [header]
        for number in range(start, min(start + _FILE_ROWS, count)):
            values = choose.choices("1234", weights=(2, 8, 60, 30), k=9)
            told = (choose.choice(_SEXES), choose.choice(_EDUCATIONS), choose.choice(_OCCUPATIONS)) if profile else ()
            day = first + timedelta(days=number % 365)
            lines.append(",".join((str(number), day.isoformat(), *told, *values, str(choose.randrange(11)))))
        yield "\n".join(lines).encode()
