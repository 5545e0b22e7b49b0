"""One ticket as tickets sees it: who it is, what was said, who did what, and what is still missing."""

import httpx

from shared.events import Person
from shared.ids import new_id
from tests.conftest import staff_header
from tests.factories import CITIZEN, contact, somebody
from tests.services.tickets.conftest import Running, refusal

AGENT = staff_header("agent")


async def test_it_shows_the_case_the_conversation_and_the_audit_trail(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(body="Insentif belum cair.")
    running.clock.forward(hours=1)
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Kami periksa."})
    running.clock.forward(hours=1)
    await http.post(f"/v1/tickets/{ticket}/escalate", headers=AGENT, json={"reason": "perlu data bank"})
    answer = await http.get(f"/v1/tickets/{ticket}", headers=AGENT)
    detail = answer.json()
    assert (detail["status"], detail["version"], answer.headers["etag"]) == ("escalated", 3, '"3"')
    assert detail["first_replied_at"] == "2026-03-13T10:00:00+07:00"
    assert [(entry["author"], entry["body"]) for entry in detail["entries"]] == [
        ("citizen", "Insentif belum cair."),
        ("agent", "Kami periksa."),
    ]
    assert [(record["version"], record["actor"], record["verb"], record["detail"]) for record in detail["audit"]] == [
        (1, "door", "opened", "form, because of: insentif belum cair (95%)"),
        (2, "staff:test", "replied", ""),
        (3, "staff:test", "escalated", "level 1: perlu data bank"),
    ]


async def test_it_says_who_it_is_with_his_numbers_masked(running: Running, http: httpx.AsyncClient) -> None:
    sealed = {"programme_number_sealed": "what only the seal opens", "programme_number_last4": "4321"}
    ticket = await running.bring(citizen=CITIZEN, **sealed, nik_sealed="what only the seal opens", nik_last4="8765")
    answer = await http.get(f"/v1/tickets/{ticket}", headers=AGENT)
    [whose] = await running.rows("SELECT citizen_id FROM tickets")
    assert answer.json()["citizen"] == {
        "id": str(whose.citizen_id),
        "name": CITIZEN.name,
        "email": CITIZEN.email,
        "phone": CITIZEN.phone,
        "nik": "************8765",
        "programme_number": "************4321",
    }
    assert "seal" not in answer.text


async def test_it_says_what_a_complete_complaint_about_its_topic_still_lacks(
    running: Running, http: httpx.AsyncClient
) -> None:
    brought: list[tuple[str, Person, str | None, list[str]]] = [
        ("Insentif belum cair", somebody(), "4321", []),
        ("Insentif belum cair", somebody(), None, ["programme_number"]),
        ("Insentif belum cair", Person(), None, ["name", "email", "phone", "programme_number"]),
        ("Rekening mati", Person(phone=somebody().phone), "4321", ["name", "email"]),
        ("Pesangon belum dibayar", Person(), None, []),
        ("Mau bertanya", Person(), None, []),
    ]
    for body, citizen, last4, missing in brought:
        sealed = last4 and "what only the seal opens"
        ticket = await running.bring(
            body=body, citizen=citizen, programme_number_sealed=sealed, programme_number_last4=last4
        )
        detail = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()
        assert detail["missing"] == missing, body
        assert (detail["citizen"]["programme_number"] is None) is (last4 is None)


async def test_joined_line_is_part_of_the_conversation(running: Running, http: httpx.AsyncClient) -> None:
    chat_id = new_id()
    ticket = await running.bring(contact_id=chat_id, chat_id=chat_id, channel="chat", body="Insentif")
    line = contact(chat_id=chat_id, channel="chat", body="Sudah tiga minggu.")
    await running.receive(line)
    detail = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()
    assert [(entry["contact_id"], entry["body"]) for entry in detail["entries"]] == [
        (str(chat_id), "Insentif"),
        (str(line.data.contact_id), "Sudah tiga minggu."),
    ]
    assert [record["verb"] for record in detail["audit"]] == ["opened", "joined"]


async def test_ticket_that_is_not_there_is_not_found(running: Running, http: httpx.AsyncClient) -> None:
    refusal(await http.get(f"/v1/tickets/{new_id()}", headers=AGENT), 404, "not_found")


async def test_id_that_is_none_is_invalid(running: Running, http: httpx.AsyncClient) -> None:
    problem = refusal(await http.get("/v1/tickets/42", headers=AGENT), 422, "invalid")
    assert problem["errors"] == [{"field": "ticket_id", "message": "is not an id of ours", "expected": "a UUID"}]


async def test_stranger_learns_nothing_not_even_that_it_is_there(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    for path in (ticket, new_id()):
        refusal(await http.get(f"/v1/tickets/{path}"), 401, "unauthenticated")
