"""Who did what, and who read about whom: no verb of staff and no reading about a person is without its row."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text

from services.intake.domain.utterances import Attachment
from services.intake.service.attachments import Attachments, described, new_files
from services.tickets.consumers import contact_handlers
from services.tickets.service import topic_models
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.settings import TicketsSettings
from shared.api_keys import new_api_key
from shared.auth import Access
from shared.caller import SCOPES
from shared.clock import utcnow
from shared.db import Database
from shared.events import ContactReceived, Person
from shared.ids import new_id
from shared.keystore import save_key
from shared.retention import Retention, common_rules
from shared.runner import Service
from shared.seal import Seal
from shared.settings import CommonSettings
from shared.trail import RecordedRoute
from shared.wiring import wiring_in
from tests.conftest import SECRETS, FrozenClock, owner_url, staff_header
from tests.factories import contact
from tests.services.conftest import built
from tests.services.survey_index.conftest import SLUGS, all_answered, sheet
from tests.services.survey_index.domain.given import codes, element, instrument
from tests.services.test_every_route_says_who import SERVICES, everything_asked
from tests.services.tickets.test_topics import LEARNED
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


async def rows(db: Database, where: str = "true", **values: Any) -> list[Any]:
    async with db.autocommit() as session:
        found = await session.execute(text(f"SELECT * FROM access_trail WHERE {where} ORDER BY id"), values)
        return list(found.all())


async def found(db: Database, sql: str) -> list[Any]:
    async with db.autocommit() as session:
        return list((await session.execute(text(sql))).all())


async def do(db: Database, sql: str, **values: Any) -> Any:
    async with db.transaction() as session:
        return await session.scalar(text(sql), values)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_trail_is_left_by_every_route_that_needs_a_credential_but_those_that_are_named(service: Service) -> None:
    routes = credentialed(service)
    assert [path for _, path, route, _ in routes if not isinstance(route, RecordedRoute)] == [
        path for _, path, _, _ in routes if path.startswith("/v1/index/")
    ]
    silent = {path for _, path, _, asked in routes if not all(access.is_recorded for access in asked)}
    assert silent == {path for _, path, _, _ in routes if path in NOT_RECORDED}


# -- each route, called once ------------------------------------------------------------------------------------

Call = Callable[..., Awaitable[Any]]


async def play_intake(call: Call, service: Service) -> None:
    chat = await call("POST", "/v1/chats", json={"body": "Halo"})
    for method, verb in (("GET", "messages"), ("HEAD", "events"), ("POST", "events:ticket"), ("POST", "end")):
        await call(method, f"/v1/chats/{chat['chat_id']}/{verb}")
    for outcome in ("settle", "escalate"):
        await call("POST", "/v1/booths/B1/visits", json={"email": "warga@surel.example", "body": "Insentif."})
        visit = await call("POST", "/v1/booths/B1/call-next")
        await call("POST", f"/v1/visits/{visit['id']}/{outcome}", json={})
    raw_id = await unreadable(service.db)
    await call("GET", "/v1/raw")
    await call("POST", f"/v1/raw/{raw_id}/parse")
    contact_id, attachment_id = await with_a_file(service)
    await call("GET", f"/v1/contacts/{contact_id}/attachments")
    await call("GET", f"/v1/attachments/{attachment_id}/content")
    await call("GET", "/v1/intake/gaps")
    await play_calls(call, service)
    await play_booth(call)


async def play_calls(call: Call, service: Service) -> None:
    menu = await call("GET", "/v1/ivr/menus/utama")
    await call("PUT", "/v1/ivr/menus/utama", json={name: menu[name] for name in ("start", "steps")})
    at, number = "2026-03-13T02:00:00Z", "+6281255501207"
    for call_id in ("k-1", "k-2"):
        await call("POST", "/v1/calls", json={"call_id": call_id, "from": f"{number[:-1]}{call_id[-1]}", "at": at})
        await call("POST", f"/v1/calls/{call_id}/digits", json={"digits": "2"})
        await call("POST", f"/v1/calls/{call_id}/events", json={"event": "abandoned", "at": at})
    callbacks = (await call("GET", "/v1/callbacks"))["items"]
    await do(service.db, "UPDATE callbacks SET due_at = now() - interval '1 day', claimed_by = NULL RETURNING 1")
    for callback, verb in zip(callbacks, ("reached", "failed"), strict=True):
        await call("POST", f"/v1/callbacks/{callback['id']}/claim")
        await call("POST", f"/v1/callbacks/{callback['id']}/{verb}")


async def play_booth(call: Call) -> None:
    services = [{"name": "a", "prefix": "A"}, {"name": "b", "prefix": "B"}]
    policy = {"calls_before_no_show": 2, "minutes_between_calls": 0}
    await call(
        "PUT",
        "/v1/booths/B2",
        json={"zone": "Asia/Jakarta", "services": services, "policy": policy, "dispensers": [{"device": "D1"}]},
    )
    await call("GET", "/v1/booths/B2")
    visit = await call("POST", "/v1/booths/B2/visits", json={})
    await call("GET", "/v1/booths/B2/visits")
    for verb in ("print", "call", "recall", "no-show", "return", "call", "arrive"):
        await call("POST", f"/v1/visits/{visit['id']}/{verb}")
    await call("POST", f"/v1/visits/{visit['id']}/transfer", json={"service": "b"})
    await call("GET", f"/v1/visits/{visit['id']}")
    at = "2026-03-13T09:00:00+07:00"
    paper = {"sequence": 1, "number": 1, "at": at}
    await call("POST", "/v1/booths/B2/visits:sync", json={"device": "D1", "sent_at": at, "visits": [paper]})


async def play_tickets(call: Call, service: Service) -> None:
    ticket = await bring(service)
    await call("GET", "/v1/me")
    await call("GET", "/v1/units")
    await call("GET", "/v1/metrics/overview")
    await call("GET", "/v1/events")
    await call("PUT", "/v1/units/setjen", json={"name": "Sekretariat Jenderal"})
    await play_topics(call, service)
    await call("GET", "/v1/tickets")
    await call("GET", f"/v1/tickets/{ticket}")
    await call("GET", f"/v1/tickets/{ticket}/entries")
    await call("GET", f"/v1/tickets/{ticket}/audit")
    rules = await call("GET", "/v1/matching/rules")
    await call("PUT", "/v1/matching/rules", json={name: rules[name] for name in rules if name != "version"})
    await play_matching(call, service)
    await call("POST", f"/v1/tickets/{ticket}/reply", json={"body": "Kami periksa."})
    await call("POST", f"/v1/tickets/{ticket}/request-info", json={"fields": ["nik"]})
    await call("POST", f"/v1/tickets/{ticket}/escalate", json={})
    await receive(service, contact(ticket_id=UUID(ticket)))
    said = (await call("GET", f"/v1/tickets/{ticket}/entries"))["items"]
    await call("POST", f"/v1/tickets/{ticket}/split", json={"entry_ids": [said[-1]["id"]]})
    await call("POST", f"/v1/tickets/{ticket}/resolve", json={})
    await play_roster(call, ticket)
    await play_lifecycle(call, ticket, await bring(service))
    await play_clocks(call, await bring(service))
    await play_erasure(call, await bring(service))


async def play_roster(call: Call, ticket: str) -> None:
    agent = {"name": "Siti", "units": ["setjen"], "capacity": 3}
    await call("PUT", "/v1/agents/staff:test", json=agent)
    await call("GET", "/v1/agents")
    await call("GET", "/v1/agents/staff:test")
    await call("PUT", "/v1/me/presence", json={"presence": "available"})
    await call("POST", "/v1/agents/staff:test:release")
    await call("DELETE", "/v1/agents/staff:test")
    await call("GET", f"/v1/tickets/{ticket}/routing")
    await call("PUT", f"/v1/tickets/{ticket}/language", json={"language": "en"})


async def play_lifecycle(call: Call, ticket: str, other: str) -> None:
    """What else becomes of a ticket that was resolved."""
    verbs: list[tuple[str, dict[str, Any]]] = [
        ("reopen", {"reason": "Keliru"}),
        ("claim", {}),
        ("unassign", {}),
        ("assign", {"assignee": "staff:1"}),
        ("note", {"body": "Bank dihubungi."}),
        ("priority", {"priority": "high"}),
        ("privacy", {"privacy": "confidential"}),
        ("link", {"other": other}),
        ("hold", {"until": (utcnow() + timedelta(days=1)).isoformat(), "reason": "Bank"}),
        ("merge", {"into": other}),
        ("unmerge", {}),
        ("forward", {"to": "Disnaker"}),
        ("reject", {"reason": "Bukan wewenang"}),
        ("close", {"reason": "Selesai"}),
    ]
    bulk = {"bulk_id": "1", "verb": "note", "ids": [ticket, other], "arguments": {"body": "Ya."}}
    await call("POST", "/v1/tickets:bulk", json=bulk)
    for verb, form in verbs:
        await call("POST", f"/v1/tickets/{ticket}/{verb}", json=form)


async def play_topics(call: Call, service: Service) -> None:
    topic = {"name": "BPJS", "unit": "setjen", "phrases": ["bpjs"]}
    await call("PUT", "/v1/topics/bpjs", json=topic)
    for path in ("topics", "topics/bpjs", "topics/bpjs/versions", "topic-models"):
        await call("GET", f"/v1/{path}")
    await call("DELETE", "/v1/topics/bpjs")
    async with service.db.transaction() as session:
        version = await topic_models.keep(session, LEARNED, {}, by="cli:test", now=utcnow())
    await call("GET", f"/v1/topic-models/{version}")
    await call("PUT", "/v1/topic-models/active", json={"version": version})


async def play_clocks(call: Call, ticket: str) -> None:
    await call("GET", f"/v1/tickets/{ticket}/sla")
    await call("POST", f"/v1/tickets/{ticket}/set-due", json={"due_at": None})
    await call("POST", f"/v1/tickets/{ticket}/set-policy", json={"policy": "ptsa"})
    await call("GET", "/v1/units/setjen/escalation-contacts")
    await call("PUT", "/v1/units/setjen/escalation-contacts", json={"contacts": []})
    await call("GET", "/v1/calendars")
    await call("GET", "/v1/calendars/indonesia")
    await call("PUT", "/v1/calendars/office", json={"zone": "Asia/Jakarta", "week": {"mon": ["08:00-16:00"]}})
    await call("POST", "/v1/calendars/office:import", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    days = {"kind": "resolution", "target": 5, "measure": "working_days", "calendar": "office", "stops": ["ended"]}
    await call("GET", "/v1/policies")
    await call("PUT", "/v1/policies/office", json={"zone": "Asia/Jakarta", "clocks": [days]})
    await call("GET", "/v1/policies/office")


async def play_erasure(call: Call, ticket: str) -> None:
    citizen = (await call("GET", f"/v1/tickets/{ticket}"))["citizen"]["id"]
    await call("GET", f"/v1/citizens/{citizen}:export")
    await call("POST", f"/v1/citizens/{citizen}:erase", json={"reason": "Permohonan 44"})


async def play_matching(call: Call, service: Service) -> None:
    """Two contacts of one case, and one at the same address that somebody else gave."""
    who = Person(name="Warga Satu", email="warga@surel.example")
    ticket = await bring(service, citizen=who)
    again = contact(citizen=who)
    await bring(service, again, citizen=Person(name="Orang Lain", email="warga@surel.example"))
    entry = await do(service.db, "SELECT id FROM entries WHERE contact_id = :id", id=again.data.contact_id)
    separated = await call("POST", f"/v1/tickets/{ticket}/entries/{entry}:separate")
    await call("GET", f"/v1/tickets/{separated['id']}/suggestions")
    [[suggestion, one, other]] = await found(
        service.db, "SELECT id, one, other FROM suggestions WHERE kind = 'citizens'"
    )
    await call("GET", f"/v1/citizens/{one}")
    await call("GET", f"/v1/citizens/{one}/suggestions")
    await call("POST", f"/v1/suggestions/{suggestion}/dismiss")
    await call("POST", f"/v1/citizens/{one}/merge", json={"into": str(other)})
    await call("POST", f"/v1/citizens/{one}/unmerge")


async def play_notify(call: Call, service: Service) -> None:
    notice = await uncertain(service.db)
    await call("GET", "/v1/notices")
    await call("POST", f"/v1/notices/{notice}/decide", json={"decision": "arrived"})
    others = [await uncertain(service.db), await uncertain(service.db)]
    await call("POST", "/v1/notices:decide", json={"decision": "arrived", "notices": others})
    left = await rows(service.db, "action = :action", action="POST /v1/notices:decide")
    assert {(row.object_kind, row.object_id) for row in left} == {("notices", one) for one in others}


async def play_survey_index(call: Call, service: Service) -> None:
    own = instrument(element("waktu"), element("biaya"), code="milik_unit")
    await call("POST", "/v1/instruments", json=own.model_dump(mode="json"))
    await call("POST", "/v1/code-lists", json=codes())
    await call("POST", "/v1/surveys", json={"code": "s", "title": "Survei uji"})
    await call("POST", "/v1/surveys/s/responses", json={"once": "1", "answers": all_answered(3)})
    await call("POST", "/v1/surveys/s/keypad", json={"once": "2", "keys": ["4"]})
    file = sheet([dict.fromkeys(SLUGS, 3)] * 10)
    await call("POST", "/v1/surveys/s/responses:preview?answered_on=2026-03-01", content=file)
    done = await call("POST", "/v1/surveys/s/responses:import?answered_on=2026-03-01", content=file)
    await call("GET", "/v1/surveys/s/imports")
    checks = await call("GET", "/v1/surveys/s/back-checks")
    checked = checks["items"][0]["response_id"]
    await call("POST", f"/v1/surveys/s/back-checks/{checked}", json={"result": "confirmed"})
    await call("POST", f"/v1/surveys/s/imports/{done['import_id']}/withdraw")
    plan = {"element": "waktu", "action": "Loket", "responsible": "Kasi", "due_on": "2026-12-31", "planned": 2}
    item = await call("POST", "/v1/surveys/s/follow-ups", json=plan)
    await call("POST", f"/v1/surveys/s/follow-ups/{item['id']}/realise", json={"realised": 1})
    await call("GET", "/v1/surveys/s/report.html")
    await call("POST", "/v1/surveys/s/close")
    await call("POST", "/v1/surveys/s/publish")
    case = new_id()
    await do(
        service.db,
        "INSERT INTO cases (ticket_id, survey, tracking_code, unit, channel, ended_at, outcome) "
        "VALUES (:id, 's', 'c', '', '', now(), 'invited') RETURNING 1",
        id=case,
    )
    await call("POST", f"/v1/cases/{case}/forget")


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


async def receive(service: Service, *brought: ContactReceived) -> None:
    """Citizens' contacts become lines of tickets."""
    arrivals = Arrivals(rulebook=Rulebook(policy=TicketsSettings().policy, default_unit="unit"), seal=Seal(SECRETS))
    async with service.db.transaction() as session:
        await contact_handlers(arrivals)[ContactReceived](session, brought, brought[-1].time)


async def bring(service: Service, *before: ContactReceived, **said: Any) -> str:
    """The id of a ticket that a citizen's contact opened, which came after others."""
    brought = contact(**said)
    await receive(service, *before, brought)
    return str(await do(service.db, "SELECT id FROM tickets WHERE contact_id = :id", id=brought.data.contact_id))


async def unreadable(db: Database) -> str:
    """The id of something that a channel brought and nobody could understand."""
    raw_id = new_id()
    await do(
        db,
        """
        INSERT INTO raw (id, channel, account, content, headers, received_at, correlation_id, status, next_try_at,
                         faults)
        VALUES (:id, 'line', '', 'x', '{}', now(), 'c', 'unreadable', now(), '[{"place": "", "reason": "x"}]')
        RETURNING id
        """,
        id=raw_id,
    )
    return str(raw_id)


async def with_a_file(service: Service) -> tuple[UUID, UUID]:
    """The id of a contact, and that of its file."""
    brought = [Attachment("bukti.txt", "text/plain", b"Bukti")]
    told = contact(attachments=described(new_id(), "x", brought)).data
    made = new_files(told, "", brought)
    attachments = wiring_in(service.app).part(Attachments)
    await attachments.put(made)
    async with service.db.transaction() as session:
        await attachments.add(session, made)
    await do(
        service.db,
        "INSERT INTO contacts (id, tracking_code, channel, subject, body, client, received_at) "
        "VALUES (:id, :code, 'form', '', 'x', 'x', now()) RETURNING 1",
        id=told.contact_id,
        code=told.tracking_code,
    )
    return told.contact_id, told.attachments[0].id


async def uncertain(db: Database) -> str:
    """The id of a notice of which nobody knows what became of it."""
    made = await do(
        db,
        """
        INSERT INTO notices (id, event_id, reason, ticket_id, tracking_code, kind, address, subject, body, status,
                             next_attempt_at, give_up_at, correlation_id, created_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'opened', gen_random_uuid(), 'c', 'email', 'warga@surel.example',
                '', 'x', 'uncertain', now(), now(), 'c', now()) RETURNING id
        """,
    )
    return str(made)


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
