"""Who did what, and who read about whom: no verb of staff and no reading about a person is without its row."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text

from shared.api_keys import new_api_key
from shared.auth import Access
from shared.caller import SCOPES
from shared.db import Database
from shared.ids import new_id
from shared.keystore import save_key
from shared.retention import Retention, common_rules
from shared.runner import Service
from shared.settings import CommonSettings
from shared.trail import RecordedRoute
from shared.wiring import wiring_in
from tests.conftest import FrozenClock, owner_url, staff_header
from tests.services.conftest import built
from tests.services.plays import Call, bring, do, play_intake, play_notify, play_survey_index, play_tickets, rows
from tests.services.test_every_route_says_who import SERVICES, everything_asked
from tests.serving import serving

STAFF = staff_header("agent", "supervisor", "officer", "admin")
NOT_RECORDED = {
    "/v1/contacts": "who brings it is kept with the contact, in the one statement that many share",
    "/v1/mails": "a contact as any other, whoever hands it over",
    "/v1/chats": "the same",
    "/v1/chats/{chat_id}/messages": "of a line, the same; to read them is recorded",
    "/v1/chats/{chat_id}/contact": "of an address, the same",
    "/v1/chats/{chat_id}/read": "who is there and reads: to open the chat is recorded",
    "/v1/chats/{chat_id}/typing": "the same of who types",
    "/v1/me": "who asks for himself",
    "/v1/calls/figures": "figures",
    "/v1/booths/{booth}/board": "a screen shows numbers on papers",
    "/v1/booths/{booth}/figures": "figures say nothing of a person",
    "/v1/metrics/{name}": "figures",
    "/v1/index/skm": "figures say nothing of a person",
    "/v1/index/ipak": "figures",
    "/v1/index/nps": "figures",
    "/v1/index/csat": "figures",
    "/v1/instruments": "to read what surveys are made of; to add to it is recorded",
    "/v1/instruments/{code}": "the same",
    "/v1/code-lists": "the same",
    "/v1/topics:classify": "a text that is tried is kept nowhere",
    "/v1/surveys": "to read the rules of surveys; to begin one is recorded",
    "/v1/surveys/{survey}": "the same",
    "/v1/surveys/{survey}/follow-ups": "to read a plan; to change it is recorded",
}
"""Path → why some verb of it leaves no row."""


def credentialed(service: Service) -> list[tuple[str, str, APIRoute, list[Access]]]:
    """Method, path, route and permissions of every route that needs a credential."""
    found = []
    for route in iter_route_contexts(service.app.routes):
        if isinstance(route.original_route, APIRoute):
            asked = [call for call in everything_asked(route.dependant) if isinstance(call, Access)]
            if asked:
                found += [(method, str(route.path), route.original_route, asked) for method in route.methods or ()]
    return found


def recorded(service: Service) -> set[str]:
    """What the rows of a service may name, one for each route that leaves any."""
    return {
        f"{method} {path}"
        for method, path, _, asked in credentialed(service)
        if all(access.is_recorded for access in asked)
    }


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_trail_is_left_by_every_route_that_needs_a_credential_but_those_that_are_named(service: Service) -> None:
    routes = credentialed(service)
    assert [path for _, path, route, _ in routes if not isinstance(route, RecordedRoute)] == [
        path for _, path, _, _ in routes if path.startswith("/v1/index/")
    ]
    silent = {path for _, path, _, asked in routes if not all(access.is_recorded for access in asked)}
    assert silent == {path for _, path, _, _ in routes if path in NOT_RECORDED}


# -- each route, called once ------------------------------------------------------------------------------------


PLAYS: dict[str, Callable[[Call, Service], Awaitable[None]]] = {
    "intake": play_intake,
    "tickets": play_tickets,
    "notify": play_notify,
    "survey_index": play_survey_index,
}


@pytest.mark.parametrize("name", PLAYS)
async def test_trail_has_a_row_of_each_verb_and_each_reading(services: dict[str, Service], name: str) -> None:
    service, sent = services[name], []
    acceptors = [worker for worker in service.workers if worker.name == "acceptor"]
    async with serving(service, workers=acceptors) as http:

        async def call(method: str, path: str, **more: Any) -> Any:
            answer = await http.request(method, path, headers=STAFF, **more)
            assert answer.is_success, (path, answer.text)
            sent.append(answer.headers["x-request-id"])
            is_json = answer.headers.get("content-type") == "application/json"
            return answer.json() if answer.content and is_json else None

        await PLAYS[name](call, service)
        await call("GET", "/v1/access-trail")
        left = await rows(service.db)
    assert {row.action for row in left} == recorded(service)
    assert {row.subject for row in left} == {"staff:test"}
    assert {row.request_id for row in left} <= set(sent)
    made = [row for row in left if row.action.startswith("POST") and row.object_id is None]
    assert made == [], "a verb says what it was about, or what it made"
    assert "warga" not in str([tuple(row) for row in left]).casefold()


# -- what a row says --------------------------------------------------------------------------------------------


@pytest.fixture
def tickets(services: dict[str, Service]) -> Service:
    return services["tickets"]


async def test_row_of_a_list_names_its_filters_and_how_many_were_shown_and_no_value(tickets: Service) -> None:
    await bring(tickets)
    correlation = "0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"
    async with serving(tickets) as http:
        query = {"unit": "Prakerja / pencairan", "status": "open", "limit": "7"}
        answer = await http.get("/v1/tickets", params=query, headers={**STAFF, "X-Correlation-ID": correlation})
        assert len(answer.json()["items"]) == 1
        [row] = await rows(tickets.db)
    assert (row.action, row.object_kind, row.object_id) == ("GET /v1/tickets", "tickets", None)
    assert row.detail == "1 shown; by status, unit"
    assert (row.request_id, row.correlation_id) == (answer.headers["x-request-id"], correlation)


async def test_row_of_a_verb_names_its_thing_and_says_when_it_was_not_carried_out_again(tickets: Service) -> None:
    ticket = await bring(tickets)
    async with serving(tickets) as http:
        for _ in range(2):
            headers = {**STAFF, "Idempotency-Key": "once"}
            await http.post(f"/v1/tickets/{ticket}/reply", headers=headers, json={"body": "Ya."})
        first, again = await rows(tickets.db)
    for row in (first, again):
        assert (row.action, row.object_kind, row.object_id) == (
            "POST /v1/tickets/{ticket_id}/reply",
            "tickets",
            ticket,
        )
    assert (first.detail, again.detail) == ("", "not carried out again: the first answer was given")


async def test_row_names_its_thing_in_one_way_however_it_was_written(tickets: Service) -> None:
    ticket = await bring(tickets)
    async with serving(tickets) as http:
        for written in (ticket.upper(), ticket.replace("-", ""), f"{{{ticket}}}"):
            assert (await http.get(f"/v1/tickets/{written}", headers=STAFF)).status_code == 200
        assert [row.object_id for row in await rows(tickets.db)] == [ticket] * 3


async def test_row_is_left_by_nothing_that_was_refused(tickets: Service) -> None:
    ticket = await bring(tickets)
    agent = staff_header("agent")
    async with serving(tickets) as http:
        answers = [
            await http.get(f"/v1/tickets/{new_id()}", headers=agent),
            await http.post(f"/v1/tickets/{ticket}/reply", headers=agent, json={"body": ""}),
            await http.post(f"/v1/tickets/{ticket}/reply", headers={**agent, "If-Match": '"99"'}, json={"body": "Ya."}),
            await http.get("/v1/access-trail", headers=agent),
            await http.get("/v1/tickets"),
        ]
        assert [answer.status_code for answer in answers] == [404, 422, 412, 403, 401]
        assert await rows(tickets.db) == []


# -- neither without the other ----------------------------------------------------------------------------------


async def test_nothing_is_done_and_nothing_is_read_where_its_row_cannot_be_written(
    tickets: Service, common: CommonSettings
) -> None:
    ticket = await bring(tickets)
    admin = await asyncpg.connect(owner_url(common))
    await admin.execute("REVOKE INSERT ON tickets.access_trail FROM satuatap_tickets")
    await admin.close()
    async with serving(tickets) as http:
        read = await http.get(f"/v1/tickets/{ticket}", headers=STAFF)
        said = await http.post(f"/v1/tickets/{ticket}/reply", headers=STAFF, json={"body": "Ya."})
    assert (read.status_code, "warga" in read.text.casefold()) == (500, False)
    assert said.status_code == 500
    db = Database(common.database_url, schema="tickets")
    assert await do(db, "SELECT count(*) FROM entries WHERE author = 'agent'") == 0
    await db.close()


async def test_readers_at_once_do_not_wait_for_each_others_connections(tickets: Service) -> None:
    """A row goes over the connection that its reading holds: a second one for each would be none for all."""
    ticket = await bring(tickets)
    async with serving(tickets) as http:
        answers = await asyncio.gather(*(http.get(f"/v1/tickets/{ticket}", headers=STAFF) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await rows(tickets.db)) == 40


@pytest.mark.parametrize("schema", ["intake", "tickets", "notify", "survey_index"])
async def test_row_is_never_changed_by_its_service(common: CommonSettings, schema: str) -> None:
    db = Database(common.database_url, schema=schema)
    entry = "INSERT INTO access_trail VALUES (gen_random_uuid(), now(), 'staff:7', 'GET /', '', NULL, '', 'r', 'c')"
    await do(db, f"{entry} RETURNING 1")
    for change in ("UPDATE access_trail SET subject = 'staff:8'", "TRUNCATE access_trail"):
        with pytest.raises(Exception, match="permission denied"):
            await do(db, change)
    assert [row.subject for row in await rows(db)] == ["staff:7"]
    await db.close()


async def test_rows_are_removed_when_their_time_is_over(common: CommonSettings, clock: FrozenClock) -> None:
    tickets = built(common, clock)["tickets"]
    async with serving(tickets) as http:
        for _ in range(2):
            await http.get("/v1/tickets", headers=STAFF)
            clock.forward(days=400)
        retention = Retention(db=tickets.db, rules=common_rules("tickets", common), clock=clock)
        for _ in range(len(common_rules("tickets", common))):
            await retention.step()
        assert [clock() - row.at for row in await rows(tickets.db)] == [timedelta(days=400)]


# -- citizens and integrations ----------------------------------------------------------------------------------


async def test_who_brings_a_contact_or_a_line_is_kept_with_it(services: dict[str, Service]) -> None:
    intake = services["intake"]
    async with serving(intake, workers=[intake.workers[0]]) as http:
        await http.post("/v1/contacts", headers=STAFF, json={"body": "Halo", "email": "warga@surel.example"})
        chat = (await http.post("/v1/chats", headers=STAFF, json={"body": "Halo"})).json()
        await http.post(f"/v1/chats/{chat['chat_id']}/messages", headers=STAFF, json={"body": "Halo"})
        async with intake.db.autocommit() as session:
            kept = await session.scalars(text("SELECT client FROM contacts"))
            assert kept.all() == ["staff:test"] * 3
        assert await rows(intake.db) == []


async def test_chat_is_read_by_its_citizen_and_its_integration_without_a_row_and_by_staff_with_one(
    services: dict[str, Service],
) -> None:
    intake = services["intake"]
    key = await integration(intake)
    async with serving(intake, workers=[intake.workers[0]]) as http:
        chat = (await http.post("/v1/chats", headers=key, json={"body": "Halo"})).json()
        path = f"/v1/chats/{chat['chat_id']}/messages"
        for headers in ({"Authorization": f"Bearer {chat['chat_token']}"}, key, STAFF):
            assert (await http.get(path, headers=headers)).status_code == 200
        assert [(row.subject, row.object_id) for row in await rows(intake.db)] == [("staff:test", chat["chat_id"])]


async def test_verb_of_an_integration_leaves_a_row(services: dict[str, Service]) -> None:
    intake = services["intake"]
    key = await integration(intake)
    async with serving(intake) as http:
        visit = (await http.post("/v1/booths/B1/visits", headers=key)).json()
        [row] = await rows(intake.db)
    assert row.subject.startswith("key:")
    assert (row.object_kind, row.object_id, row.detail) == ("visits", visit["id"], "in booths B1")


async def test_row_of_a_visitor_who_is_called_names_the_visit(services: dict[str, Service]) -> None:
    intake = services["intake"]
    async with serving(intake) as http:
        await http.post("/v1/booths/B1/visits", headers=STAFF)
        visit = (await http.post("/v1/booths/B1/call-next", headers=STAFF)).json()
        row = (await rows(intake.db, "object_id = :id AND action LIKE '%call-next'", id=visit["id"]))[0]
    assert row.detail == "in booths B1"


async def integration(service: Service) -> dict[str, str]:
    key, key_id, key_hash = new_api_key()
    async with service.db.transaction() as session:
        now = wiring_in(service.app).clock()
        values: dict[str, Any] = {"key_id": key_id, "name": "x", "secret_hash": key_hash, "scopes": SCOPES, "now": now}
        await save_key(session, service.name, **values)
    return {"Authorization": f"Bearer {key}"}


# -- reading it -------------------------------------------------------------------------------------------------


async def test_trail_is_read_by_an_administrator_page_by_page_of_one_caller_or_one_thing(tickets: Service) -> None:
    ticket, other = await bring(tickets), await bring(tickets)
    async with serving(tickets) as http:
        for one in (ticket, other, ticket):
            await http.get(f"/v1/tickets/{one}", headers=STAFF)

        async def page(**query: Any) -> Any:
            return (await http.get("/v1/access-trail", params=query, headers=staff_header("admin"))).json()

        seen: list[str] = []
        first = await page(object=ticket, limit=1)
        second = await page(object=ticket, limit=1, cursor=first["next_cursor"])
        seen = [item["object_id"] for item in (*first["items"], *second["items"])]
        assert (seen, second["next_cursor"]) == ([ticket, ticket], None)
        assert first["items"][0]["at"] > second["items"][0]["at"]
        assert (await page(subject="staff:nobody"))["items"] == []
        mine = (await page(subject="staff:test"))["items"]
        assert [item["action"] for item in mine[:4]] == ["GET /v1/access-trail"] * 3 + ["GET /v1/tickets/{ticket_id}"]
        assert (await http.get("/v1/access-trail?who=x", headers=staff_header("admin"))).status_code == 422


async def test_trail_is_only_for_auditors_and_administrators(tickets: Service) -> None:
    async with serving(tickets) as http:
        others = await http.get("/v1/access-trail", headers=staff_header("agent", "unit_head", "supervisor", "officer"))
        auditor = await http.get("/v1/access-trail", headers=staff_header("auditor"))
    assert (others.status_code, auditor.status_code) == (403, 200)
