"""Contacts become tickets: each contact is one entry of one ticket, and what a chat says stays together."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.clocks import Clock
from services.tickets.repository import citizens, clocks
from shared.events import (
    ContactReceived,
    JoinedData,
    OpenedData,
    Person,
    TicketEscalated,
    TicketJoined,
    TicketOpened,
    TicketReopened,
    TicketResolved,
)
from shared.ids import new_id, new_tracking_code
from tests.factories import CITIZEN, NOW, contact, notice_failed, notice_settled
from tests.services.tickets.conftest import Running

NOBODY = Person()


def chat_of(lines: int, **changes: Any) -> list[ContactReceived]:
    """The first contact of a chat, with who it is, and its further lines, which say nothing but themselves."""
    chat_id, code = new_id(), new_tracking_code()
    first = contact(**{"contact_id": chat_id, "chat_id": chat_id, "tracking_code": code, "channel": "chat", **changes})
    more = [
        contact(chat_id=chat_id, tracking_code=code, channel="chat", citizen=NOBODY, body=f"Insentif, baris {line}.")
        for line in range(2, lines + 1)
    ]
    return [first, *more]


async def tickets(running: Running) -> list[Any]:
    return await running.rows("SELECT * FROM tickets ORDER BY id")


async def entries(running: Running) -> list[Any]:
    return await running.rows("SELECT * FROM entries ORDER BY id")


async def citizen_of(running: Running, ticket: Any) -> Citizen:
    async with running.service.db.transaction() as session:
        return (await citizens.load(session, [ticket]))[ticket.citizen_id]


async def clock_of(running: Running, ticket: Any) -> Clock:
    async with running.service.db.transaction() as session:
        (clock,) = (await clocks.load(session, [ticket]))[ticket.id]
        return clock


async def test_case_of_whoever_says_nothing_of_himself_has_a_citizen_of_its_own(running: Running) -> None:
    await running.receive(contact(citizen=NOBODY), contact(citizen=NOBODY), *chat_of(3, citizen=NOBODY))
    assert len({ticket.citizen_id for ticket in await tickets(running)}) == 3
    assert [row.count for row in await running.rows("SELECT count(*) FROM citizens")] == [3]


async def test_seven_days_count_from_when_it_was_said_and_not_from_when_it_was_read(running: Running) -> None:
    await running.receive(contact(received_at=NOW - timedelta(days=2)))
    (ticket,) = await tickets(running)
    assert ticket.opened_at == NOW - timedelta(days=2)
    assert (await clock_of(running, ticket)).due_at == datetime(2026, 3, 18, 16, 59, 59, tzinfo=UTC)


async def test_contact_becomes_a_case_with_an_owner_and_a_clock(running: Running) -> None:
    brought = contact(
        citizen=CITIZEN,
        body="Intensif saya belum cair",
        programme_number_sealed="sealed",
        programme_number_last4="1234",
        programme_number_index="index",
    )
    await running.receive(brought)
    (ticket,) = await tickets(running)
    assert (ticket.contact_id, ticket.tracking_code) == (brought.data.contact_id, brought.data.tracking_code)
    assert (ticket.status, ticket.topic, ticket.unit) == ("open", "insentif", "prakerja-pencairan")
    assert (ticket.opened_at, ticket.zone) == (NOW, "Asia/Jakarta")
    clock = await clock_of(running, ticket)
    assert (clock.started_at, clock.due_at) == (NOW, datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC))
    assert (clock.policy.name, clock.policy.version, clock.stopped_at) == ("ptsa", 1, None)
    citizen = await citizen_of(running, ticket)
    assert (citizen.person, citizen.created_at) == (CITIZEN, NOW)
    assert [(h.kind, h.value, h.sealed, h.last4, h.blind_index) for h in citizen.handles] == [
        ("email", CITIZEN.email, None, None, None),
        ("phone", CITIZEN.phone, None, None, None),
        ("programme_number", None, "sealed", "1234", "index"),
    ]
    (entry,) = await entries(running)
    assert (entry.ticket_id, entry.author, entry.body) == (ticket.id, "citizen", "Intensif saya belum cair")


async def test_clock_begins_when_the_door_received_it_and_not_when_the_desk_heard_of_it(running: Running) -> None:
    running.clock.forward(days=3)
    await running.receive(contact(received_at=NOW))
    assert [ticket.opened_at for ticket in await tickets(running)] == [NOW]


async def test_what_no_topic_claims_goes_to_the_contact_centre(running: Running) -> None:
    await running.receive(contact(body="Selamat pagi, saya mau bertanya."))
    assert [(ticket.topic, ticket.unit) for ticket in await tickets(running)] == [(None, "contact-centre")]


async def test_subject_may_say_what_it_is_about(running: Running) -> None:
    await running.receive(contact(subject="Pesangon", body="Mohon bantuannya."))
    assert [ticket.topic for ticket in await tickets(running)] == ["phk"]


async def test_batch_of_forms_is_as_many_tickets_with_one_entry_each(running: Running) -> None:
    batch = [contact(body=f"Insentif {number}") for number in range(7)]
    await running.receive(*batch)
    wanted = {event.data.contact_id: event.data.body for event in batch}
    by_ticket = {entry.ticket_id: entry for entry in await entries(running)}
    assert {ticket.contact_id for ticket in await tickets(running)} == wanted.keys()
    assert {ticket.contact_id: by_ticket[ticket.id].body for ticket in await tickets(running)} == wanted
    assert await running.kinds_published() == ["ticket.opened"] * 7


async def test_empty_batch_is_nothing(running: Running) -> None:
    await running.receive()
    assert (await tickets(running), await running.published()) == ([], [])


# -- chats ------------------------------------------------------------------------------------------------------


async def test_lines_of_a_chat_join_its_ticket_within_one_batch(running: Running) -> None:
    chat = chat_of(3)
    await running.receive(*chat)
    (ticket,) = await tickets(running)
    assert (ticket.chat_id, ticket.version) == (chat[0].data.chat_id, 3)
    assert [entry.contact_id for entry in await entries(running)] == [event.data.contact_id for event in chat]


async def test_lines_of_a_chat_join_its_ticket_in_a_later_batch(running: Running) -> None:
    first, second, third = chat_of(3)
    await running.receive(first)
    await running.receive(second)
    await running.receive(third)
    (ticket,) = await tickets(running)
    assert (ticket.contact_id, ticket.version) == (first.data.contact_id, 3)
    assert {entry.ticket_id for entry in await entries(running)} == {ticket.id}


@pytest.mark.parametrize("batches", [1, 2], ids=["in one batch", "in two batches"])
async def test_line_that_comes_before_the_first_opens_the_ticket_that_the_first_joins(
    running: Running, batches: int
) -> None:
    first, second = chat_of(2)
    if batches == 1:
        await running.receive(second, first)
    else:
        await running.receive(second)
        await running.receive(first)
    (ticket,) = await tickets(running)
    assert (ticket.tracking_code, ticket.version) == (first.data.tracking_code, 2)
    assert {entry.contact_id for entry in await entries(running)} == {first.data.contact_id, second.data.contact_id}
    assert await running.kinds_published() == ["ticket.opened", "ticket.joined"]


async def test_who_it_is_is_kept_though_a_further_line_came_first(running: Running) -> None:
    first, second = chat_of(2, citizen=CITIZEN)
    await running.receive(second)
    await running.receive(first)
    (ticket,) = await tickets(running)
    assert (await citizen_of(running, ticket)).person == CITIZEN
    assert (await running.published())[-1].data.citizen == CITIZEN


async def test_two_chats_in_one_batch_are_not_mixed(running: Running) -> None:
    here, there = chat_of(2, body="Pesangon saya?"), chat_of(2, body="THR saya?")
    await running.receive(here[0], there[0], there[1], here[1])
    ticket_of = {ticket.contact_id: ticket.id for ticket in await tickets(running)}
    entry_of = {entry.contact_id: entry.ticket_id for entry in await entries(running)}
    for chat in (here, there):
        assert {entry_of[event.data.contact_id] for event in chat} == {ticket_of[chat[0].data.contact_id]}


async def test_two_batches_at_once_make_one_ticket_of_one_chat(running: Running) -> None:
    chats = [chat_of(4) for _ in range(6)]
    ways = ([chat[place] for chat in chats[:: (-1) ** place]] for place in range(4))
    await asyncio.gather(*(running.receive(*batch) for batch in ways))
    assert [ticket.version for ticket in await tickets(running)] == [4] * 6
    assert len(await entries(running)) == 24


async def test_later_line_may_say_what_it_is_about(running: Running) -> None:
    first, second = chat_of(2, body="Halo")
    await running.receive(first)
    await running.receive(second.model_copy(update={"data": second.data.model_copy(update={"body": "Rekening mati"})}))
    assert [(ticket.topic, ticket.unit) for ticket in await tickets(running)] == [("rekening", "pencairan-bank")]


async def test_line_in_a_resolved_chat_opens_it_again(running: Running) -> None:
    first, second = chat_of(2)
    await running.receive(first)
    await running.change("UPDATE tickets SET status = 'resolved', resolved_at = now(), version = 2")
    await running.receive(second)
    (ticket,) = await tickets(running)
    assert (ticket.status, ticket.resolved_at, ticket.version) == ("open", None, 3)
    reopened = (await running.published())[-1]
    assert isinstance(reopened, TicketReopened)
    assert (reopened.sequence, reopened.data.contact_id) == (3, second.data.contact_id)
    verbs = await running.rows("SELECT verb FROM audit ORDER BY id")
    assert [row.verb for row in verbs] == ["opened", "reopened"]


@pytest.mark.parametrize("seed", range(3))
async def test_however_contacts_are_batched_each_is_one_entry_and_each_chat_one_ticket(
    running: Running, seed: int
) -> None:
    chance = random.Random(seed)
    chats = [chat_of(chance.randint(1, 6)) for _ in range(8)]
    arriving = [*(event for chat in chats for event in chat), *(contact() for _ in range(10))]
    chance.shuffle(arriving)
    left = list(arriving)
    while left:
        size = chance.randint(1, 9)
        await running.receive(*left[:size])
        del left[:size]
    kept = await entries(running)
    assert sorted(entry.contact_id for entry in kept) == sorted(event.data.contact_id for event in arriving)
    by_id = {ticket.id: ticket for ticket in await tickets(running)}
    assert len(by_id) == len(chats) + 10
    for chat in chats:
        ids = {event.data.contact_id for event in chat}
        (ticket_id,) = {entry.ticket_id for entry in kept if entry.contact_id in ids}
        assert by_id[ticket_id].version == len(chat)
    told = [(event.subject, event.sequence or 0) for event in await running.published()]
    assert sorted(told) == sorted((str(t.id), version) for t in by_id.values() for version in range(1, t.version + 1))
    assert all(told.index((s, n)) < told.index((s, n + 1)) for s, n in told if (s, n + 1) in told)


# -- the booth --------------------------------------------------------------------------------------------------


async def test_what_the_booth_escalated_is_escalated_and_the_due_date_owed(running: Running) -> None:
    await running.receive(contact(channel="booth", outcome="escalated"))
    (ticket,) = await tickets(running)
    assert (ticket.status, ticket.escalation_level, ticket.resolved_at) == ("escalated", 1, None)
    opened, escalated = await running.published()
    assert isinstance(opened, TicketOpened)
    assert isinstance(escalated, TicketEscalated)
    assert escalated.data.resolution_due_at == ticket.resolution_due_at
    assert [tuple(row) for row in await running.rows("SELECT actor, verb FROM audit ORDER BY id")] == [
        ("door", "opened"),
        ("booth", "escalated"),
    ]


async def test_what_the_booth_settled_is_resolved_at_once(running: Running) -> None:
    await running.receive(contact(channel="booth", outcome="settled"))
    (ticket,) = await tickets(running)
    assert (ticket.status, ticket.escalation_level, ticket.resolved_at) == ("resolved", 0, running.clock())
    opened, resolved = await running.published()
    assert isinstance(opened, TicketOpened)
    assert isinstance(resolved, TicketResolved)
    assert resolved.data.resolved_at == running.clock()


# -- what is told -----------------------------------------------------------------------------------------------


async def test_outbox_holds_the_events_in_the_order_in_which_things_happened(running: Running) -> None:
    first, second, third = chat_of(3)
    await running.receive(first, contact(channel="booth", outcome="settled"), second, contact(), third)
    assert await running.kinds_published() == [
        "ticket.opened",
        "ticket.opened",
        "ticket.resolved",
        "ticket.joined",
        "ticket.opened",
        "ticket.joined",
    ]
    of_chat = [event for event in await running.published() if event.data.chat_id]
    assert [event.sequence for event in of_chat] == [1, 2, 3]
    joined = [event.data.contact_id for event in of_chat if isinstance(event.data, JoinedData)]
    assert joined == [second.data.contact_id, third.data.contact_id]


async def test_event_says_what_its_readers_need(running: Running) -> None:
    said = contact(subject="Insentif", body="Belum cair.", citizen=CITIZEN)
    await running.receive(said)
    (opened,) = await running.published()
    (ticket,) = await tickets(running)
    assert isinstance(opened, TicketOpened)
    assert (opened.source, opened.subject, opened.correlationid) == ("tickets", str(ticket.id), "c-1")
    assert opened.data == OpenedData(
        ticket_id=ticket.id,
        tracking_code=ticket.tracking_code,
        version=1,
        status="open",
        channel="form",
        chat_id=None,
        topic="insentif",
        unit="prakerja-pencairan",
        unit_name="Prakerja / pencairan",
        subject="Insentif",
        opened_at=NOW,
        resolution_due_at=datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC),
        zone="Asia/Jakarta",
        escalation_level=0,
        citizen=CITIZEN,
        contact_id=said.data.contact_id,
    )


async def test_others_can_read_of_a_case_without_a_topic(running: Running) -> None:
    await running.receive(contact(body="Selamat pagi, saya mau bertanya."))
    (opened,) = await running.published()
    assert isinstance(opened, TicketOpened)
    assert opened.data.topic is None


# -- once -------------------------------------------------------------------------------------------------------


async def test_database_refuses_the_same_contact_twice(running: Running) -> None:
    brought = contact()
    await running.receive(brought)
    with pytest.raises(IntegrityError):
        await running.receive(contact(), brought)
    assert (len(await tickets(running)), len(await entries(running)), len(await running.published())) == (1, 1, 1)


async def test_database_refuses_the_same_line_of_a_chat_twice(running: Running) -> None:
    first, second = chat_of(2)
    await running.receive(first, second)
    with pytest.raises(IntegrityError):
        await running.receive(second)
    assert [ticket.version for ticket in await tickets(running)] == [2]


# -- rules are data ---------------------------------------------------------------------------------------------


async def test_edited_topic_counts_after_ten_seconds(running: Running) -> None:
    await running.receive(contact())
    await running.change("UPDATE topics SET unit = 'Loket baru' WHERE slug = 'insentif'")
    running.clock.forward(seconds=11)
    await running.receive(contact())
    assert [ticket.unit for ticket in await tickets(running)] == ["prakerja-pencairan", "loket-baru"]


async def test_new_version_of_the_policy_is_for_new_tickets_only(running: Running) -> None:
    await running.receive(contact())
    await running.change("UPDATE sla_policies SET in_force = false")
    await running.change("INSERT INTO sla_policies VALUES ('ptsa', 2, 7, 'working_days', 'Asia/Jakarta', true)")
    running.clock.forward(seconds=11)
    await running.receive(contact())
    old, new = await tickets(running)
    set_by = [await clock_of(running, ticket) for ticket in (old, new)]
    assert [(clock.policy.version, clock.due_at) for clock in set_by] == [
        (1, datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC)),
        (2, datetime(2026, 3, 25, 16, 59, 59, tzinfo=UTC)),
    ]


# -- notices that failed ----------------------------------------------------------------------------------------


async def test_notice_that_may_not_have_arrived_is_written_into_the_audit_trail(running: Running) -> None:
    ticket_id = UUID(await running.bring())
    running.clock.forward(hours=1)
    await running.notice(
        notice_failed(ticket_id=ticket_id, reason="opened", kind="email", outcome="uncertain", error="SMTP 451"),
        notice_failed(ticket_id=new_id()),
        notice_failed(ticket_id=None),
    )
    records = await running.rows("SELECT ticket_id, version, actor, verb, detail, at FROM audit WHERE actor = 'notify'")
    assert [tuple(record) for record in records] == [
        (ticket_id, 1, "notify", "notice_uncertain", "email about opened: SMTP 451", NOW + timedelta(hours=1))
    ]


async def test_how_a_notice_in_doubt_was_settled_is_written_down_with_who_said_so(running: Running) -> None:
    ticket_id = UUID(await running.bring())
    await running.notice(
        notice_failed(ticket_id=ticket_id),
        notice_settled(ticket_id=ticket_id, outcome="arrived", by="staff:4711"),
        notice_settled(ticket_id=ticket_id, outcome="sent_again", by="notify", kind="sms", reason="resolved"),
        notice_settled(),
    )
    records = await running.rows("SELECT actor, verb, detail FROM audit WHERE verb LIKE 'notice%' ORDER BY id")
    assert [tuple(record) for record in records][1:] == [
        ("staff:4711", "notice_arrived", "email about opened"),
        ("notify", "notice_sent_again", "sms about resolved"),
    ]


async def test_answer_that_proves_its_ticket_joins_it_from_another_chat_and_address(running: Running) -> None:
    first, answer = chat_of(2)
    await running.receive(first)
    (ticket,) = await tickets(running)
    stranger = contact(ticket_id=ticket.id, channel="email", chat_id=new_id(), citizen=NOBODY)
    await running.receive(answer, stranger, contact(ticket_id=ticket.id, channel="email"))
    assert [type(event) for event in await running.published()] == [TicketOpened, *[TicketJoined] * 3]
    assert {entry.ticket_id for entry in await entries(running)} == {ticket.id}


async def test_answer_to_a_case_of_no_chat_joins_it(running: Running) -> None:
    await running.receive(contact())
    (ticket,) = await tickets(running)
    await running.receive(contact(ticket_id=ticket.id), contact(ticket_id=ticket.id, chat_id=new_id()))
    assert len(await entries(running)) == 3
    assert len(await tickets(running)) == 1


async def test_answer_to_a_ticket_that_is_gone_is_a_case_of_its_own(running: Running) -> None:
    await running.receive(contact(ticket_id=new_id()))
    assert len(await tickets(running)) == 1


async def test_case_that_a_machine_began_says_so(running: Running) -> None:
    await running.receive(contact(is_automatic=True), contact())
    opened = [event.data for event in await running.published() if isinstance(event, TicketOpened)]
    assert [data.is_automatic for data in opened] == [True, False]


# -- a code in the subject of a mail --------------------------------------------------------------------------------


def mail_of(address: str | None, code: str, **changes: Any) -> ContactReceived:
    """A mail that mentions a case, and proves nothing."""
    writer = Person(email=address)
    subject = f"Re: Jawaban atas pengaduan Anda [{code}]"
    return contact(**{"channel": "email", "chat_id": new_id(), "subject": subject, "citizen": writer, **changes})


async def a_case(running: Running) -> Any:
    """The case of `CITIZEN`."""
    await running.receive(contact(citizen=CITIZEN))
    (ticket,) = await tickets(running)
    return ticket


async def test_code_in_a_subject_binds_the_mail_of_who_takes_part(running: Running) -> None:
    case = await a_case(running)
    await running.receive(mail_of(str(CITIZEN.email).upper(), case.tracking_code.lower()))
    assert [type(event) for event in await running.published()] == [TicketOpened, TicketJoined]
    assert {entry.ticket_id for entry in await entries(running)} == {case.id}


async def test_code_in_a_subject_of_a_stranger_is_a_case_of_its_own_with_the_mention(running: Running) -> None:
    """E10."""
    case = await a_case(running)
    await running.receive(mail_of("orang.lain@example.net", case.tracking_code))
    stranger = next(ticket for ticket in await tickets(running) if ticket.id != case.id)
    assert stranger.tracking_code != case.tracking_code
    happened = "SELECT data FROM happenings WHERE ticket_id = :id"
    [opened] = await running.rows(happened, id=stranger.id)
    assert opened.data["mention"] == case.tracking_code
    assert len(await running.rows(happened, id=case.id)) == 1, "nothing happened to it"


async def test_code_in_a_subject_tells_a_stranger_nothing_of_whether_there_is_such_a_case(running: Running) -> None:
    """What he is answered comes of the event alone: it is the same for a code that nobody has."""
    case = await a_case(running)
    for writer, code in (("satu", case.tracking_code), ("dua", new_tracking_code())):
        await running.receive(mail_of(f"{writer}@example.net", code, subject=f"Re: [{code}]"))
    opened = [event.data.model_dump() for event in (await running.published())[1:]]
    of_each = {"contact_id", "ticket_id", "tracking_code", "chat_id", "subject", "citizen"}
    there, nowhere = ({name: value for name, value in data.items() if name not in of_each} for data in opened)
    assert there == nowhere


async def test_code_in_a_subject_of_another_channel_binds_nothing(running: Running) -> None:
    """Anybody may type an address into a form."""
    case = await a_case(running)
    await running.receive(contact(subject=f"[{case.tracking_code}]"))
    assert len(await tickets(running)) == 2


async def test_code_in_a_subject_does_not_take_a_mail_out_of_its_own_conversation(running: Running) -> None:
    case = await a_case(running)
    chat = new_id()
    await running.receive(contact(channel="email", chat_id=chat, citizen=CITIZEN, body="Sertifikat webinar hilang."))
    await running.receive(mail_of(CITIZEN.email, case.tracking_code, chat_id=chat))
    entry_of = [entry.ticket_id for entry in await entries(running)]
    assert entry_of[2] == entry_of[1] != case.id


async def test_code_in_subjects_of_one_batch_binds_each_mail_for_itself(running: Running) -> None:
    case = await a_case(running)
    own, strange = mail_of(CITIZEN.email, case.tracking_code), mail_of("lain@example.net", case.tracking_code)
    await running.receive(strange, own, contact())
    entry_of = {entry.contact_id: entry.ticket_id for entry in await entries(running)}
    assert entry_of[own.data.contact_id] == case.id
    assert entry_of[strange.data.contact_id] != case.id


async def test_digest_of_a_text_is_told_of_mails_alone(running: Running) -> None:
    await running.receive(contact(channel="email"), contact())
    mailed, form = [event.data.body_digest for event in await running.published() if isinstance(event, TicketOpened)]
    assert (len(mailed), form) == (32, "")
