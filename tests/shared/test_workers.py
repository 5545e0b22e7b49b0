"""Workers: an outage is waited out, a fault of ours is told and waited out, and who is not essential ends nobody."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.broker import BrokerUnavailable
from shared.consumer.failures import OurFault
from shared.health import Check, health_routes
from shared.runner import keep_stepping
from shared.worker import Worker
from tests.conftest import eventually


class Faulty(Worker):
    """Raises what it is given, then steps well until the end."""

    name = "faulty"

    def __init__(self, *errors: Exception, essential: bool = True) -> None:
        self.essential = essential
        self._errors = list(errors)
        self.troubles: list[str | None] = []
        self.stop = asyncio.Event()

    async def step(self) -> None:
        self.troubles.append(self.trouble)
        if self._errors:
            raise self._errors.pop(0)
        self.stop.set()


async def test_worker_goes_on_after_outages_and_faults_of_ours() -> None:
    worker = Faulty(BrokerUnavailable("away"), OurFault("the policy is missing"), TimeoutError())
    await keep_stepping(worker, worker.stop)
    assert worker.troubles == [None, None, "the policy is missing", "the policy is missing"]
    assert worker.trouble is None


async def test_worker_that_is_essential_ends_its_service_when_nobody_expected_what_it_raised() -> None:
    worker = Faulty(KeyError("a bug"))
    with pytest.raises(KeyError):
        await keep_stepping(worker, worker.stop)
    assert worker.trouble == "it fails: KeyError"


async def test_worker_that_is_not_essential_is_tried_again_and_tells_its_trouble() -> None:
    worker = Faulty(KeyError("a bug"), KeyError("a bug"), essential=False)
    await keep_stepping(worker, worker.stop)
    assert worker.troubles == [None, "it fails: KeyError", "it fails: KeyError"]


async def test_worker_that_waits_ends_at_once_when_it_is_told_to() -> None:
    worker = Faulty(*(OurFault("for ever") for _ in range(1_000)))
    stepping = asyncio.create_task(keep_stepping(worker, worker.stop))

    async def waits() -> bool:
        return len(worker.troubles) > 3

    await eventually(waits)
    worker.stop.set()
    await stepping


@pytest.mark.parametrize(("essential", "status", "word"), [(True, 503, "not ready"), (False, 200, "ready")])
async def test_readyz_tells_the_trouble_of_each_worker_and_is_not_ready_without_an_essential_one(
    essential: bool, status: int, word: str
) -> None:
    worker = Faulty(essential=essential)
    readyz = await _readyz({"postgres": Check(_passes)}, worker)
    assert (readyz.status_code, readyz.json()) == (200, {"status": "ready", "checks": {"postgres": "ok"}})
    worker.trouble = "the stream contacts waits"
    readyz = await _readyz({"postgres": Check(_passes)}, worker)
    assert readyz.status_code == status
    assert readyz.json() == {"status": word, "checks": {"postgres": "ok", "faulty": "the stream contacts waits"}}


async def test_readyz_says_which_engine_is_away_and_quotes_nothing() -> None:
    async def refuses() -> None:
        raise ConnectionRefusedError("at rahasia:5432")

    readyz = await _readyz({"postgres": Check(refuses)})
    assert (readyz.status_code, readyz.json()["checks"]) == (503, {"postgres": "away"})


async def _passes() -> None: ...


async def _readyz(checks: dict[str, Check], *workers: Worker) -> Any:
    app = FastAPI()
    app.include_router(health_routes(checks, [], workers))
    client: Callable[..., httpx.AsyncClient] = httpx.AsyncClient
    async with client(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        return await http.get("/readyz")
