"""Limits: whom they count, where, and that nobody who is honest pays for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends
from redis.asyncio import Redis
from sqlalchemy import event

from services.local.engines import free_port
from shared.addresses import household
from shared.api_keys import ApiKeys, new_api_key
from shared.auth import PUBLIC, Authority, integration
from shared.clock import utcnow
from shared.counters import _MOST_IN_MEMORY, Counters
from shared.db import Database
from shared.errors import NotFound
from shared.http import create_app
from shared.keystore import KeyStore, revoke_key, save_key
from shared.revocations import Revocations
from shared.runner import Service
from shared.secret import Secrets
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens
from shared.wiring import Wiring
from tests.conftest import SECRETS, eventually, staff_header
from tests.proxy import PROXY, joined, proxying
from tests.serving import NO_TLS, serving
from tests.shared.conftest import limits_of

OTHERS = Secrets(("another secret of more than 32 characters too",))
router = APIRouter()


@router.get("/things/{code}", dependencies=[PUBLIC])
async def thing(code: str) -> dict[str, str]:
    if code != "known":
        raise NotFound("There is no such thing.")
    return {"code": code}


@router.post("/contacts", dependencies=[Depends(integration("contacts:write"))])
async def contact() -> dict[str, str]:
    return {}


@asynccontextmanager
async def service(common: CommonSettings, **numbers: Any) -> AsyncIterator[Service]:
    """A service with a thing that anybody may look for, and a door for keys."""
    db = Database(common.database_url, schema="intake")
    app = create_app(
        title="test",
        description="",
        wiring=Wiring(
            db,
            Authority(
                StaffTokens(SECRETS), Revocations.of(db), ApiKeys(KeyStore(db).load), Capabilities(SECRETS, "chats")
            ),
            utcnow,
            limits_of(common, **numbers),
        ),
        max_body_bytes=10_000,
        trusted_proxies=common.trusted_proxies,
    )
    app.include_router(router)
    yield Service("test", app, db, [])


@asynccontextmanager
async def served(common: CommonSettings, **numbers: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with service(common, **numbers) as made, serving(made) as http:
        yield http


@asynccontextmanager
async def calling_from(address: str, url: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(verify=NO_TLS, local_address=address)
    async with httpx.AsyncClient(base_url=url, transport=transport, trust_env=False, timeout=30) as client:
        yield client


async def looked(http: httpx.AsyncClient, times: int, code: str = "known", **headers: str) -> list[int]:
    return [(await http.get(f"/things/{code}", headers=headers)).status_code for _ in range(times)]


def trusting(common: CommonSettings, *proxies: str) -> CommonSettings:
    return common.model_copy(update={"trusted_proxies": proxies})


# -- whom they count --------------------------------------------------------------------------------------------


async def test_address_that_calls_without_end_is_told_when_to_come_again(common: CommonSettings) -> None:
    async with served(common, public_per_minute=3) as http:
        assert await looked(http, 5) == [200] * 3 + [429] * 2
        refused = await http.get("/things/known")
        seconds = int(refused.headers["retry-after"])
        assert 1 <= seconds <= 61
        assert refused.json()["code"] == "rate_limited"
        assert f"in {seconds} s" in refused.json()["detail"]


async def test_address_is_counted_for_itself(common: CommonSettings) -> None:
    async with served(common, public_per_minute=2) as http:
        assert await looked(http, 3) == [200, 200, 429]
        async with calling_from("127.0.0.9", str(http.base_url)) as other:
            assert await looked(other, 3) == [200, 200, 429]


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("unknown", "unknown", True),
    ],
)
def test_address_counts_as_one_with_those_of_its_household(one: str, other: str, are_one: bool) -> None:
    assert (household(one) == household(other)) is are_one


async def test_header_that_says_for_whom_is_believed_from_nobody_at_first(common: CommonSettings) -> None:
    async with served(common, public_per_minute=5) as http:
        answers = [await looked(http, 1, **{"X-Forwarded-For": f"10.1.2.{number}"}) for number in range(7)]
        assert answers == [[200]] * 5 + [[429]] * 2


async def test_caller_behind_a_trusted_proxy_is_counted_for_himself_and_cannot_call_himself_another(
    common: CommonSettings,
) -> None:
    async with (
        served(trusting(common, f"{PROXY}/32", "10.9.0.0/16"), public_per_minute=3) as http,
        proxying(http.base_url.port or 0) as proxy,
        calling_from("127.0.0.11", proxy) as one,
        calling_from("127.0.0.12", proxy) as other,
    ):
        assert await looked(one, 4) == [200] * 3 + [429]
        assert await looked(other, 2) == [200] * 2
        for claimed in ("10.1.1.1", "127.0.0.12, 10.9.0.7", "unknown"):
            assert await looked(one, 1, **{"X-Forwarded-For": claimed}) == [429]
        assert await looked(other, 2) == [200, 429], "whom another named was counted for himself alone"


async def test_caller_beside_the_proxy_is_counted_for_himself_whatever_he_says(common: CommonSettings) -> None:
    async with served(trusting(common, PROXY), public_per_minute=3) as http:
        claims = [{"X-Forwarded-For": f"10.1.2.{number}"} for number in range(5)]
        assert [await looked(http, 1, **claim) for claim in claims] == [[200]] * 3 + [[429]] * 2


async def test_callers_of_one_ipv6_network_are_counted_as_one(common: CommonSettings) -> None:
    async with served(trusting(common, PROXY), public_per_minute=2) as http:
        port = http.base_url.port or 0
        for who, expected in (("2001:db8:7::1", 200), ("2001:db8:7::2", 200), ("[2001:db8:7::3]:443", 429)):
            async with proxying(port, says=who) as proxy, calling_from("127.0.0.1", proxy) as http_there:
                assert await looked(http_there, 1) == [expected], who
        async with proxying(port, says="2001:db8:8::1") as proxy, calling_from("127.0.0.1", proxy) as neighbour:
            assert await looked(neighbour, 1) == [200]


# -- where they count -------------------------------------------------------------------------------------------


async def test_instances_of_a_service_count_as_one(common: CommonSettings) -> None:
    async with served(common, public_per_minute=4) as one, served(common, public_per_minute=4) as other:
        assert await looked(one, 2) + await looked(other, 2) == [200] * 4
        assert await looked(one, 1) + await looked(other, 1) == [429] * 2


async def test_redis_holds_no_address_and_forgets_in_a_minute(common: CommonSettings, redis: Redis) -> None:
    async with served(common) as http:
        await looked(http, 1)
        await http.post("/contacts", headers={"Authorization": "Bearer sa_0_0"})
    keys = sorted(await redis.keys("*limits*"))
    assert len(keys) == 2
    for key in keys:
        assert b"127.0.0.1" not in key
        assert 0 < await redis.ttl(key) <= 60


@asynccontextmanager
async def line_to_redis(
    common: CommonSettings, port: int, *, silent: bool
) -> AsyncIterator[Sequence[asyncio.StreamWriter]]:
    """Listens at `port`, and is Redis from there, or says nothing ever. What it gives are the connections so far."""
    calls: list[asyncio.StreamWriter] = []
    redis_port = common.redis_url.port

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(writer)
        if not silent:
            await joined(reader, writer, *await asyncio.open_connection("127.0.0.1", redis_port))

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    yield calls
    server.close()
    for writer in calls:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    await server.wait_closed()


def with_redis_at(common: CommonSettings, port: int) -> CommonSettings:
    password = common.redis_url.password
    return common.model_copy(update={"redis_url": f"redis://:{password}@127.0.0.1:{port}/0"})


async def test_redis_that_is_away_refuses_nobody_and_counts_go_on_in_memory(common: CommonSettings) -> None:
    async with served(with_redis_at(common, free_port()), public_per_minute=3) as http:
        assert await looked(http, 5) == [200] * 3 + [429] * 2
        assert 1 <= int((await http.get("/things/known")).headers["retry-after"]) <= 61


async def test_redis_that_says_nothing_is_asked_once_and_then_left_alone(common: CommonSettings) -> None:
    port = free_port()
    async with (
        line_to_redis(common, port, silent=True) as calls,
        served(with_redis_at(common, port), left_alone_seconds=3_600, public_per_minute=30) as http,
    ):
        assert await looked(http, 1) == [200]
        answers = await asyncio.gather(*(looked(http, 1) for _ in range(40)))
        assert sorted(answers) == [[200]] * 29 + [[429]] * 11
        assert len(calls) == 1


async def test_redis_that_comes_back_counts_again_for_all_instances(common: CommonSettings, redis: Redis) -> None:
    port = free_port()
    async with served(with_redis_at(common, port), left_alone_seconds=0.01) as http:

        async def counted() -> bool:
            assert await looked(http, 1) == [200]
            return bool(await redis.keys("*limits*"))

        for silent in (True, False, False):  # the last time it finds connections that were cut off meanwhile
            async with line_to_redis(common, port, silent=silent):
                assert await looked(http, 2) == [200] * 2
                assert silent or await eventually(counted)
            assert await looked(http, 2) == [200] * 2
            await redis.flushall()


async def test_redis_that_refuses_the_command_refuses_nobody(common: CommonSettings, redis: Redis) -> None:
    async with served(common, public_per_minute=3) as http:
        await looked(http, 1)
        (key,) = await redis.keys("*limits*")
        await redis.delete(key)
        await redis.lpush(key, "of another type")
        assert await looked(http, 5) == [200] * 3 + [429] * 2


async def test_time_to_come_again_is_the_rest_of_the_minute(common: CommonSettings, redis: Redis) -> None:
    async with served(common, public_per_minute=1) as http:
        assert await looked(http, 1) == [200]
        (key,) = await redis.keys("*limits*")
        await redis.expire(key, 17)
        answer = await http.get("/things/known")
        assert answer.status_code == 429
        assert await redis.ttl(key) <= int(answer.headers["retry-after"]) <= 18
        assert int((await http.get("/things/known")).headers["retry-after"]) <= int(answer.headers["retry-after"])


async def test_memory_holds_no_more_than_so_many(common: CommonSettings) -> None:
    counters = Counters(f"redis://127.0.0.1:{free_port()}/0", b"only for tests", left_alone_seconds=3_600)
    for number in range(_MOST_IN_MEMORY + 10):
        await counters.add("a", str(number), 1)
        await counters.add("a", str(number), 1)
    assert len(counters._memory.storage) <= _MOST_IN_MEMORY
    assert len(counters._refused) <= _MOST_IN_MEMORY
    await counters.close()


# -- what costs more --------------------------------------------------------------------------------------------


async def test_miss_costs_as_much_as_ten_hits(common: CommonSettings) -> None:
    async with served(common, public_per_minute=25) as http:
        assert await looked(http, 4, "guessed") == [404] * 3 + [429]
    async with served(common, public_per_minute=25) as http, calling_from("127.0.0.9", str(http.base_url)) as other:
        assert await looked(other, 26) == [200] * 25 + [429]


async def test_miss_of_who_has_a_credential_costs_nothing(common: CommonSettings) -> None:
    async with served(common, public_per_minute=25) as http:
        answers = [await http.get("/nothing", headers=staff_header("agent")) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {404}
        assert await looked(http, 26) == [200] * 25 + [429]


# -- credentials that nobody knows ------------------------------------------------------------------------------


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def invented_key() -> dict[str, str]:
    return bearer(new_api_key()[0])


async def key_made(db: Database) -> tuple[dict[str, str], str]:
    """The header of a new key, and its id."""
    key, key_id, key_hash = new_api_key()
    async with db.transaction() as session:
        await save_key(
            session, "intake", key_id=key_id, name="x", secret_hash=key_hash, scopes=["contacts:write"], now=utcnow()
        )
    return bearer(key), key_id


def questions(db: Database) -> list[str]:
    """Grows with each statement that asks for keys."""
    asked: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "api_keys" in statement and statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", look)
    return asked


async def post(http: httpx.AsyncClient, *headers: dict[str, str]) -> int:
    return (
        await http.post("/contacts", headers={name: value for h in headers for name, value in h.items()})
    ).status_code


FORGED = (
    bearer("sa_000000000000_invented"),
    bearer("sa_"),
    bearer("bukan"),
    bearer("a.b.c"),
    bearer("a.b"),
    bearer(StaffTokens(OTHERS).issue("x", ["agent"], utcnow(), timedelta(hours=1))),
    bearer(Capabilities(OTHERS, "chats").issue(UUID(int=7))),
)


async def test_credentials_that_nobody_knows_are_soon_refused_and_nobody_is_asked(common: CommonSettings) -> None:
    async with service(common, failures_per_minute=len(FORGED)) as made, serving(made) as http:
        assert [await post(http, forged) for forged in FORGED] == [401] * len(FORGED)
        asked = questions(made.db)
        for forged in FORGED:
            answer = await http.post("/contacts", headers=forged)
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            assert 1 <= int(answer.headers["retry-after"]) <= 61
        assert asked == []


async def test_credential_that_is_known_works_beside_those_that_are_not(common: CommonSettings) -> None:
    async with service(common, failures_per_minute=2) as made, serving(made) as http:
        key, _ = await key_made(made.db)
        assert [await post(http, invented_key()) for _ in range(4)] == [401] * 2 + [429] * 2
        assert [await post(http, known) for known in (key, staff_header("agent"))] == [200] * 2
        assert await post(http, invented_key()) == 429


async def test_no_credential_is_not_counted_as_one_that_nobody_knows(common: CommonSettings) -> None:
    async with served(common, failures_per_minute=1) as http:
        assert [await post(http) for _ in range(4)] == [401] * 4


async def test_credential_that_may_not_do_this_is_not_counted_either(common: CommonSettings) -> None:
    async with served(common, failures_per_minute=1) as http:
        assert [await post(http, staff_header("officer")) for _ in range(4)] == [403] * 4


async def test_flood_of_invented_keys_from_everywhere_costs_a_question_a_second(common: CommonSettings) -> None:
    async with service(trusting(common, "127.0.0.1")) as made, serving(made) as http:
        key, _ = await key_made(made.db)
        asked, begun = questions(made.db), monotonic()

        async def flood(number: int) -> tuple[int, int]:
            somewhere = {"X-Forwarded-For": f"10.{number % 200}.1.1"}
            return await post(http, invented_key(), somewhere), await post(http, key, somewhere)

        for batch in range(5):
            answers = await asyncio.gather(*(flood(batch * 20 + number) for number in range(20)))
            assert set(answers) == {(401, 200)}
        assert 1 <= len(asked) <= 1 + (monotonic() - begun)


async def test_key_made_just_now_works_soon(common: CommonSettings) -> None:
    async with service(common) as made, serving(made) as http:
        assert await post(http, invented_key()) == 401
        key, _ = await key_made(made.db)

        async def works() -> bool:
            return await post(http, key) == 200

        await eventually(works)


class Seconds:
    """A clock that goes on only when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_key_that_was_revoked_works_ten_seconds_longer_and_no_more(common: CommonSettings) -> None:
    db, seconds = Database(common.database_url, schema="intake"), Seconds()
    keys = ApiKeys(KeyStore(db).load, seconds)
    header, key_id = await key_made(db)
    token = header["Authorization"].removeprefix("Bearer ")
    assert await keys.authenticate(token)
    async with db.transaction() as session:
        await revoke_key(session, "intake", key_id, utcnow())
    seconds.now += 10
    assert await keys.authenticate(token)
    seconds.now += 0.1
    assert await keys.authenticate(token) is None
    await db.close()


async def test_key_made_just_now_is_looked_for_once_a_second_at_the_most(common: CommonSettings) -> None:
    db, seconds = Database(common.database_url, schema="intake"), Seconds()
    keys = ApiKeys(KeyStore(db).load, seconds)
    assert await keys.authenticate("sa_none") is None
    asked = questions(db)
    header, _ = await key_made(db)
    token = header["Authorization"].removeprefix("Bearer ")
    assert await keys.ask_again(token) is None
    seconds.now += 1.1
    assert all(await asyncio.gather(*(keys.ask_again(token) for _ in range(20))))
    assert len(asked) == 1
    await db.close()
