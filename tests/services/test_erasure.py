"""A citizen is erased from the whole database: he comes in by every way, and afterwards nothing names him anywhere,
while every figure is as it was.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from migrations import SERVICES
from services.tickets.service.trails import verify_trails
from shared import mail_threads
from shared.api_keys import new_api_key
from shared.caller import SCOPES
from shared.clock import utcnow
from shared.ids import new_id
from shared.keystore import save_key
from shared.runner import Service
from shared.settings import CommonSettings
from shared.signing import Capabilities
from tests.conftest import SECRETS, eventually, owner_url, staff_header
from tests.services.conftest import built
from tests.services.intake.files.test_media import PNG
from tests.services.intake.mail.given import mail
from tests.services.intake.test_forms import key_in
from tests.services.survey_index.conftest import all_answered
from tests.serving import serving

NAME, ADDRESS, PHONE, NUMBER, WORDS = "Zqnama", "zqsurel@surel.example", "+6281277712345", "9988776655443322", "zqisi"
MARKS = (NAME, "zqsurel", "81277712345", NUMBER, WORDS)
STAFF = staff_header("agent", "supervisor", "officer", "admin")
AT_WORK = ("acceptor", "keeper", "parser", "relay", "reader")
WHO = {"name": NAME, "email": ADDRESS, "phone": PHONE, "programme_number": NUMBER}
FIGURES = (
    "tickets.tickets",
    "tickets.entries",
    "tickets.happenings",
    "tickets.clocks",
    "intake.contacts",
    "intake.chat_replies",
    "intake.visits",
    "intake.calls",
    "notify.notices",
    "survey_index.cases",
    "survey_index.responses",
    "survey_index.tallies",
)


@dataclass
class House:
    """All services at work but for what sends mails, clients of each, and the database as its owner sees it."""

    http: Mapping[str, httpx.AsyncClient]
    services: Mapping[str, Service]
    database: asyncpg.Connection
    key: dict[str, str]

    async def count(self, sql: str, *values: Any) -> int:
        return int(await self.database.fetchval(f"SELECT count(*) FROM {sql}", *values))

    async def tickets(self, least: int) -> list[dict[str, Any]]:
        """The tickets, once there are so many."""

        async def look() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await self.http["tickets"].get("/v1/tickets", headers=STAFF)).json()["items"]
            return found if len(found) >= least else []

        await eventually(look)
        return await look()

    async def post(self, service: str, path: str, headers: dict[str, str] = STAFF, **sent: Any) -> Any:
        answer = await self.http[service].post(path, headers=headers, **sent)
        assert answer.is_success or answer.is_redirect, answer.text
        return answer.json() if answer.headers.get("content-type") == "application/json" else None

    async def found(self, marks: Sequence[str]) -> set[str]:
        """In which columns of which tables any of these stands, however it is kept."""
        columns = await self.database.fetch(
            """
            SELECT c.table_schema, c.table_name, c.column_name, c.data_type FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = ANY($1) AND t.table_type = 'BASE TABLE'
              AND c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'tsvector')
            """,
            list(SERVICES),
        )
        assert len(columns) > 100
        like = [f"%{mark}%" for mark in marks]
        bytes_like = [f"%{mark.encode().hex()}%" for mark in marks]
        where = set()
        for schema, table, column, kind in columns:
            told = f"encode({column}, 'hex')" if kind == "bytea" else f"CAST({column} AS text)"
            patterns = bytes_like if kind == "bytea" else like
            if await self.database.fetchval(
                f"SELECT EXISTS (SELECT FROM {schema}.{table} WHERE {told} ILIKE ANY($1))", patterns
            ):
                where.add(f"{schema}.{table}.{column}")
        return where


@pytest_asyncio.fixture
async def house(common: CommonSettings, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        services, http = built(common, attachments_dir=tmp_path / "attachments"), {}
        for name, service in services.items():
            workers = [worker for worker in service.workers if worker.name.startswith(AT_WORK)]
            http[name] = await stack.enter_async_context(serving(service, workers=workers))
        key, key_id, key_hash = new_api_key()
        async with services["intake"].db.transaction() as session:
            await save_key(
                session, "intake", key_id=key_id, name="t", secret_hash=key_hash, scopes=SCOPES, now=utcnow()
            )
        database = await asyncpg.connect(owner_url(common).replace("+asyncpg", ""))
        stack.push_async_callback(database.close)
        yield House(http, services, database, {"Authorization": f"Bearer {key}"})


async def come_in_by_every_way(house: House) -> None:
    """The citizen complains by form, mail, chat, telephone and at a booth; we answer him, pass him on, and ask him."""
    form = (await house.http["intake"].get("/f")).text
    sent = {"key": key_in(form), "subject": f"{NAME} bertanya", "body": f"Saya {NAME}: {WORDS}", **WHO}
    await house.post("intake", "/f", {}, data=sent, files=[("files", (f"{WORDS}.png", PNG, "image/png"))])
    [first] = await house.tickets(1)
    token = Capabilities(SECRETS, mail_threads.PURPOSE).issue(UUID(first["id"]))
    content = mail(f"{WORDS} lagi", From=f"{NAME} <{ADDRESS}>", In_Reply_To=f"<{token}@contoh.example>")
    await house.post("intake", "/v1/mails", house.key | {"Content-Type": "message/rfc822"}, content=content)
    await house.post("intake", "/v1/chats", house.key, json={"body": WORDS, "subject": NAME, **WHO})
    called = {"call_id": "k-1", "from": PHONE, "to": "1708", "at": "2026-03-13T02:00:00Z"}
    await house.post("intake", "/v1/calls", house.key, json=called)
    passed_on = {"event": "transferred", "at": "2026-03-13T02:01:00Z"}
    await house.post("intake", "/v1/calls/k-1/events", house.key, json=passed_on)
    await house.post("intake", "/v1/booths/B1/visits", STAFF, json={"body": WORDS, **WHO})
    visit = await house.post("intake", "/v1/booths/B1/call-next")
    await house.post("intake", f"/v1/visits/{visit['id']}/escalate", json={})
    for ticket in await house.tickets(4):
        path = f"/v1/tickets/{ticket['id']}"
        await house.post("tickets", f"{path}/escalate", json={"reason": f"{NAME} menelepon"})
        keyed = STAFF | {"Idempotency-Key": f"reply {ticket['id']}"}
        await house.post("tickets", f"{path}/reply", keyed, json={"body": f"{NAME}, sudah kami kirim."})
        await house.post("tickets", f"{path}/resolve", json={"body": f"{NAME}, selesai."})


async def is_settled(house: House) -> None:
    """Waits until every event that was written is published and handled by all who read it."""
    expected = {"tickets.entries": 5, "intake.chat_replies": 2, "survey_index.cases": 4}

    async def look() -> bool:
        counts = [await house.count(table) >= least for table, least in expected.items()]
        waiting = [await house.count(f"{schema}.outbox WHERE published_at IS NULL") for schema in SERVICES]
        told = await house.count("notify.notices WHERE reason IN ('replied', 'resolved', 'invited')")
        return all(counts) and not any(waiting) and told >= 8

    await eventually(look)


async def answer_the_survey(house: House) -> None:
    payload = await house.database.fetchval("SELECT payload FROM survey_index.outbox WHERE type = 'survey.invited'")
    token = json.loads(payload)["data"]["link"].rpartition("/")[2]
    await house.post(
        "survey_index", "/v1/responses", {}, json={"token": token, "answers": all_answered(3), "comment": WORDS}
    )


async def lie_about(house: House) -> None:
    """What lies about where something went wrong: a letter that nobody could handle, and what a server said."""
    payload = await house.database.fetchval(
        "SELECT payload FROM intake.outbox WHERE payload LIKE '%' || $1 || '%'", NAME
    )
    await house.database.execute(
        """
        INSERT INTO tickets.dead_letters (id, stream, entry_id, handler, reason, failures, payload, died_at)
        VALUES ($1, 'contacts', '1-1', 'receive', 'broken', 1, $2, now())
        """,
        new_id(),
        payload,
    )
    await house.database.execute(
        """
        INSERT INTO notify.delivery_attempts (notice_id, number, worker, started_at, outcome, detail)
        SELECT id, 1, 'w', now(), 'failed', $1 FROM notify.notices
        """,
        f"550 <{ADDRESS}>",
    )


async def test_erased_citizen_is_nowhere_and_every_figure_is_as_it_was(house: House) -> None:
    await come_in_by_every_way(house)
    await is_settled(house)
    await answer_the_survey(house)
    await lie_about(house)
    sealed = await house.database.fetch("SELECT sealed, blind_index FROM tickets.handles WHERE sealed IS NOT NULL")
    marks = [*MARKS, *{value for row in sealed for value in row if value}]
    before = await house.found(marks)
    for place in ("intake.contacts.body", "intake.raw.content", "intake.outbox.payload", "intake.calls.caller"):
        assert place in before
    for place in ("tickets.entries.body", "tickets.happenings.data", "tickets.idempotency_keys.answer"):
        assert place in before
    for place in ("notify.notices.body", "notify.delivery_attempts.detail", "survey_index.responses.comment"):
        assert place in before
    figures = {table: await house.count(table) for table in FIGURES}
    index = (await house.http["survey_index"].get("/v1/index/skm?survey=layanan", headers=STAFF)).json()
    people = await house.database.fetch("SELECT DISTINCT citizen_id FROM tickets.tickets")
    for person in people:
        path = f"/v1/citizens/{person['citizen_id']}"
        known = (await house.http["tickets"].get(f"{path}:export", headers=STAFF)).json()
        assert known["tickets"]
        await house.post("tickets", f"{path}:erase", json={"reason": "Permohonan 44"})

    async def is_gone() -> bool:
        return not await house.found(marks)

    try:
        await eventually(is_gone, 20)
    except AssertionError:
        assert await house.found(marks) == set()
    assert {table: await house.count(table) for table in FIGURES} == figures
    assert (await house.http["survey_index"].get("/v1/index/skm?survey=layanan", headers=STAFF)).json() == index
    assert await house.count("notify.notices WHERE status = 'queued'") == 0
    assert await house.count("tickets.erasures WHERE reason = 'Permohonan 44'") == len(people)
    assert await house.count("tickets.access_trail WHERE action LIKE '%:erase'") == len(people)
    for schema in SERVICES:
        assert await house.count(f"{schema}.dead_letters WHERE entry_id <> '1-1'") == 0


async def test_trail_of_an_erased_citizen_has_digests_and_takes_no_other_change(house: House) -> None:
    await house.post("intake", "/v1/contacts", house.key, json={"body": WORDS, **WHO})
    [ticket] = await house.tickets(1)
    await house.post("tickets", f"/v1/tickets/{ticket['id']}/escalate", json={"reason": f"{NAME} menelepon"})
    citizen = await house.database.fetchval("SELECT citizen_id FROM tickets.tickets")
    await house.post("tickets", f"/v1/citizens/{citizen}:erase", json={"reason": "Permohonan 44"})
    data = json.loads(await house.database.fetchval("SELECT data FROM tickets.happenings WHERE kind = 'escalated'"))
    assert (data["level"], data["reason"].keys()) == (1, {"sha256"})
    trail = (await house.http["tickets"].get(f"/v1/tickets/{ticket['id']}/audit", headers=STAFF)).json()["items"]
    assert [record["verb"] for record in trail] == ["opened", "escalated"]
    for change in ("data || '{\"level\": 3}'", "data - 'level'", "'{}'", 'data || \'{"reason": "lain"}\''):
        with pytest.raises(asyncpg.RaiseError):
            await house.database.execute(f"UPDATE tickets.happenings SET data = {change} WHERE kind = 'escalated'")


async def test_erasing_again_or_nobody(house: House) -> None:
    await house.post("intake", "/v1/contacts", house.key, json={"body": WORDS, **WHO})
    [ticket] = await house.tickets(1)
    citizen = (await house.http["tickets"].get(f"/v1/tickets/{ticket['id']}", headers=STAFF)).json()["citizen"]["id"]
    for _ in range(2):
        done = await house.post("tickets", f"/v1/citizens/{citizen}:erase", json={"reason": "Permohonan 44"})
        assert (done["citizen_id"], done["tickets"]) == (citizen, 1)
    tickets = house.http["tickets"]
    unknown = await tickets.post(f"/v1/citizens/{new_id()}:erase", headers=STAFF, json={"reason": "x"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    without = await tickets.post(f"/v1/citizens/{citizen}:erase", headers=STAFF, json={"reason": ""})
    assert without.status_code == 422


@pytest.mark.parametrize("role", ["agent", "supervisor", "officer"])
async def test_nobody_but_an_administrator_erases_or_exports(house: House, role: Any) -> None:
    path = f"/v1/citizens/{new_id()}"
    export = await house.http["tickets"].get(f"{path}:export", headers=staff_header(role))
    assert export.status_code == 403
    erase = await house.http["tickets"].post(f"{path}:erase", headers=staff_header(role), json={"reason": "x"})
    assert erase.status_code == 403


async def test_case_that_others_take_part_in_loses_the_words_of_one_alone(house: House) -> None:
    """His ticket was merged into a stranger's, and he into himself: he goes wholly, and she stays."""
    hers = {"name": "Ani", "email": "ani@surel.example", "body": "Sertifikat saya salah."}
    await house.post("intake", "/v1/contacts", house.key, json=hers)
    for email in (ADDRESS, "zqsurel@lain.example"):  # he speaks last, so the answer is his
        sent = {"name": NAME, "email": email, "body": f"{WORDS} {email}"}
        await house.post("intake", "/v1/contacts", house.key, json=sent)
    await house.tickets(3)
    ids = await house.database.fetch(
        """
        SELECT t.id, t.citizen_id FROM tickets.tickets t JOIN tickets.citizens c ON c.id = t.citizen_id
        ORDER BY c.name, t.id
        """
    )
    (ani, her), (first, he), (_, again) = ids
    await house.post("tickets", f"/v1/tickets/{first}/merge", json={"into": str(ani)})
    await house.post("tickets", f"/v1/citizens/{he}/merge", json={"into": str(again), "reason": f"{NAME} dua kali"})
    await house.post("tickets", f"/v1/tickets/{ani}/reply", json={"body": f"{NAME}, sudah kami kirim."})
    await house.post("tickets", f"/v1/citizens/{he}:erase", json={"reason": "Permohonan 44"})

    async def is_gone() -> bool:
        return not await house.found(MARKS)

    await eventually(is_gone)
    assert await house.count("tickets.entries WHERE body = 'Sertifikat saya salah.'") == 1
    assert await house.count("tickets.citizens WHERE name = 'Ani'") == 1
    assert await house.count("intake.contacts WHERE name = 'Ani' AND body <> ''") == 1
    assert await house.count("notify.notices WHERE address = 'ani@surel.example' AND body <> ''") >= 1
    await house.post("tickets", f"/v1/citizens/{her}:erase", json={"reason": "Permohonan 45"})


async def test_trail_of_an_erased_citizen_still_verifies(house: House) -> None:
    await house.post("intake", "/v1/contacts", house.key, json={"body": WORDS, **WHO})
    [ticket] = await house.tickets(1)
    await house.post("tickets", f"/v1/tickets/{ticket['id']}/escalate", json={"reason": f"{NAME} menelepon"})
    citizen = await house.database.fetchval("SELECT citizen_id FROM tickets.tickets")
    await house.post("tickets", f"/v1/citizens/{citizen}:erase", json={"reason": "Permohonan 44"})
    async with house.services["tickets"].db.transaction() as session:
        assert [verified.broken async for verified in verify_trails(session)] == [None]
