"""Each route of each service, called once: what a test goes over that looks at all of them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.intake.domain.utterances import Attachment
from services.intake.service.attachments import Attachments, described, new_files
from services.tickets.consumers import contact_handlers
from services.tickets.service import topic_models
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.settings import TicketsSettings
from shared.clock import utcnow
from shared.db import Database
from shared.events import ContactReceived, Person
from shared.ids import new_id
from shared.runner import Service
from shared.seal import Seal
from shared.wiring import wiring_in
from tests.conftest import SECRETS
from tests.factories import contact
from tests.services.survey_index.conftest import SLUGS, all_answered, sheet
from tests.services.survey_index.domain.given import codes, element, instrument
from tests.services.tickets.test_topics import LEARNED

Call = Callable[..., Awaitable[Any]]
"""Calls a route by its method and path, as somebody who may, and answers its JSON."""


async def rows(db: Database, where: str = "true", **values: Any) -> list[Any]:
    """The rows of the trail of a service, in their order."""
    async with db.autocommit() as session:
        found = await session.execute(text(f"SELECT * FROM access_trail WHERE {where} ORDER BY id"), values)
        return list(found.all())


async def found(db: Database, sql: str) -> list[Any]:
    async with db.autocommit() as session:
        return list((await session.execute(text(sql))).all())


async def do(db: Database, sql: str, **values: Any) -> Any:
    async with db.transaction() as session:
        return await session.scalar(text(sql), values)


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
    await call("GET", "/v1/tickets:export")
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
