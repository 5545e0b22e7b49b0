"""Two requests are the same when they say the same on the same route; then the second gets the first one's answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Annotated, Any

import httpx
import orjson
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, Request, Response
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BeforeValidator
from sqlalchemy import text

from shared.auth import PUBLIC, Authority, staff
from shared.clock import utcnow
from shared.db import Database
from shared.errors import Conflict
from shared.fingerprints import fingerprint
from shared.http import Model, Transaction, create_app, read_form
from shared.idempotency import FirstAnswer, KeyedRoute, remember
from shared.revocations import Revocations
from shared.runner import Service
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from shared.wiring import Wiring, wiring_of
from tests.conftest import SECRETS, staff_header
from tests.serving import serving
from tests.shared.conftest import limits_of

# -- fingerprints -----------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(words, values, min_size=1, max_size=6)


def mark_of(body: object, route: str = "POST /v1/contacts") -> str:
    return fingerprint(route, orjson.dumps(body))


@pytest.mark.parametrize(
    ("route", "content", "mark"),
    [
        (
            "POST /v1/contacts",
            b'{"name": "Warga Satu", "body": "Insentif belum cair."}',
            "68b4d9be8525482b3dfb925b70e7312e83d79ce247fc7e8701e3840e26c16638",
        ),
        (
            "POST /v1/booths/B1/call-next?next=true",
            b"",
            "d83ad65202c8be7d8eca037641331a482e1be4907f48c33baff6a22260168215",
        ),
        (
            "POST /v1/surveys/s/responses:import",
            b"respondent,U1\nR1,4\n",
            "daaef9e28d9ab0208d94c705c221629bf42e4ffbf1a67a26e742394bb9b31fb0",
        ),
    ],
)
def test_fingerprint_is_what_earlier_releases_kept(route: str, content: bytes, mark: str) -> None:
    """They are in databases: whoever changes one refuses every client that was waiting while the release came."""
    assert fingerprint(route, content) == mark


@given(bodies, st.randoms())
def test_fingerprint_does_not_know_the_order_of_fields(body: dict[str, Any], random: Any) -> None:
    names = list(body)
    random.shuffle(names)
    assert mark_of({name: body[name] for name in names}) == mark_of(body)


@given(bodies, words, words)
def test_fingerprint_of_another_route_is_another(body: dict[str, Any], route: str, other: str) -> None:
    assume(route != other)
    assert mark_of(body, route) != mark_of(body, other)


@given(bodies, st.data())
def test_fingerprint_of_another_word_is_another(body: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(body)))
    assert mark_of({**body, name: [body[name]]}) != mark_of(body)


@given(bodies, words)
def test_fingerprint_of_a_field_more_is_another(body: dict[str, Any], name: str) -> None:
    assume(name not in body)
    assert mark_of({**body, name: None}) != mark_of(body)


def test_fingerprint_of_no_body_is_that_of_an_empty_object() -> None:
    assert fingerprint("POST /", b"") == fingerprint("POST /", b" { } ") != fingerprint("POST /", b"[]")


@pytest.mark.parametrize("content", [b"U1,U2\n4,3\n", b"\xff\0", b"[" * 500 + b"]" * 500, b'{"a": NaN}', b'"\\ud800"'])
def test_fingerprint_of_what_is_no_json_is_that_of_its_bytes(content: bytes) -> None:
    assert fingerprint("POST /", content) == fingerprint("POST /", content)
    assert fingerprint("POST /", content) != fingerprint("POST /", content + b" ")


def test_fingerprint_is_64_hex_digits_and_shows_nothing_of_the_body() -> None:
    mark = mark_of({"name": "Warga Satu"})
    assert len(mark) == 64
    assert int(mark, 16)


# -- an app whose verbs take keys -------------------------------------------------------------------------------


class Thing(Model):
    name: str


class ThingLater(Model):
    """The same in a later release: one field more, and a better way to write a name."""

    name: Annotated[str, BeforeValidator(str.casefold)]
    colour: str = "blue"


WHO = staff("cases:work")


def verbs(form: type[Model]) -> APIRouter:
    router = APIRouter(route_class=KeyedRoute)

    async def one_more(session: Transaction) -> int:
        made = await session.scalar(text("INSERT INTO things DEFAULT VALUES RETURNING id"))
        return int(made or 0)

    @router.post("/things", status_code=201, dependencies=[Depends(WHO)])
    async def make(session: Transaction, response: Response, thing: form) -> dict[str, int]:  # type: ignore[valid-type]
        number = await one_more(session)
        response.headers["ETag"] = f'"{number}"'
        return {"number": number}

    @router.post("/open-to-all", dependencies=[PUBLIC])
    async def make_for_anybody(session: Transaction, thing: Thing) -> dict[str, Any]:
        return {"number": await one_more(session), "name": thing.name}

    @router.post("/files", dependencies=[Depends(WHO)])
    async def take_file(request: Request, session: Transaction, day: str = "") -> dict[str, Any]:
        async with read_form(request) as sent:
            content = await sent["file"].read()  # type: ignore[union-attr]
        return {"number": await one_more(session), "bytes": len(content)}

    @router.delete("/things/{number}", status_code=204, dependencies=[Depends(WHO)])
    async def unmake(session: Transaction, number: int) -> None:
        if await session.scalar(text("DELETE FROM things WHERE id = :id RETURNING id"), {"id": number}) is None:
            raise Conflict("It is not there.")

    @router.post("/promises", dependencies=[Depends(WHO)])
    async def promise(session: Transaction) -> dict[str, int]:
        """Writes a row that the database refuses at the commit, and not before, while no thing is there."""
        await session.execute(text("INSERT INTO promises (thing) SELECT coalesce((SELECT max(id) FROM things), 0)"))
        return {"promised": 1}

    @router.post("/taken", dependencies=[Depends(WHO)])
    async def taken(request: Request, session: Transaction) -> dict[str, int]:
        """While it works, a verb that shares a commit takes the same key."""
        async with wiring_of(request).db.transaction() as other:
            await remember(other, "intake", "staff:test", "k-1", FirstAnswer("0", "{}", 202, None), utcnow())
        return {"number": await one_more(session)}

    return router


def service(common: CommonSettings, form: type[Model] = Thing) -> Service:
    db = Database(common.database_url, schema="intake")
    app = create_app(
        title="test",
        description="",
        wiring=Wiring(db, Authority(StaffTokens(SECRETS), Revocations.of(db)), utcnow, limits_of(common)),
        max_body_bytes=1_000_000,
    )
    app.include_router(verbs(form))
    return Service("test", app, db, [])


def served(common: CommonSettings, form: type[Model] = Thing) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return serving(service(common, form))


@pytest_asyncio.fixture
async def db(common: CommonSettings) -> AsyncIterator[Database]:
    db = Database(common.database_url, schema="intake")
    async with db.transaction() as session:
        await session.execute(text("CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)"))
        await session.execute(
            text("CREATE TABLE promises (thing int REFERENCES things ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)")
        )
    yield db
    await db.close()


@pytest_asyncio.fixture
async def http(common: CommonSettings, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with served(common) as client:
        yield client


async def count(db: Database, table: str = "things") -> int:
    async with db.autocommit() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def named(key: str = "k-1", who: str = "test") -> dict[str, str]:
    token = StaffTokens(SECRETS).issue(who, ["agent"], utcnow(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key}


async def make(http: httpx.AsyncClient, headers: dict[str, str], **form: Any) -> httpx.Response:
    return await http.post("/things", headers=headers, json=form or {"name": "A"})


def reused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_key_sent_many_times_at_once_is_one_thing_and_one_answer(http: httpx.AsyncClient, db: Database) -> None:
    answers = await asyncio.gather(*(make(http, named()) for _ in range(6)))
    said = {(answer.status_code, answer.text, answer.headers["etag"]) for answer in answers}
    assert said == {(201, '{"number":1}', '"1"')}
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False] + [True] * 5
    assert await count(db) == 1


async def test_key_survives_a_release_that_adds_a_field_with_a_default_and_normalises_better(
    common: CommonSettings, db: Database
) -> None:
    async with served(common, Thing) as before:
        first = await make(before, named(), name="Warga SATU")
    async with served(common, ThingLater) as after:
        again = await make(after, named(), name="Warga SATU")
        assert (again.status_code, again.text, again.headers["idempotency-replayed"]) == (201, first.text, "true")
        assert reused(await make(after, named(), name="Warga SATU", colour="red"))
    assert await count(db) == 1


async def test_key_names_one_request_for_ever(http: httpx.AsyncClient, db: Database) -> None:
    await make(http, named())
    assert reused(await make(http, named(), name="B"))
    assert reused(await http.delete("/things/1", headers=named()))
    assert await count(db) == 1


async def test_key_is_the_callers_own(http: httpx.AsyncClient, db: Database) -> None:
    answers = [await make(http, named(who=who), name=who) for who in ("one", "two", "one")]
    assert [answer.json()["number"] for answer in answers] == [1, 2, 1]


async def test_key_of_nobody_in_particular_is_the_requests_own(http: httpx.AsyncClient, db: Database) -> None:
    """A stranger who took the same key is neither refused nor told what another was told."""
    key = {"Idempotency-Key": "1"}
    answers = [await http.post("/open-to-all", headers=key, json={"name": name}) for name in ("A", "B", "A")]
    assert [answer.json() for answer in answers] == [
        {"number": 1, "name": "A"},
        {"number": 2, "name": "B"},
        {"number": 1, "name": "A"},
    ]


async def test_key_is_not_asked_for(http: httpx.AsyncClient, db: Database) -> None:
    answers = [await make(http, staff_header("agent")) for _ in range(2)]
    assert [answer.json()["number"] for answer in answers] == [1, 2]
    assert await count(db, "idempotency_keys") == 0


async def test_key_has_1_to_255_characters(http: httpx.AsyncClient, db: Database) -> None:
    for key in ("", "k" * 256):
        answer = await make(http, named(key))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert (await make(http, named("k" * 255))).status_code == 201


async def test_key_opens_nothing_to_who_may_not(http: httpx.AsyncClient, db: Database) -> None:
    await make(http, named())
    assert (await make(http, {"Idempotency-Key": "k-1"})).status_code == 401
    officer = StaffTokens(SECRETS).issue("test", ["officer"], utcnow(), timedelta(hours=1))
    assert (await make(http, {**named(), "Authorization": f"Bearer {officer}"})).status_code == 403


async def test_key_of_an_answer_without_a_body(http: httpx.AsyncClient, db: Database) -> None:
    await make(http, named("k-0"))
    answers = [await http.delete("/things/1", headers=named()) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]


async def test_key_of_a_refusal_may_be_used_again(http: httpx.AsyncClient, db: Database) -> None:
    assert (await http.delete("/things/1", headers=named())).status_code == 409
    await make(http, named("k-0"))
    assert (await http.delete("/things/1", headers=named())).status_code == 204


async def test_key_is_not_kept_when_the_commit_fails(http: httpx.AsyncClient, db: Database) -> None:
    assert (await http.post("/promises", headers=named())).status_code == 500
    assert (await count(db, "idempotency_keys"), await count(db, "promises")) == (0, 0)
    await make(http, named("k-0"))
    answers = [await http.post("/promises", headers=named()) for _ in range(2)]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    assert await count(db, "promises") == 1


async def test_key_that_named_something_else_meanwhile_undoes_the_work(http: httpx.AsyncClient, db: Database) -> None:
    assert reused(await http.post("/taken", headers=named()))
    assert await count(db) == 0


@pytest.mark.parametrize("size", [10, 300_000])
async def test_key_of_a_file_knows_its_bytes_and_not_its_boundaries(
    http: httpx.AsyncClient, db: Database, size: int
) -> None:
    async def upload(content: bytes, day: str = "1", boundary: str = "one") -> httpx.Response:
        headers = {**named(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return await http.post("/files", headers=headers, params={"day": day}, files={"file": ("a.csv", content)})

    answers = [await upload(b"4" * size, boundary=boundary) for boundary in ("one", "two")]
    assert [answer.json() for answer in answers] == [{"number": 1, "bytes": size}] * 2
    assert reused(await upload(b"3" * size))
    assert reused(await upload(b"4" * size, day="2"))
    assert await count(db) == 1
