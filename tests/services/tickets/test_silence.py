"""Where a policy says what comes of silence, citizens are asked by itself, reminded once, and in the end their case is
closed; and what lacks something is not ended without saying so.
"""

import asyncio
from typing import Any

import httpx
import pytest

from services.tickets.service.clocks import fire_due
from shared.events import ContactReceived, Person, TicketClosed, TicketInfoRequested
from tests.conftest import eventually, staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, faults
from tests.services.tickets.test_clocks import OFFICE, RESOLUTION, keeper, put, sla, told, with_policy
from tests.services.tickets.test_info_requests import NUMBER, detail

AGENT = staff_header("agent")
WAITING = {**RESOLUTION, "pauses": ["waiting"]}
SILENCE = {
    "kind": "complainant_silence",
    "target": 480,
    "measure": "working_minutes",
    "calendar": "always",
    "starts": "asked",
    "stops": ["citizen_wrote", "ended"],
    "warn_before": 120,
}


async def questions(running: Running) -> list[tuple[tuple[str, ...], str]]:
    """What citizens were asked for, in which words."""
    asked = [event for event in await running.published() if isinstance(event, TicketInfoRequested)]
    return [(event.data.fields, event.data.body) for event in asked]


@pytest.fixture
async def asks(running: Running, http: httpx.AsyncClient) -> None:
    """The policy of what comes by web form asks by itself."""
    await with_policy(http, WAITING, SILENCE)


# -- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("asks")
async def test_case_that_lacks_something_is_asked_about_as_it_comes_and_its_clock_waits(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    [(fields, words)] = await questions(running)
    assert fields == ("programme_number",)
    assert "nomor Kartu Prakerja" in words
    shown = await detail(http, ticket)
    assert (shown["status"], [entry["author"] for entry in shown["entries"]]) == ("waiting", ["citizen", "agent"])
    assert [(record["verb"], record["actor"]) for record in shown["audit"]][-1] == ("info_requested", "policy")
    clocks = await sla(http, ticket)
    assert (clocks["resolution"]["state"], clocks["complainant_silence"]["state"]) == ("paused", "pending")

    await running.receive(contact(channel="form", ticket_id=ticket, body=f"Ini: {NUMBER}"))
    shown = await detail(http, ticket)
    assert (shown["status"], shown["missing"]) == ("open", [])
    clocks = await sla(http, ticket)
    assert (clocks["resolution"]["state"], clocks["complainant_silence"]["state"]) == ("pending", "met")


async def test_policy_that_says_nothing_of_silence_asks_nobody(running: Running) -> None:
    await running.bring()
    assert await questions(running) == []


@pytest.mark.usefixtures("asks")
@pytest.mark.parametrize(
    "changes",
    [
        {"is_automatic": True},
        {"citizen": Person(name="Sari")},
        {"outcome": "settled", "settled_at": "2026-03-13T02:00:00Z"},
        {"body": "Selamat pagi."},
    ],
    ids=["a machine", "whom nothing reaches", "what was settled", "what is of no topic"],
)
async def test_nobody_is_asked_where_an_answer_cannot_come_or_is_not_needed(
    running: Running, changes: dict[str, Any]
) -> None:
    await running.receive(contact(channel="form", **changes))
    assert await questions(running) == []


@pytest.mark.usefixtures("asks")
async def test_each_set_is_asked_for_once_and_what_an_answer_left_out_is_another(running: Running) -> None:
    who = Person(name="Sari", email="sari@surel.example")
    first = contact(channel="form", citizen=who, body="Insentif belum cair.")
    await running.receive(first)
    [ticket] = await running.rows("SELECT id FROM tickets")
    for body in ("Sebentar.", "Telepon saya 0812-5550-1234.", "Sudah saya kirim."):
        await running.receive(contact(channel="form", ticket_id=ticket.id, citizen=Person(), body=body))
    assert [fields for fields, _ in await questions(running)] == [("phone", "programme_number"), ("programme_number",)]


@pytest.mark.usefixtures("asks")
async def test_case_is_asked_about_when_it_becomes_known_what_it_is_about(running: Running) -> None:
    ticket = await running.bring(body="Selamat pagi.")
    assert await questions(running) == []
    await running.receive(contact(channel="form", ticket_id=ticket, is_automatic=True, body="Insentif belum cair."))
    assert await questions(running) == [], "a machine said so"
    await running.receive(contact(channel="form", ticket_id=ticket, body="Insentif saya belum cair."))
    assert [fields for fields, _ in await questions(running)] == [("programme_number",)]


@pytest.mark.usefixtures("asks")
async def test_once_an_agent_has_answered_it_is_for_him_to_ask(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(body="Selamat pagi.")
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Pagi. Ada yang bisa dibantu?"})
    await running.receive(contact(channel="form", ticket_id=ticket, body="Insentif saya belum cair."))
    assert await questions(running) == []
    shown = await detail(http, ticket)
    assert (shown["status"], shown["missing"]) == ("open", ["programme_number"])


@pytest.mark.usefixtures("asks")
async def test_nobody_is_asked_for_what_another_contact_of_his_says_in_the_same_batch(running: Running) -> None:
    who = Person(name="Sari", email="sari@surel.example", phone="+6281255501234")
    number = {"programme_number_sealed": "x", "programme_number_last4": "0001", "programme_number_index": "i"}
    await running.receive(
        contact(citizen=who), contact(citizen=who, body="Gaji saya di bawah UMR, THR tidak dibayar.", **number)
    )
    assert len(await running.rows("SELECT id FROM tickets")) == 2
    assert await questions(running) == []


# -- silence --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("asks")
async def test_who_does_not_answer_is_reminded_once_and_then_told_that_his_case_is_closed(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    running.clock.forward(hours=5, minutes=59)
    assert await keeper(running).sweep() == 0
    running.clock.forward(minutes=1)
    for _ in range(2):
        await keeper(running).sweep()
    fields, words = (await questions(running))[-1]
    assert len(await questions(running)) == 2
    assert fields == ("programme_number",)
    assert "Kami masih menunggu dari Anda" in words
    assert "Tanpa jawaban sampai 13 Maret 2026" in words

    running.clock.forward(hours=2, seconds=1)
    for _ in range(2):
        await keeper(running).sweep()
    [closed] = [event for event in await running.published() if isinstance(event, TicketClosed)]
    assert "belum menerima jawaban Anda" in closed.data.reason
    assert (await detail(http, ticket))["status"] == "closed"
    assert await told(running) == [], "nothing of ours is late"

    await running.receive(contact(channel="form", ticket_id=ticket, body=f"Maaf, baru sempat: {NUMBER}"))
    assert (await detail(http, ticket))["status"] == "open"


@pytest.mark.usefixtures("asks")
async def test_who_answers_is_neither_reminded_nor_closed(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    await running.receive(contact(channel="form", ticket_id=ticket, body=f"Ini: {NUMBER}"))
    running.clock.forward(hours=9)
    await keeper(running).sweep()
    assert len(await questions(running)) == 1
    assert (await detail(http, ticket))["status"] == "open"


@pytest.mark.usefixtures("asks")
async def test_answer_that_comes_as_the_case_is_closed_is_never_left_in_a_closed_one(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(6)]
    running.clock.forward(hours=8, seconds=1)
    answers = [contact(channel="form", ticket_id=ticket, body=f"Ini: {NUMBER}") for ticket in tickets]
    await asyncio.gather(*(work for answer in answers for work in (running.receive(answer), keeper(running).sweep())))
    for ticket in tickets:
        shown = await detail(http, ticket)
        assert (shown["status"], shown["entries"][-1]["author"]) == ("open", "citizen")


@pytest.mark.usefixtures("asks")
async def test_who_answers_in_another_of_his_cases_is_not_reminded_and_this_one_goes_on(
    running: Running, http: httpx.AsyncClient
) -> None:
    who = Person(name="Sari", email="sari@surel.example", phone="+6281255501234")
    bodies = ("Insentif belum cair.", "Nama di sertifikat saya salah ketik.")
    one, two = [await running.bring(citizen=who, body=body) for body in bodies]
    assert len(await questions(running)) == 2
    running.clock.forward(hours=1)
    said = contact(channel="form", ticket_id=one, body=f"Ini: {NUMBER}", received_at=running.clock())
    await running.receive(said)
    running.clock.forward(hours=5)
    await keeper(running).sweep()
    assert len(await questions(running)) == 2
    shown = await detail(http, two)
    assert (shown["status"], shown["missing"]) == ("open", [])
    assert [(record["verb"], record["actor"]) for record in shown["audit"]][-1] == ("info_received", "clock")
    assert await running.rows("SELECT 1 FROM info_requests WHERE answered_at IS NULL") == []
    clocks = await sla(http, two)
    assert [clocks[kind]["state"] for kind in ("resolution", "complainant_silence")] == ["pending", "met"]
    assert all(clock["agrees"] for clock in clocks.values())
    running.clock.forward(hours=9)
    await keeper(running).sweep()
    assert (await detail(http, two))["status"] == "open"


@pytest.mark.usefixtures("asks")
async def test_who_is_asked_something_else_has_the_whole_time_for_it(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    running.clock.forward(hours=7)
    await keeper(running).sweep()
    asked = await http.post(f"/v1/tickets/{ticket}/request-info", headers=AGENT, json={"fields": ["nik"]})
    assert asked.status_code == 200, asked.text
    clocks = await sla(http, ticket)
    assert (clocks["complainant_silence"]["due_at"], clocks["complainant_silence"]["agrees"]) == (
        "2026-03-14T00:00:00+07:00",
        True,
    )
    running.clock.forward(hours=6)
    await keeper(running).sweep()
    assert [fields for fields, _ in await questions(running)] == [
        ("programme_number",),
        ("programme_number",),
        ("nik",),
        ("programme_number", "nik"),
    ]
    records = [(record["verb"], record["detail"]) for record in (await detail(http, ticket))["audit"]]
    assert records[-1] == ("info_requested", "reminder: programme_number, nik")
    running.clock.forward(hours=2, seconds=1)
    await keeper(running).sweep()
    assert (await detail(http, ticket))["status"] == "closed"


@pytest.mark.usefixtures("asks")
async def test_keeper_that_was_away_closes_and_does_not_remind_in_the_same_moment(running: Running) -> None:
    await running.bring()
    running.clock.forward(days=3)
    await keeper(running).sweep()
    assert len(await questions(running)) == 1
    assert [kind for kind in await running.kinds_published() if kind == "ticket.closed"] == ["ticket.closed"]


@pytest.mark.usefixtures("asks")
async def test_keeper_passes_by_a_case_whose_answer_is_being_written(running: Running) -> None:
    """The answer came first: nothing is closed, also once it is there."""
    ticket = await running.bring()
    running.clock.forward(hours=8, seconds=1)
    answer = contact(channel="form", ticket_id=ticket, body=f"Ini: {NUMBER}")
    async with running.service.db.transaction() as session:
        await running.handlers[ContactReceived](session, [answer], running.clock())
        assert await keeper(running).sweep() == 0
    assert await keeper(running).sweep() == 0
    assert "ticket.closed" not in await running.kinds_published()


@pytest.mark.usefixtures("asks")
async def test_answer_that_waits_while_the_case_is_closed_opens_it_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    """The closing came first. Nothing of the answer is lost: it fills what was asked for."""
    ticket = await running.bring()
    running.clock.forward(hours=8, seconds=1)
    answer = contact(channel="form", ticket_id=ticket, body=f"Ini: {NUMBER}")

    async def waits() -> bool:
        return bool(await running.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))

    async with running.service.db.transaction() as session:
        assert await fire_due(session, running.clock(), 10)
        coming = asyncio.create_task(running.receive(answer))
        await eventually(waits)
        assert not coming.done()
    await coming
    shown = await detail(http, ticket)
    assert (shown["status"], shown["missing"]) == ("open", [])
    assert [record["verb"] for record in shown["audit"]][-3:] == ["closed", "reopened", "info_received"]
    assert (await sla(http, ticket))["complainant_silence"]["agrees"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": "filed"}, "starts"),
        ({"stops": ["ended"]}, "stops"),
        ({"chain": [{"after": -60}]}, "chain"),
    ],
)
async def test_clock_of_the_citizen_runs_until_he_writes_and_leads_nowhere(
    http: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    await put(http, "/v1/calendars/office", OFFICE)
    policy = {"zone": "Asia/Jakarta", "clocks": [WAITING, {**SILENCE, **changes}]}
    assert faults(await http.put("/v1/policies/office", headers=staff_header("supervisor"), json=policy)) == [
        f"clocks.1.{field}"
    ]


# -- the gate -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("asks")
@pytest.mark.parametrize(("verb", "form"), [("resolve", {}), ("forward", {"to": "Dinas Tenaga Kerja"})])
async def test_what_lacks_something_is_not_ended_unless_it_is_said_why(
    running: Running, http: httpx.AsyncClient, verb: str, form: dict[str, str]
) -> None:
    ticket = f"/v1/tickets/{await running.bring()}"
    for harmless, said in (("claim", {}), ("note", {"body": "Saya telepon."}), ("reply", {"body": "Kami periksa."})):
        assert (await http.post(f"{ticket}/{harmless}", headers=AGENT, json=said)).status_code == 200
    before = (await http.get(ticket, headers=AGENT)).json()
    assert faults(await http.post(f"{ticket}/{verb}", headers=AGENT, json=form), 409, "incomplete") == [
        "programme_number"
    ]
    assert (await http.get(ticket, headers=AGENT)).json() == before
    done = await http.post(
        f"{ticket}/{verb}",
        headers={**AGENT, "If-Match": f'"{before["version"]}"'},
        json={**form, "despite": "Sudah diperiksa di bank."},
    )
    assert done.status_code == 200, done.text
    shown = (await http.get(ticket, headers=AGENT)).json()
    assert shown["status"] in {"resolved", "forwarded"}
    assert shown["entries"][-1]["is_internal"]
    assert shown["entries"][-1]["body"].endswith("Sudah diperiksa di bank.")


@pytest.mark.usefixtures("asks")
async def test_refusal_of_how_a_case_stands_comes_before_what_it_lacks(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = f"/v1/tickets/{await running.bring()}"
    await http.post(f"{ticket}/resolve", headers=AGENT, json={"despite": "Sudah cair."})
    assert faults(await http.post(f"{ticket}/resolve", headers=AGENT, json={}), 409, "ticket_resolved") == ["ticket_id"]


@pytest.mark.usefixtures("asks")
async def test_bulk_tells_of_each_case_what_it_lacks(running: Running, http: httpx.AsyncClient) -> None:
    lacking, complete = await running.bring(), await running.bring(body="Gaji saya di bawah UMR.")
    told = {"verb": "resolve", "ids": [lacking, complete]}
    answer = await http.post("/v1/tickets:bulk", headers=AGENT, json={**told, "bulk_id": "1"})
    results = {result["id"]: result for result in answer.json()["results"]}
    assert (results[lacking]["code"], results[complete]["code"]) == ("incomplete", None)
    assert [error["field"] for error in results[lacking]["errors"]] == ["programme_number"]
    again = {**told, "ids": [lacking], "bulk_id": "2", "arguments": {"despite": "Sudah cair."}}
    answer = await http.post("/v1/tickets:bulk", headers=AGENT, json=again)
    assert [result["code"] for result in answer.json()["results"]] == [None]
    assert (await detail(http, lacking))["entries"][-1]["is_internal"]


async def test_case_whose_citizen_nobody_asks_may_be_resolved_as_it_is(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    assert (await detail(http, ticket))["missing"] == ["programme_number"]
    assert (await http.post(f"/v1/tickets/{ticket}/resolve", headers=AGENT, json={})).status_code == 200
