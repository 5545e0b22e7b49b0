"""Whoever brings the same case by several channels has one ticket; what is doubtful is for a person to say."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.service import arrivals
from services.tickets.service.batch import Batch
from services.tickets.service.steps.hold import hold
from shared.events import ContactReceived, Person, TicketJoined
from shared.ids import new_id
from tests.conftest import staff_header
from tests.factories import NOW, contact
from tests.services.tickets.conftest import Running

BUDI = Person(name="Budi Santoso", email="budi@surel.example", phone="+6281234567890")
CASE = "Insentif gelombang 12 belum cair ke rekening BNI saya padahal pelatihan sudah selesai"
AGAIN = "Min, intensif gelombang 12 blm cair ke rekening BNI padahal pelatihan sdh selesai"
MORE = "Melanjutkan: insentif gelombang 12 saya belum cair ke rekening BNI, pelatihan selesai bulan lalu"
ANOTHER = "Sertifikat webinar kewirausahaan tidak muncul di dasbor setelah kuis terakhir"


async def tickets(running: Running) -> list[Any]:
    return await running.rows("SELECT * FROM tickets ORDER BY id")


async def suggestions(running: Running, kind: str) -> list[Any]:
    return await running.rows("SELECT * FROM suggestions WHERE kind = :kind ORDER BY id", kind=kind)


def chat(body: str, citizen: Person = BUDI) -> ContactReceived:
    chat_id = new_id()
    return contact(contact_id=chat_id, chat_id=chat_id, channel="chat", citizen=citizen, body=body)


def by_three_channels() -> Sequence[ContactReceived]:
    """One case by chat, by mail and by telephone; each knows another handle of its citizen."""
    return (
        chat(CASE, Person(name="Budi", email="Budi@surel.example", phone=BUDI.phone)),
        contact(channel="email", chat_id=new_id(), body=AGAIN, citizen=Person(name="Budi Santoso", email=BUDI.email)),
        contact(channel="call", chat_id=new_id(), body=MORE, citizen=Person(phone="+6281234567890")),
    )


async def test_case_by_chat_mail_and_phone_is_one_ticket_with_the_earliest_clock(
    running: Running, http: httpx.AsyncClient
) -> None:
    contacts = by_three_channels()
    for place, brought in enumerate(contacts):
        running.clock.forward(days=place)
        later = brought.data.model_copy(update={"received_at": NOW + timedelta(days=place)})
        await running.receive(brought.model_copy(update={"data": later}))
    (ticket,) = await tickets(running)
    assert (ticket.contact_id, ticket.version) == (contacts[0].data.contact_id, 3)
    assert [row.started_at for row in await running.rows("SELECT * FROM clocks")] == [NOW]
    assert len(await running.rows("SELECT * FROM citizens")) == 1
    for brought in contacts:
        tracked = (await http.get(f"/v1/track/{brought.data.tracking_code}")).json()
        assert (tracked["tracking_code"], tracked["opened_at"]) == (
            brought.data.tracking_code,
            ticket.opened_at.astimezone(ZoneInfo("Asia/Jakarta")).isoformat(),
        )
    joined = [event.data for event in await running.published() if isinstance(event, TicketJoined)]
    assert [(data.score is not None, "likeness" in data.because[0]) for data in joined] == [(True, True)] * 2


async def test_case_by_three_channels_in_one_batch_is_one_ticket(running: Running) -> None:
    await running.receive(*by_three_channels())
    assert len(await tickets(running)) == 1
    assert len(await running.rows("SELECT * FROM entries")) == 3


async def test_lines_of_a_chat_follow_it_into_the_ticket_that_it_joined(running: Running) -> None:
    """Also within the batch, and when another chat joins later; an answer goes where he was heard last."""
    first, second = chat(CASE), chat(AGAIN)
    said = [
        contact(chat_id=each.data.chat_id, channel="chat", citizen=Person(), body="Halo? Ada orang?")
        for each in (second, first, second)
    ]
    await running.receive(first)
    await running.receive(second, said[0])
    (ticket,) = await tickets(running)
    assert ticket.chat_id == second.data.chat_id
    await running.receive(said[1])
    await running.receive(said[2])
    assert [row.version for row in await tickets(running)] == [5]


async def test_two_batches_at_once_of_one_person_are_one_ticket(running: Running) -> None:
    await asyncio.gather(*(running.receive(contact(citizen=BUDI, body=CASE)) for _ in range(6)))
    assert [row.version for row in await tickets(running)] == [6]
    assert len(await running.rows("SELECT * FROM citizens")) == 1


async def test_two_batches_at_once_that_know_him_by_other_handles_are_one_ticket(running: Running) -> None:
    """No handle is common to both: he is held himself."""
    await running.receive(contact(citizen=BUDI, body=ANOTHER))
    await asyncio.gather(
        running.receive(contact(citizen=Person(email=BUDI.email), body=CASE)),
        running.receive(contact(citizen=Person(phone=BUDI.phone), body=CASE)),
    )
    assert sorted(row.version for row in await tickets(running)) == [1, 2]


async def test_burst_of_ten_messages_is_one_ticket(running: Running) -> None:
    words = (CASE, "Halo", "Tolong ya", "", "Mohon dibantu", "Ini fotonya", "", "Terima kasih", "pak?", AGAIN)
    burst = [contact(channel="sms", citizen=Person(phone=BUDI.phone), body=body) for body in words]
    await running.receive(*burst[:4])
    await running.receive(*burst[4:])
    assert [row.version for row in await tickets(running)] == [10]


async def test_changed_subject_does_not_hide_in_an_old_ticket(running: Running) -> None:
    await running.receive(contact(citizen=BUDI, body=CASE))
    await running.receive(contact(citizen=BUDI, body=ANOTHER))
    assert len(await tickets(running)) == 2
    assert len({row.citizen_id for row in await tickets(running)}) == 1
    assert await suggestions(running, "tickets") == []


async def test_doubtful_case_is_a_ticket_of_its_own_that_is_suggested_once(running: Running) -> None:
    await running.receive(contact(citizen=BUDI, body=CASE))
    await running.change("UPDATE tickets SET status = 'resolved', resolved_at = :now", now=NOW)
    await running.receive(contact(citizen=BUDI, body=AGAIN))
    old, new = await tickets(running)
    [suggestion] = await suggestions(running, "tickets")
    assert ({suggestion.one, suggestion.other}, suggestion.state) == ({old.id, new.id}, "open")
    assert "likeness of the texts" in suggestion.because


async def test_what_a_booth_settled_joins_nothing(running: Running) -> None:
    await running.receive(contact(citizen=BUDI, body=CASE))
    await running.receive(contact(citizen=BUDI, body=CASE, channel="booth", outcome="settled"))
    assert [row.status for row in await tickets(running)] == ["open", "resolved"]


async def test_family_address_is_two_citizens_and_a_suggestion(running: Running) -> None:
    """D5. Nothing that is known of one is lost to the other."""
    address = "keluarga@surel.example"
    await running.receive(contact(citizen=Person(name="Budi Santoso", email=address), body=CASE, nik_index="1"))
    await running.receive(contact(citizen=Person(name="Siti Aminah", email=address), body=CASE))
    await running.receive(contact(citizen=Person(name="Siti Aminah", email=address), body=AGAIN))
    assert [row.name for row in await running.rows("SELECT name FROM citizens ORDER BY id")] == [
        "Budi Santoso",
        "Siti Aminah",
    ]
    assert [row.version for row in await tickets(running)] == [1, 2]
    [suggestion] = await suggestions(running, "citizens")
    assert suggestion.because == "same email, different name"


async def test_writings_of_a_number_meet_whatever_release_wrote_it(running: Running) -> None:
    """D6. A landline is nobody's alone."""
    for phone in ("081234567890", "6281234567890"):
        await running.receive(contact(citizen=Person(phone=BUDI.phone), body=CASE))
        await running.change("UPDATE handles SET value = :phone", phone=phone)
        await running.receive(contact(citizen=Person(phone=BUDI.phone), body=CASE))
    assert len(await tickets(running)) == 1
    for _ in range(2):
        await running.receive(contact(citizen=Person(phone="+62215550123"), body=CASE))
    assert len(await tickets(running)) == 3


async def test_messenger_knows_who_writes_by_an_id_of_its_own(running: Running) -> None:
    def line(body: str, sender: str) -> ContactReceived:
        return contact(channel="line", chat_id=new_id(), sender=sender, citizen=Person(), body=body)

    await running.receive(line(CASE, "U1"))
    await running.receive(line(CASE, "U2"), line(AGAIN, "U1"))
    assert sorted(row.version for row in await tickets(running)) == [1, 2]


async def test_citizens_that_the_release_before_made_anew_each_time_are_lived_with(running: Running) -> None:
    """It makes a citizen of each contact: the oldest is who it is, their cases are his, a person is asked to merge."""
    await running.receive(contact(citizen=BUDI, body=ANOTHER))
    await running.change("UPDATE handles SET kind = 'hidden_' || kind")
    await running.receive(contact(citizen=BUDI, body=CASE))
    await running.change("UPDATE handles SET kind = substr(kind, 8) WHERE kind LIKE 'hidden_%'")
    await running.receive(contact(citizen=BUDI, body=AGAIN))
    assert [row.version for row in await tickets(running)] == [1, 2]
    assert len(await suggestions(running, "citizens")) == 1


async def test_contact_whose_case_is_merged_before_it_is_held_goes_on_with_the_root(
    running: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another connection somebody merges the case that a contact was just found to belong to."""
    await running.receive(chat(CASE))
    (case,) = await tickets(running)
    root = await running.bring(body="Gaji saya di bawah UMR.")
    at = f"/v1/tickets/{case.id}/merge"
    merged = []

    async def hold_after_a_merge(session: AsyncSession, batch: Batch) -> None:
        merged.append(await http.post(at, headers=staff_header("agent"), json={"into": root}))
        await hold(session, batch)

    monkeypatch.setattr(arrivals, "hold", hold_after_a_merge)
    again = contact(channel="email", chat_id=new_id(), body=AGAIN, citizen=Person(email=BUDI.email))
    await running.receive(again)
    assert [answer.status_code for answer in merged] == [200]
    said = await running.rows("SELECT ticket_id, said_to FROM entries WHERE contact_id = :id", id=again.data.contact_id)
    assert [(str(row.ticket_id), row.said_to) for row in said] == [(root, case.id)]
    assert len(await tickets(running)) == 2
    found = (await http.get(f"/v1/track/{again.data.tracking_code}")).json()
    assert found["tracking_code"] == again.data.tracking_code
