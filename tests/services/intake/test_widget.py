"""A widget in a page: a key that everybody can read there opens chats from that page, and does nothing else."""

from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.api_keys import new_api_key
from shared.caller import WIDGET, Widget
from shared.db import Database
from shared.keystore import save_key
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.conftest import Running
from tests.services.intake.given import FORM, count, fields_of, problem_of
from tests.services.intake.test_access import INTEGRATION_ROUTES, STAFF_ROUTES
from tests.services.intake.test_chats import lines_of, token_of
from tests.serving import serving

PAGE = "https://www.contoh.go.id"
OTHER_PAGE = "https://layanan.contoh.go.id:8443"


async def widget_key(db: Database, *origins: str, per_minute: int = 100) -> dict[str, str]:
    """The header of a widget that may be in the pages of `origins`."""
    key, key_id, key_hash = new_api_key()
    async with db.transaction() as session:
        await save_key(
            session,
            "intake",
            key_id=key_id,
            name="widget",
            secret_hash=key_hash,
            scopes=[WIDGET],
            widget=Widget(frozenset(origins), per_minute),
            now=FrozenClock().now,
        )
    return {"Authorization": f"Bearer {key}"}


@pytest_asyncio.fixture
async def widget(running: Running) -> dict[str, str]:
    """What a browser sends with a request of the widget in `PAGE`."""
    return {**await widget_key(running.service.db, PAGE, OTHER_PAGE), "Origin": PAGE}


async def opened(http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await http.post("/v1/chats", headers=headers, json={"body": "Halo"})


async def test_widget_opens_a_chat_and_its_token_does_the_rest(running: Running, widget: dict[str, str]) -> None:
    for page in (PAGE, OTHER_PAGE):
        answer = await opened(running.http, {**widget, "Origin": page})
        assert answer.status_code == 202
        chat = answer.json()
        line = await running.http.post(lines_of(chat), headers=token_of(chat), json={"body": "Masih di sana?"})
        assert line.status_code == 202
        lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
        assert [line["body"] for line in lines] == ["Halo", "Masih di sana?"]


async def test_widget_does_nothing_else(running: Running, widget: dict[str, str]) -> None:
    chat = (await opened(running.http, widget)).json()
    for path in {*INTEGRATION_ROUTES, *STAFF_ROUTES, lines_of(chat)} - {"/v1/chats"}:
        answer = await running.http.post(path, headers=widget, json={"body": "Halo"})
        assert problem_of(answer) == (403, "forbidden"), path
    assert problem_of(await running.http.get(lines_of(chat), headers=widget)) == (403, "forbidden")
    assert await count(running.service.db, "contacts") == 1


async def test_widget_opens_no_chat_from_elsewhere(running: Running, widget: dict[str, str]) -> None:
    elsewhere = ("https://contoh.go.id", "http://www.contoh.go.id", f"{PAGE}:443", f"{PAGE}/", PAGE.upper(), "null", "")
    for origin in elsewhere:
        answer = await opened(running.http, {**widget, "Origin": origin})
        assert (problem_of(answer), fields_of(answer)) == ((403, "forbidden"), ["Origin"]), origin
    del widget["Origin"]
    assert problem_of(await opened(running.http, widget)) == (403, "forbidden")
    assert await count(running.service.db, "chats") == 0


async def test_widgets_chats_are_limited_for_each_address_and_then_for_the_key(
    common: CommonSettings, clock: FrozenClock
) -> None:
    few = common.model_copy(update={"widget_chats_per_minute": 2, "trusted_proxies": ("127.0.0.1",)})
    service = build(few, IntakeSettings(), clock)
    async with serving(service, workers=[service.workers[0]]) as http:
        widget = {**await widget_key(service.db, PAGE, per_minute=3), "Origin": PAGE}

        async def opened_from(address: str) -> tuple[int, Any]:
            answer = await opened(http, {**widget, "X-Forwarded-For": address})
            return answer.status_code, answer.json().get("detail", "")

        assert [(await opened_from("10.0.0.1"))[0] for _ in range(4)] == [202, 202, 429, 429]
        status, detail = await opened_from("10.0.0.1")
        assert (status, "from your address" in detail) == (429, True)
        assert (await opened_from("10.0.0.2"))[0] == 202, "who was refused has not used up the key"
        status, detail = await opened_from("10.0.0.3")
        assert (status, "with this key" in detail) == (429, True)
        assert await count(service.db, "chats") == 3


async def test_integration_and_staff_open_chats_as_ever(running: Running, staff: dict[str, str]) -> None:
    for headers in (running.key, staff):
        assert (await opened(running.http, headers)).status_code == 202


async def test_name_of_a_widgets_request_is_one_that_nobody_else_comes_upon(
    running: Running, widget: dict[str, str]
) -> None:
    """Or a stranger who says the same would be given the token of another's chat."""
    answer = await opened(running.http, {**widget, "Idempotency-Key": "1"})
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["Idempotency-Key"])
    named = {**widget, "Idempotency-Key": str(uuid4())}
    answers = [(await opened(running.http, named)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (await opened(running.http, {**running.key, "Idempotency-Key": "1"})).status_code == 202
    assert (await running.http.post("/v1/contacts", headers=running.key, json=FORM)).status_code == 202
