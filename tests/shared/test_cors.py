"""CORS: which pages may call which routes, and what their scripts may read."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import HttpUrl

from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.survey_index.main import build as build_survey_index
from services.survey_index.settings import SurveyIndexSettings
from services.tickets.main import build as build_tickets
from services.tickets.settings import TicketsSettings
from shared.settings import CommonSettings
from tests.services.tickets.conftest import faults
from tests.serving import serving

PAGE, ANOTHER, STRANGER = "https://www.contoh.go.id", "http://127.0.0.1:8080", "https://jahat.example"
ASKED = "authorization, content-type, idempotency-key, x-correlation-id"
FEW = 3


@pytest.fixture
def told(common: CommonSettings) -> CommonSettings:
    return common.model_copy(
        update={"allowed_origins": (PAGE, ANOTHER), "max_body_bytes": 1_024, "public_requests_per_minute": FEW}
    )


@pytest_asyncio.fixture
async def intake(told: CommonSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(build_intake(told, IntakeSettings())) as http:
        yield http


@pytest_asyncio.fixture
async def tickets(told: CommonSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(build_tickets(told, TicketsSettings())) as http:
        yield http


@pytest_asyncio.fixture
async def survey_index(told: CommonSettings) -> AsyncIterator[httpx.AsyncClient]:
    settings = SurveyIndexSettings(public_url=HttpUrl("https://survei.contoh.example"))
    async with serving(build_survey_index(told, settings)) as http:
        yield http


async def asked(http: httpx.AsyncClient, path: str, method: str, origin: str = PAGE) -> httpx.Response:
    """The browser's question before a request."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": ASKED}
    return await http.options(path, headers=headers)


def may_read(answer: httpx.Response, origin: str = PAGE) -> bool:
    """Whether a script of `origin` may read it, and the two headers that it needs; and no cache gives it to others."""
    shown = {name.strip() for name in answer.headers.get("access-control-expose-headers", "").split(",")}
    varies = {name.strip() for name in answer.headers["vary"].split(",")}
    assert "Origin" in varies
    assert "access-control-allow-credentials" not in answer.headers
    return answer.headers.get("access-control-allow-origin") == origin and shown >= {"Retry-After", "X-Request-ID"}


async def test_question_before_a_request_is_answered_on_every_route_for_pages(
    intake: httpx.AsyncClient, tickets: httpx.AsyncClient, survey_index: httpx.AsyncClient
) -> None:
    for http, method, path in (
        (intake, "POST", "/v1/chats"),
        (intake, "POST", "/v1/chats/018f0000-0000-7000-8000-000000000000/messages"),
        (intake, "GET", "/v1/chats/018f0000-0000-7000-8000-000000000000/messages"),
        (tickets, "GET", "/v1/track/7K3Q-WM9X-TB40"),
        (survey_index, "GET", "/v1/invitations/token"),
        (survey_index, "POST", "/v1/responses"),
    ):
        for origin in (PAGE, ANOTHER):
            answer = await asked(http, path, method, origin)
            assert answer.status_code == 200, path
            assert answer.headers["access-control-allow-origin"] == origin
            assert "access-control-allow-credentials" not in answer.headers
            allowed = answer.headers["access-control-allow-headers"].lower()
            assert all(name in allowed for name in ASKED.split(", "))


async def test_page_that_was_not_named_is_told_no(intake: httpx.AsyncClient) -> None:
    for origin in (STRANGER, "null", f"{PAGE}.jahat.example", PAGE.upper()):
        answer = await asked(intake, "/v1/chats", "POST", origin)
        assert faults(answer, 400, "page_refused") == ["Origin"], origin
        assert "access-control-allow-origin" not in answer.headers
        assert not may_read(await intake.post("/v1/chats", headers={"Origin": origin}, json={}), origin)


async def test_page_that_was_named_is_told_what_it_may_not_do(intake: httpx.AsyncClient) -> None:
    answer = await asked(intake, "/v1/chats", "DELETE")
    assert faults(answer, 400, "page_refused") == ["Access-Control-Request-Method"]
    assert answer.headers["access-control-allow-origin"] == PAGE
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-other"}
    answer = await intake.options("/v1/chats", headers=headers)
    assert faults(answer, 400, "page_refused") == ["Access-Control-Request-Headers"]


async def test_routes_that_are_for_nobodys_page_say_nothing(intake: httpx.AsyncClient) -> None:
    for path in ("/v1/contacts", "/v1/booths/B1/visits", "/v1/chatsX", "/livez", "/metrics"):
        assert (await asked(intake, path, "POST")).status_code in (404, 405), path
        answer = await intake.post(path, headers={"Origin": PAGE}, json={})
        assert "access-control-allow-origin" not in answer.headers, path


async def test_script_may_read_every_refusal(intake: httpx.AsyncClient, tickets: httpx.AsyncClient) -> None:
    page = {"Origin": PAGE}
    long = {"body": "x" * 2_000}
    answers = [
        await intake.post("/v1/chats", headers=page, json={}),
        await intake.post("/v1/chats", headers=page, json=long),
        await intake.put("/v1/chats", headers=page),
        await intake.get("/v1/chats/x/y", headers=page),
        *[await tickets.get("/v1/track/7K3Q-WM9X-TB40", headers=page) for _ in range(2)],
    ]
    assert [answer.status_code for answer in answers] == [401, 413, 405, 404, 404, 429]
    assert all(map(may_read, answers))
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert all(answer.headers["x-request-id"] for answer in answers)


async def test_answer_to_nobodys_page_varies_too(tickets: httpx.AsyncClient) -> None:
    answer = await tickets.get("/v1/track/7K3Q-WM9X-TB40")
    assert (answer.headers["vary"], answer.headers.get("access-control-allow-origin")) == ("Origin", None)


async def test_nobodys_script_may_call_at_first(common: CommonSettings) -> None:
    async with serving(build_intake(common, IntakeSettings())) as http:
        answer = await asked(http, "/v1/chats", "POST")
        assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (405, None)
