"""`/livez` (am I running), `/readyz` (should I be sent work), `/metrics` (how am I doing)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from shared.auth import ANYBODY
from shared.broker import answer_of, connect
from shared.db import Database
from shared.telemetry import Probe, log, render
from shared.worker import Worker

_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """Looks at something that the service leans on. Without an `essential` one, no work should be sent here."""

    probe: Callable[[], Awaitable[object]]
    essential: bool = True


def postgres_check(db: Database) -> Check:
    return Check(db.ping)


def redis_check(url: object, *, essential: bool) -> Check:
    """Intake does without Redis for a while (its outbox waits), so there it is not essential."""

    async def probe() -> None:
        async with connect(url) as redis:  # a connection of its own: nobody closes the app
            await answer_of(redis.ping())

    return Check(probe, essential)


def health_routes(checks: Mapping[str, Check], probes: Sequence[Probe], workers: Sequence[Worker]) -> APIRouter:
    """The three routes. `/readyz` names each check and each worker that does not get on, with its reason; its status is
    503 when one of them is essential.
    """
    router = APIRouter(tags=["health"], dependencies=[ANYBODY])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        passed = dict(zip(checks, await asyncio.gather(*map(_passes, checks.values())), strict=True))
        stuck = [worker for worker in workers if worker.trouble]
        ready = all(passed[name] for name, check in checks.items() if check.essential)
        ready = ready and not any(worker.essential for worker in stuck)
        body = {
            "status": "ready" if ready else "not ready",
            "checks": {
                **{name: "ok" if answered else "away" for name, answered in passed.items()},
                **{worker.name: worker.trouble for worker in stuck},
            },
        }
        return JSONResponse(body, 200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        for probe in probes:
            try:
                await asyncio.wait_for(probe(), _TIMEOUT_SECONDS)
            except Exception as error:  # a scrape must work while an engine is away, and say what it can
                log.warning("metrics.probe_failed", error=type(error).__name__)
        return Response(render(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _passes(check: Check) -> bool:
    try:
        await asyncio.wait_for(check.probe(), _TIMEOUT_SECONDS)
    except Exception:
        return False
    return True
