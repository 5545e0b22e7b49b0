"""skm.ms_1k, skm.ms_1m, skm.ratio, import.rows_per_second.

ms_1k, ms_1m: the median of GET /v1/index/skm + GET /v1/index/nps over HTTP, one after the other, of a survey with 1,000
              and one with 1,000,000 responses, both spread over the 365 days of a year. The responses are really
              there: they were put in with the statement that every import uses.
rows_per_second: of putting them in, tallies included, 10,000 a transaction.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx

from services.local.house import Credentials
from services.survey_index import repository
from services.survey_index.domain.instruments import instruments
from services.survey_index.models import Response, Survey
from shared.db import Database
from shared.ids import new_id

_BATCH = 10_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def measure(credentials: Credentials, *, large: int, repeats: int) -> dict[str, dict[str, float]]:
    """Fills two surveys and asks for their figures in turns."""
    db = Database(credentials.database_url, schema="survey_index")
    rate = 0.0
    for code, count in (("bench-1k", 1_000), ("bench-1m", large)):
        async with db.transaction() as session:
            survey = Survey(code, code, "skm14_2017", "permenpanrb14_2017", "per_question", "Asia/Jakarta")
            await repository.insert_survey(session, survey, _NOW)
        began = time.perf_counter()
        for batch in _batches(code, count):
            async with db.transaction() as session:
                await repository.insert_responses(session, batch)
        rate = count / (time.perf_counter() - began)
    await db.close()
    taken: dict[str, list[float]] = {"bench-1k": [], "bench-1m": []}
    headers = {"Authorization": f"Bearer {credentials.staff_token}"}
    async with httpx.AsyncClient(base_url=credentials.survey_index_url, headers=headers, trust_env=False) as http:
        for turn in range(repeats + 3):
            for code, times in taken.items():
                began = time.perf_counter()
                for figure in ("skm", "nps"):
                    answer = (await http.get(f"/v1/index/{figure}", params={"survey": code})).raise_for_status().json()
                    assert answer["n"] > 0
                if turn >= 3:
                    times.append((time.perf_counter() - began) * 1000)
    small, big = (statistics.median(times) for times in taken.values())
    return {
        "skm": {"ms_1k": round(small, 2), "ms_1m": round(big, 2), "ratio": round(big / small, 2), "responses": large},
        "import": {"rows_per_second": round(rate)},
    }


def _batches(code: str, count: int) -> Iterator[list[Response]]:
    choose = random.Random(7)
    slugs = instruments()["skm14_2017"].slugs
    first = date(2025, 1, 1)
    for start in range(0, count, _BATCH):
        batch = []
        for number in range(start, min(start + _BATCH, count)):
            values = choose.choices((1, 2, 3, 4), weights=(2, 8, 60, 30), k=len(slugs))
            answers = dict(zip(slugs, values, strict=True)) | {"nps": choose.randrange(11)}
            day = first + timedelta(days=number % 365)
            batch.append(
                Response(
                    id=new_id(),
                    survey=code,
                    unit="",
                    service="",
                    channel="paper",
                    day=day,
                    answered_at=_NOW,
                    complete=True,
                    answers=answers,
                )
            )
        yield batch
