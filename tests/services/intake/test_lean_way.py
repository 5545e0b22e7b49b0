"""The lean way: it answers as the ordinary way does, byte for byte, and what is in order goes it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.caller import SCOPES
from shared.clock import utcnow
from shared.ids import new_id
from shared.lean import LeanWay
from shared.runner import Service
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS, FrozenClock, staff_header
from tests.services.intake.given import FORM, api_key
from tests.serving import serving

JSON = "application/json"
OURS = {"contact_id", "tracking_code", "chat_id", "chat_token", "request_id"}
GOOD = json.dumps(FORM).encode()
LINE = b'{"body": "Halo"}'

BODIES: Sequence[bytes] = (
    GOOD,
    LINE,
    b"",
    b" ",
    b"{",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"1",
    b'"body"',
    b"body=Halo",
    b'{"body": "Halo"} x',
    b'{"body": "Halo",}',
    b"{'body': 'Halo'}",
    b'{"body": "Halo", "body": "Permisi"}',
    b'{"body": 1, "body": "Permisi"}',
    b'{"body": "Halo", "body": 1}',
    b'{"body": "Halo", "b\\u006fdy": "Permisi"}',
    b'{"body": NaN}',
    b'{"body": "Halo", "name": Infinity}',
    b'{"body": 1}',
    b'{"body": 1e999}',
    b'{"body": ' + b"9" * 5_000 + b"}",
    b'{"body": "Halo", "x": ' + b"9" * 500 + b"}",
    b'{"body": true}',
    b'{"body": ["Halo"]}',
    b'{"body": {"body": "Halo"}}',
    b'{"body": ""}',
    b'{"body": "   "}',
    b'{"body": null}',
    b'{"body": "\\u0000"}',
    b'{"body": "\x00"}',
    b'{"body": "satu\ndua"}',
    b'{"body": "satu\\ndua"}',
    b'{"body": "\\ud800"}',
    b'{"body": "\\ud83d\\ude00"}',
    b'{"body": "\xed\xa0\x80"}',
    b'{"body": "\xff"}',
    b'{"body": "x", "\\ud800": 1}',
    b"\xef\xbb\xbf" + LINE,
    LINE.decode().encode("utf-16"),
    LINE.decode().encode("utf-16-le"),
    LINE.decode().encode("utf-32"),
    LINE + b"\x00",
    b"\x0c" + LINE,
    b"\r\n\t " + LINE + b"\n",
    '{"body": "\u2028 é ｆｕｌｌ"}'.encode(),
    b"[" * 5_000,
    b'{"body": "Halo", "a": ' + b"[" * 150 + b"]" * 150 + b"}",
    b'{"body": "' + b"x" * 20_000 + b'"}',
    b'{"body": "' + b"x" * 20_001 + b'"}',
    b'{"body": "Halo", "email": "bukan alamat"}',
    b'{"body": "Halo", "email": "warga@contoh.id\\u0000"}',
    b'{"body": "Halo", "email": "  WARGA@Surel.Example "}',
    b'{"body": "Halo", "email": ""}',
    b'{"body": "Halo", "email": 5}',
    b'{"body": "Halo", "phone": "12"}',
    b'{"body": "Halo", "phone": "+62 812 5550 1234", "name": "Warga\\nDua"}',
    b'{"body": "Halo", "programme_number": "1234-5678-9012"}',
    b'{"body": "Halo", "programme_number": "12_34"}',
    b'{"body": "Halo", "subject": "' + b"s" * 301 + b'"}',
    b'{"body": "Halo", "subject": null}',
    json.dumps({"body": 1, **{f"x{number}": 1 for number in range(40)}}).encode(),
    b" " * 300_000,
)
KINDS = (
    (),
    ("",),
    (JSON,),
    ("application/json; charset=utf-8",),
    ("application/json;charset=UTF-8",),
    ("APPLICATION/JSON",),
    ("application/json ; x=y",),
    ("application/vnd.api+json",),
    ("application/jsonp",),
    ("application/json, text/plain",),
    ("text/json",),
    ("text/plain",),
    ("application/x-www-form-urlencoded",),
    ("multipart/form-data; boundary=x",),
    (JSON, "text/plain"),
    ("text/plain", JSON),
)
KEYS = ((), ("",), ("k",), ("k" * 255,), ("k" * 256,), ("a1", "b1"), ("b2", ""), ("", "b3"), ("k k",), ("\xe9k",))
QUERIES = ("?", "?x=1", "?body=Halo", "?%00=1", "?x=%00", "?&", "?limit=1&limit=2")
OTHER_HEADERS = (
    {"X-Correlation-ID": "0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"},
    {"X-Correlation-ID": "warga"},
    {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "identity"},
    {"Expect": "100-continue"},
    {"Origin": "https://contoh.id"},
)


class Ordinary:
    """Stands where the ordinary way begins, and counts who goes it."""

    def __init__(self, app: ASGIApp, *, seen: list[str]) -> None:
        self._app, self._seen = app, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._seen.append(scope["path"])
        await self._app(scope, receive, send)


@dataclass
class Way:
    """One of two services that are the same but for the way in, with what was sent to it so far."""

    service: Service
    http: httpx.AsyncClient
    suffix: str
    went_the_ordinary_way: list[str]
    chat: dict[str, Any] = field(default_factory=dict)

    async def send(self, request: "Sent") -> tuple[int, Any, list[tuple[str, str]]]:
        """The answer, without what is new in each."""
        headers = [("Idempotency-Key", _named(key, self.suffix)) for key in request.keys]
        headers += [("Content-Type", kind) for kind in request.kinds]
        if request.credential is not None:
            headers.append(("Authorization", request.credential.replace("CHAT", self.chat["chat_token"])))
        path = request.path.replace("CHAT", self.chat["chat_id"])
        content = _pieces(request.body) if request.in_pieces else request.body
        raw = [(name.encode(), value.encode("latin-1")) for name, value in [*headers, *request.others.items()]]
        answer = await self.http.request(request.method, path, headers=raw, content=content)
        new = {"x-request-id", "content-length", "date"}
        repeated = [(name, value) for name, value in answer.headers.multi_items() if name not in new]
        return answer.status_code, _without_ids(answer.json()) if answer.content else None, repeated


@dataclass(frozen=True)
class Sent:
    """A request, of which everything may be wrong."""

    path: str = "/v1/contacts"
    body: bytes = GOOD
    credential: str | None = ""
    kinds: tuple[str, ...] = (JSON,)
    keys: tuple[str, ...] = ()
    others: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    in_pieces: bool = False


@dataclass
class Both:
    lean: Way
    ordinary: Way
    key: str
    others: Sequence[str]
    """Keys that may do less, or nothing any more."""

    async def send(self, **parts: Any) -> tuple[int, Any, list[tuple[str, str]]]:
        """What both answer, which is the same."""
        request = Sent(**{"credential": self.key, **parts})
        lean, ordinary = await self.lean.send(request), await self.ordinary.send(request)
        assert lean == ordinary, request
        return lean


def _named(key: str, suffix: str) -> str:
    """A key of the same length for each way: both keep theirs in one table."""
    return key[:-1] + suffix if key else key


def _without_ids(body: Any) -> Any:
    return {name: "…" if name in OURS else value for name, value in body.items()} if isinstance(body, dict) else body


async def _pieces(whole: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), 7_000):
        yield whole[start : start + 7_000]


@asynccontextmanager
async def _way(common: CommonSettings, clock: FrozenClock, *, is_lean: bool) -> AsyncIterator[Way]:
    service = build(common, IntakeSettings(chat_lines_per_minute=10**6, chat_lines=10**6), clock)
    layers, seen = service.app.user_middleware, list[str]()
    if not is_lean:
        layers[:] = [layer for layer in layers if layer.cls != cast("Any", LeanWay)]
    layers.append(Middleware(Ordinary, seen=seen))
    async with serving(service, workers=[service.workers[0]]) as http:
        yield Way(service, http, "L" if is_lean else "O", seen)


@pytest_asyncio.fixture
async def both(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Both]:
    generous = common.model_copy(update={"failed_credentials_per_minute": 10**6})
    async with _way(generous, clock, is_lean=True) as lean, _way(generous, clock, is_lean=False) as ordinary:
        db = lean.service.db  # all keys are made before the first request: each service has its own copy of them
        opener, only_booths, only_contacts, revoked = (
            await api_key(db, *SCOPES),
            await api_key(db, "booths:write"),
            await api_key(db, "contacts:write"),
            await api_key(db, *SCOPES, revoked=True),
        )
        for way in (lean, ordinary):
            answer = await way.http.post("/v1/chats", headers=opener, json={"body": "Halo"})
            way.chat = answer.raise_for_status().json()
        lean.went_the_ordinary_way.clear()
        others = [key["Authorization"] for key in (only_booths, only_contacts, revoked)]
        yield Both(lean, ordinary, opener["Authorization"], others)


PATHS = ("/v1/contacts", "/v1/chats", "/v1/chats/CHAT/messages")


@pytest.mark.parametrize("path", PATHS)
async def test_body_is_answered_alike(both: Both, path: str) -> None:
    statuses = {
        (await both.send(path=path, body=body, in_pieces=piecewise))[0] for body in BODIES for piecewise in (0, 1)
    }
    assert statuses == {202, 400, 413, 422}


@pytest.mark.parametrize("path", PATHS)
async def test_content_type_is_answered_alike(both: Both, path: str) -> None:
    statuses = {
        (await both.send(path=path, kinds=kinds, body=body))[0] for kinds in KINDS for body in (LINE, b"", b"{")
    }
    assert statuses == {202, 415, 422}


@pytest.mark.parametrize("path", PATHS)
async def test_key_is_answered_alike_when_it_comes_first_again_and_with_another_body(both: Both, path: str) -> None:
    statuses = set()
    for keys in KEYS:
        for body in (LINE, LINE, b'{"body":"Halo"}', b'{"body": "Permisi"}', b"{}"):
            statuses.add((await both.send(path=path, keys=keys, body=body))[0])
    assert statuses == {202, 422}


@pytest.mark.parametrize("path", PATHS)
async def test_credential_is_answered_alike(both: Both, path: str) -> None:
    accepted = [
        *both.others,
        staff_header("agent")["Authorization"],
        staff_header("officer")["Authorization"],
        "Bearer " + StaffTokens(SECRETS).issue("x", ["admin"], utcnow() - timedelta(days=1), timedelta(hours=1)),
        "Bearer " + Capabilities(SECRETS, "chats").issue(new_id()),
        "Bearer CHAT",
    ]
    token = both.key.removeprefix("Bearer ")
    strange = [
        None,
        "",
        "Bearer",
        "Basic x",
        token,
        f"bearer {token}",
        f"BEARER  {token}",
        f"Bearer\t{token}",
    ]
    strange += [f"Bearer {token}x", f"Bearer {token},", "Bearer sa_", "Bearer a.b", "Bearer a.b.c", "Bearer \xe9"]
    statuses = {
        (await both.send(path=path, credential=credential, body=body))[0]
        for credential in [*accepted, *strange]
        for body in (LINE, b"{}", b"{")
    }
    assert statuses >= {202, 401, 403, 422}


@pytest.mark.parametrize("path", PATHS)
async def test_query_method_and_header_are_answered_alike(both: Both, path: str) -> None:
    for query in QUERIES:
        await both.send(path=path + query, body=LINE)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        await both.send(path=path, method=method, body=b"")
    for headers in OTHER_HEADERS:
        await both.send(path=path, others=headers, body=LINE)


async def test_name_of_a_chat_is_answered_alike(both: Both) -> None:
    names = ("bukan-id", "%00", "CHAT%00", "CHAT ", "{CHAT}", "urn:uuid:CHAT", str(new_id()), str(new_id()).upper(), "")
    statuses = {
        (await both.send(path=f"/v1/chats/{name}/messages", body=LINE))[0] for name in (*names, "a/b", "CHAT%2F")
    }
    assert statuses == {202, 404, 422}
    for path in ("/v1/contacts/", "/v1/contacts%00", "/v1//contacts", "/V1/contacts", "/v1/chats/CHAT/messages/"):
        assert (await both.send(path=path, body=LINE))[0] == 404


OBJECTS = st.dictionaries(
    st.sampled_from(["body", "name", "email", "phone", "subject", "programme_number", "x"]),
    st.one_of(
        st.none(), st.integers(), st.floats(), st.booleans(), st.text(max_size=30), st.lists(st.text(max_size=3))
    ),
    max_size=5,
)


async def test_request_is_answered_alike_whatever_is_sent(both: Both) -> None:
    found: list[tuple[str, bytes]] = []

    @settings(max_examples=150, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(path=st.sampled_from(PATHS), body=st.one_of(OBJECTS.map(lambda o: json.dumps(o).encode()), st.binary()))
    def collect(path: str, body: bytes) -> None:
        found.append((path, body))

    collect()
    assert len(found) >= 100
    for path, body in found:
        await both.send(path=path, body=body)


async def test_request_in_order_goes_the_lean_way_and_any_other_the_ordinary_one(both: Both) -> None:
    for credential in (both.key, staff_header("agent")["Authorization"]):
        for path in PATHS:
            for keys in ((), ("kunci",)):
                await both.send(path=path, body=LINE, keys=keys, credential=credential)
    await both.send(path=PATHS[2], body=LINE, credential="Bearer CHAT", in_pieces=True)
    assert both.lean.went_the_ordinary_way == []
    for request in ({"body": b"{}"}, {"credential": None}, {"path": "/v1/contacts?x=1"}, {"kinds": ("text/plain",)}):
        await both.send(**request)
    assert both.lean.went_the_ordinary_way == ["/v1/contacts"] * 4
