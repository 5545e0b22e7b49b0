"""Who may call which route. Every refusal is problem+json; a 401 says how to come again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.caller import SCOPES, Role, Scope
from shared.clock import utcnow
from shared.ids import new_id
from shared.secret import Secrets
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS, staff_header
from tests.services.intake.conftest import Running
from tests.services.intake.given import FORM, api_key, count, problem_of

OTHERS = Secrets(("another secret of more than 32 characters too",))
CHAT = UUID(int=7)
INTEGRATION_ROUTES = ["/v1/contacts", "/v1/chats", f"/v1/chats/{CHAT}/messages", "/v1/booths/B1/visits"]
STAFF_ROUTES = ["/v1/booths/B1/call-next", f"/v1/visits/{new_id()}/settle", f"/v1/visits/{new_id()}/escalate"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def expired() -> dict[str, str]:
    yesterday = utcnow() - timedelta(days=1)
    return bearer(StaffTokens(SECRETS).issue("test", ["admin"], yesterday, timedelta(hours=1)))


def of_another_house() -> dict[str, str]:
    return bearer(StaffTokens(OTHERS).issue("test", ["admin"], utcnow(), timedelta(hours=1)))


def refused(answer: Any) -> tuple[int, str]:
    assert answer.headers["www-authenticate"] == "Bearer"
    return problem_of(answer)


async def test_request_without_a_credential_is_refused_by_every_route(running: Running) -> None:
    for path in (*INTEGRATION_ROUTES, *STAFF_ROUTES):
        assert refused(await running.http.post(path, json={"body": "Halo"})) == (401, "unauthenticated")
    assert await count(running.service.db, "contacts") == 0


async def test_credential_that_is_not_ours_opens_nothing(running: Running) -> None:
    credentials = (
        bearer("sa_000000000000_never-issued"),
        bearer("sa_"),
        bearer("bukan token"),
        bearer("a.b"),
        bearer("a.b.c"),
        {"Authorization": "Basic d2FyZ2E6cmFoYXNpYQ=="},
        {"Authorization": "Bearer"},
        expired(),
        of_another_house(),
        bearer(Capabilities(OTHERS, "chats").issue(CHAT)),
        bearer(Capabilities(SECRETS, "survey links").issue(CHAT)),
    )
    for header in credentials:
        assert refused(await running.http.post("/v1/contacts", headers=header, json=FORM)) == (401, "unauthenticated")


async def test_key_id_with_a_wrong_secret_opens_nothing(running: Running) -> None:
    wrong = {"Authorization": running.key["Authorization"][:-4] + "AAAA"}
    assert refused(await running.http.post("/v1/contacts", headers=wrong, json=FORM)) == (401, "unauthenticated")


async def test_revoked_key_opens_nothing(running: Running) -> None:
    revoked = await api_key(running.service.db, "contacts:write", revoked=True)
    assert refused(await running.http.post("/v1/contacts", headers=revoked, json=FORM)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("scope", "opens"),
    [
        ("contacts:write", {"/v1/contacts", "/v1/chats", f"/v1/chats/{CHAT}/messages"}),
        ("booths:write", {"/v1/booths/B1/visits"}),
        ("chats:read", set()),
    ],
)
async def test_key_opens_only_the_routes_of_its_scope(running: Running, scope: Scope, opens: set[str]) -> None:
    key = await api_key(running.service.db, scope)
    answers = {path: await running.http.post(path, headers=key, json={"body": "Halo"}) for path in INTEGRATION_ROUTES}
    assert {path for path, answer in answers.items() if answer.status_code != 403} == opens
    assert {problem_of(answer) for path, answer in answers.items() if path not in opens} == {(403, "forbidden")}


async def test_chat_is_read_with_its_own_scope(running: Running) -> None:
    lines = f"/v1/chats/{CHAT}/messages"
    keys = {scope: await api_key(running.service.db, scope) for scope in SCOPES}
    answers = {scope: (await running.http.get(lines, headers=key)).status_code for scope, key in keys.items()}
    assert answers == dict.fromkeys(SCOPES, 403) | {"chats:read": 404}


async def test_integration_cannot_stand_behind_the_counter(running: Running) -> None:
    for path in STAFF_ROUTES:
        assert problem_of(await running.http.post(path, headers=running.key)) == (403, "forbidden")


async def test_staff_bring_contacts_for_citizens_and_call_visitors(running: Running) -> None:
    roles: tuple[Role, ...] = ("agent", "supervisor", "admin")
    for header in map(staff_header, roles):
        assert (await running.http.post("/v1/contacts", headers=header, json=FORM)).status_code == 202
        assert problem_of(await running.http.post("/v1/booths/B1/call-next", headers=header)) == (404, "queue_empty")


async def test_staff_who_only_read_figures_open_no_route(running: Running) -> None:
    for path in (*INTEGRATION_ROUTES, *STAFF_ROUTES):
        answer = await running.http.post(path, headers=staff_header("officer"), json={"body": "Halo"})
        assert problem_of(answer) == (403, "forbidden")


async def test_contact_carries_the_name_of_its_staff_or_its_key(running: Running) -> None:
    headers = {**staff_header("agent"), "Idempotency-Key": "k-1"}
    first = await running.http.post("/v1/contacts", headers=headers, json=FORM)
    second = await running.http.post("/v1/contacts", headers={**running.key, "Idempotency-Key": "k-1"}, json=FORM)
    assert first.json() != second.json()
