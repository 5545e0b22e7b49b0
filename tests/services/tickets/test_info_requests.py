"""A citizen is asked for what his case lacks; what he answers fills it, or stays text."""

from typing import Any

import httpx

from shared.events import TicketInfoRequested
from tests.conftest import staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, faults

AGENT = staff_header("agent")
CHAT = "01a2178c-0000-7000-8000-000000000001"
NUMBER = "3171234101990001"


async def ask(http: httpx.AsyncClient, ticket: str, **form: Any) -> httpx.Response:
    return await http.post(f"/v1/tickets/{ticket}/request-info", headers=AGENT, json=form)


async def detail(http: httpx.AsyncClient, ticket: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()
    return shown


async def test_question_asks_for_what_is_missing_once_and_the_answer_fills_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(channel="chat", chat_id=CHAT)
    assert (await detail(http, ticket))["missing"] == ["programme_number"]
    assert (await ask(http, ticket)).status_code == 200
    event = (await running.published())[-1]
    assert isinstance(event, TicketInfoRequested)
    assert (event.data.fields, str(event.data.chat_id)) == (("programme_number",), CHAT)
    assert "nomor Kartu Prakerja" in event.data.body
    assert faults(await ask(http, ticket), 409, "already_asked") == ["fields"]

    await running.receive(contact(channel="chat", chat_id=CHAT, body=f"Ini kak: {NUMBER}"))
    shown = await detail(http, ticket)
    assert (shown["missing"], shown["citizen"]["programme_number"]) == ([], "************0001")
    assert [(record["verb"], record["detail"]) for record in shown["audit"][1:]] == [
        ("info_requested", "programme_number"),
        ("joined", ""),
        ("info_received", "programme_number"),
    ]
    assert faults(await ask(http, ticket), 409, "nothing_missing") == ["fields"]
    (kept,) = await running.rows("SELECT value, sealed, blind_index FROM handles WHERE kind = 'programme_number'")
    assert kept.value is None
    assert kept.sealed
    assert kept.blind_index


async def test_answer_stays_text_where_it_has_nothing_of_it_and_a_later_line_may_still_fill_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(channel="chat", chat_id=CHAT)
    await ask(http, ticket)
    lines = [contact(channel="chat", chat_id=CHAT, body=body) for body in ("Sebentar ya", f"{NUMBER}", "Sudah")]
    await running.receive(*lines)
    shown = await detail(http, ticket)
    assert shown["missing"] == []
    assert [record["detail"] for record in shown["audit"] if record["verb"] == "info_received"] == [""]
    assert [entry["body"] for entry in shown["entries"][2:]] == ["Sebentar ya", NUMBER, "Sudah"]


async def test_machine_answers_nothing(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(channel="email", body="Intensif belum cair.")
    await ask(http, ticket)
    away = contact(channel="email", ticket_id=ticket, is_automatic=True, body=f"Saya cuti. Hubungi {NUMBER}")
    await running.receive(away)
    assert (await detail(http, ticket))["missing"] == ["programme_number"]


async def test_fields_of_a_question_may_be_chosen(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    assert (await ask(http, ticket, fields=["nik"])).status_code == 200
    assert "fields.0" in faults(await ask(http, ticket, fields=["shoe size"]))
    await http.post(f"/v1/tickets/{ticket}/resolve", headers=AGENT, json={})
    assert faults(await ask(http, ticket, fields=["email"]), 409, "ticket_resolved") == ["ticket_id"]
