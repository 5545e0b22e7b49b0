"""Keys: bound to channels, within their limits, with an old secret beside the new one, and known when used last."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import RedisDsn

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.local.engines import free_port
from shared.api_keys import new_api_key
from shared.broker import BrokerUnavailable
from shared.caller import SCOPES
from shared.key_uses import KeyInUse, KeyUses
from shared.keystore import rotate_key, save_key
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.given import fields_of, problem_of, rows
from tests.serving import serving

FORM = {"body": "Insentif belum cair."}
SECOND = datetime.fromisoformat("2026-03-13T02:00:20+00:00")


@pytest_asyncio.fixture
async def intake(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    clock.now = SECOND
    service = build(common, IntakeSettings(), clock)
    async with serving(service, workers=[service.workers[0]]) as http:
        yield service, http


async def key_of(service: Service, **bounds: Any) -> tuple[str, dict[str, str]]:
    """A key's id and header."""
    key, key_id, secret_hash = new_api_key()
    async with service.db.transaction() as session:
        await save_key(
            session,
            service.name,
            key_id=key_id,
            name="x",
            secret_hash=secret_hash,
            scopes=SCOPES,
            now=SECOND,
            **bounds,
        )
    return key_id, {"Authorization": f"Bearer {key}"}


def uses_of(service: Service) -> KeyUses:
    [found] = [worker for worker in service.workers if isinstance(worker, KeyUses)]
    return found


Intake = tuple[Service, httpx.AsyncClient]


async def test_key_of_a_channel_is_refused_at_the_routes_of_others(intake: Intake) -> None:
    service, http = intake
    _, header = await key_of(service, channels=["booth", "email"])
    assert (await http.post("/v1/booths/B1/visits", headers=header, json={})).status_code == 201
    for path, channel in (("/v1/contacts", "form"), ("/v1/chats", "chat")):
        answer = await http.post(path, headers=header, json=FORM)
        assert problem_of(answer) == (403, "forbidden")
        assert f"for the channel {channel}" in answer.json()["detail"]
    assert problem_of(await http.post("/v1/calls", headers=header, json={})) == (403, "forbidden")


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/booths/B1/visits"])
async def test_key_with_a_limit_is_told_how_it_stands_and_refused_beyond_it_until_the_minute_is_over(
    intake: Intake, clock: FrozenClock, path: str
) -> None:
    """The same on the lean way and on the ordinary one."""
    service, http = intake
    _, header = await key_of(service, per_minute=3)
    body = FORM if path == "/v1/contacts" else {}
    for left in (2, 1, 0):
        answer = await http.post(path, headers=header, json=body)
        assert answer.is_success
        assert answer.headers["RateLimit-Policy"] == '"key";q=3;w=60'
        assert answer.headers["RateLimit"] == f'"key";r={left};t=40'
    refused = await http.post(path, headers=header, json=body)
    assert problem_of(refused) == (429, "rate_limited")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("40", '"key";r=0;t=40')
    clock.forward(seconds=40)
    answer = await http.post(path, headers=header, json=body)
    assert (answer.is_success, answer.headers["RateLimit"]) == (True, '"key";r=2;t=60')


async def test_refusal_of_a_request_counts_for_its_key_one_time(intake: Intake) -> None:
    service, http = intake
    _, header = await key_of(service, per_minute=9)
    for left in (8, 7):
        answer = await http.post("/v1/contacts", headers=header, json={"body": 5})
        assert (problem_of(answer), answer.headers["RateLimit"]) == ((422, "invalid"), f'"key";r={left};t=40')
        assert fields_of(answer) == ["body"]


async def test_key_without_a_limit_is_told_none(intake: Intake) -> None:
    service, http = intake
    _, header = await key_of(service)
    answer = await http.post("/v1/contacts", headers=header, json=FORM)
    assert answer.is_success
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


async def test_limit_of_a_key_is_one_for_all_processes(common: CommonSettings, intake: Intake) -> None:
    service, _ = intake
    here, there = uses_of(service), uses_of(other := build(common, IntakeSettings(), lambda: SECOND))
    key = KeyInUse("k", "h", per_minute=5)
    for uses in (here, here, there):
        assert uses.count(key)
    await here.tell()
    await there.tell()
    standing = there.count(key)
    assert (standing and standing.left) == 1
    await there.tell()
    assert here.count(key) is not None
    await here.tell()
    assert [(found := uses.count(key)) and found.is_over for uses in (here, there)] == [True, False]
    await there.tell()
    over = there.count(key)
    assert over
    assert over.is_over
    await other.close()


async def test_limit_of_a_key_holds_while_redis_is_away(common: CommonSettings) -> None:
    away = common.model_copy(update={"redis_url": RedisDsn(f"redis://127.0.0.1:{free_port()}/0")})
    service = build(away, IntakeSettings(), lambda: SECOND)
    uses, key = uses_of(service), KeyInUse("k", "h", per_minute=2)
    standings = []
    for _ in range(3):
        standings.append(uses.count(key))
        with pytest.raises(BrokerUnavailable):
            await uses.tell()
    assert [standing and standing.is_over for standing in standings] == [False, False, True]
    await service.close()


async def test_old_secret_works_beside_the_new_one_until_its_time_is_over_and_each_shows_its_last_use(
    common: CommonSettings, intake: Intake, clock: FrozenClock
) -> None:
    service, http = intake
    key_id, old = await key_of(service)
    await http.post("/v1/contacts", headers=old, json=FORM)
    await uses_of(service).tell()
    new_key, _, new_hash = new_api_key(key_id)
    new = {"Authorization": f"Bearer {new_key}"}
    async with service.db.transaction() as session:
        until = clock() + timedelta(days=10_000)
        assert await rotate_key(session, "intake", key_id, new_hash, old_until=until)
    second = build(common, IntakeSettings(), clock)
    async with serving(second, workers=[second.workers[0]]) as other:
        clock.forward(minutes=7)
        for header in (new, old):
            assert (await other.post("/v1/contacts", headers=header, json=FORM)).is_success
        clock.forward(minutes=1)
        assert (await other.post("/v1/contacts", headers=new, json=FORM)).is_success
        await uses_of(second).tell()
        clock.forward(minutes=1)
        await other.post("/v1/contacts", headers=new, json=FORM)
        await uses_of(second).tell()
    [key] = await rows(service.db, "SELECT used_at, old_used_at FROM api_keys")
    assert (key.used_at, key.old_used_at) == (SECOND + timedelta(minutes=8), SECOND + timedelta(minutes=7))
    clients = await rows(service.db, "SELECT DISTINCT client FROM contacts")
    assert [row.client for row in clients] == [f"key:{key_id}"]
    async with service.db.transaction() as session:
        await rotate_key(session, "intake", key_id, new_api_key(key_id)[2], old_until=clock() - timedelta(days=10_000))
    third = build(common, IntakeSettings(), clock)
    async with serving(third, workers=[third.workers[0]]) as last:
        for header in (new, old):
            answer = await last.post("/v1/contacts", headers=header, json=FORM)
            assert problem_of(answer) == (401, "unauthenticated")
