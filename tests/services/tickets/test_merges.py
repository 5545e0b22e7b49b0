"""Tickets that become one: what is said to either is found in the one, and all of it can be undone."""

import asyncio
from uuid import UUID

import httpx

from services.tickets.service.withdrawals import MovedMeanwhile
from shared.events import ContactReceived, ContactWithdrawn, Person, TicketReplied
from shared.ids import new_id
from tests.factories import contact
from tests.services.tickets.conftest import Running, refusal
from tests.services.tickets.test_lifecycle import AGENT, agent, do, done
from tests.services.tickets.test_withdrawals import withdrawn

ANI = Person(name="Ani", email="ani@surel.example")
BUDI = Person(name="Budi", email="budi@surel.example")


async def said_in(running: Running, ticket: str) -> list[str]:
    found = await running.rows(
        "SELECT body FROM entries WHERE ticket_id = CAST(:id AS uuid) ORDER BY place, id", id=ticket
    )
    return [row.body for row in found]


async def status_of(running: Running, ticket: str) -> tuple[str, str | None]:
    [row] = await running.rows("SELECT status, merged_into FROM tickets WHERE id = CAST(:id AS uuid)", id=ticket)
    return row.status, str(row.merged_into) if row.merged_into else None


async def code_of(running: Running, ticket: str) -> str:
    [row] = await running.rows("SELECT tracking_code FROM tickets WHERE id = CAST(:id AS uuid)", id=ticket)
    return str(row.tracking_code)


async def test_whatever_answers_a_merged_ticket_is_said_in_the_one_at_the_end_of_the_chain(
    running: Running, http: httpx.AsyncClient
) -> None:
    """FIELD D1: A into B, B into C; mails and chats answer A."""
    chat = new_id()
    a = await running.bring(body="a", citizen=BUDI, channel="chat", chat_id=chat)
    b, c = [await running.bring(body=body, citizen=who) for body, who in (("b", Person(name="Citra")), ("c", ANI))]
    await done(http, a, "merge", into=b)
    await done(http, b, "merge", into=c)
    await done(http, c, "resolve", body="selesai")
    code = await code_of(running, a)
    await running.receive(
        contact(ticket_id=UUID(a), body="bukti", channel="email", citizen=BUDI),
        contact(chat_id=chat, body="baris", channel="chat", citizen=BUDI),
        contact(subject=f"Re: [{code}]", body="kode", channel="email", citizen=BUDI),
        contact(subject=f"Re: [{code}]", body="kode Ani", channel="email", citizen=ANI),
    )
    assert await said_in(running, c) == ["a", "b", "c", "selesai", "bukti", "baris", "kode"]
    assert await status_of(running, a) == ("merged", b)
    assert await status_of(running, b) == ("merged", c)
    assert await status_of(running, c) == ("open", None)
    tickets = await running.rows("SELECT status, count(*) AS n FROM tickets GROUP BY status ORDER BY status")
    assert [tuple(row) for row in tickets] == [("merged", 2), ("open", 2)], "who only knows a code began a case"
    [root] = await running.rows(
        "SELECT name FROM citizens WHERE id = (SELECT citizen_id FROM tickets WHERE id = CAST(:id AS uuid))", id=c
    )
    assert root.name == "Ani"


async def test_code_of_a_merged_ticket_tracks_to_the_one_that_goes_on(
    running: Running, http: httpx.AsyncClient
) -> None:
    a, b = await running.bring(), await running.bring()
    await done(http, a, "merge", into=b)
    await done(http, b, "reply", body="Ya.")
    code = await code_of(running, a)
    tracked = (await http.get(f"/v1/track/{code}")).json()
    assert (tracked["tracking_code"], tracked["status"]) == (code, "answered")


async def test_answer_goes_to_who_spoke_last_by_his_own_code(running: Running, http: httpx.AsyncClient) -> None:
    """FIELD D3: Budi's ticket is merged into Ani's."""
    chat = new_id()
    a = await running.bring(citizen=BUDI, channel="chat", chat_id=chat)
    b = await running.bring(citizen=ANI)
    await done(http, a, "merge", into=b)
    await running.receive(contact(chat_id=chat, channel="chat", body="Halo?", citizen=BUDI))
    await done(http, b, "reply", body="Ya, Pak.")
    told = (await running.published())[-1]
    assert isinstance(told, TicketReplied)
    assert (told.data.citizen.name, told.data.chat_id, str(told.data.ticket_id)) == ("Budi", chat, b)
    assert told.data.tracking_code == await code_of(running, a)
    await running.receive(contact(ticket_id=UUID(b), citizen=ANI))
    await done(http, b, "reply", body="Ya, Bu.")
    told = (await running.published())[-1]
    assert isinstance(told, TicketReplied)
    assert (told.data.citizen.name, told.data.chat_id) == ("Ani", None)


async def test_unmerge_gives_back_what_was_said_to_it_before_and_since_and_twice_is_once(
    running: Running, http: httpx.AsyncClient
) -> None:
    """FIELD D4, of a chain: the last merge is undone first."""
    a, b, c = [await running.bring(body=body) for body in "abc"]
    await done(http, a, "merge", into=b)
    await done(http, b, "merge", into=c)
    await running.receive(contact(ticket_id=UUID(a), body="ke a"), contact(ticket_id=UUID(b), body="ke b"))
    await done(http, c, "reply", body="jawaban")
    problem = refusal(await do(http, a, "unmerge"), 409, "merged_meanwhile")
    assert b in problem["detail"]
    assert c in problem["detail"]
    assert (await done(http, b, "unmerge"))["status"] == "open"
    assert await said_in(running, c) == ["c", "jawaban"]
    assert await said_in(running, b) == ["a", "b", "ke a", "ke b"]
    assert (await done(http, a, "unmerge"))["status"] == "open"
    assert (await said_in(running, a), await said_in(running, b)) == (["a", "ke a"], ["b", "ke b"])
    before = await running.rows("SELECT id, version FROM tickets ORDER BY id")
    assert (await done(http, a, "unmerge"))["status"] == "open"
    assert await running.rows("SELECT id, version FROM tickets ORDER BY id") == before
    refusal(await do(http, c, "unmerge"), 409, "not_merged")


async def test_deadline_of_a_merge_is_the_earlier_and_each_has_its_own_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    a = await running.bring()
    running.clock.forward(days=3)
    b = await running.bring(received_at=running.clock())
    dues = {
        ticket: (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()["resolution_due_at"]
        for ticket in (a, b)
    }
    assert dues[a] < dues[b]
    await done(http, a, "merge", into=b)
    assert (await http.get(f"/v1/tickets/{b}", headers=AGENT)).json()["resolution_due_at"] == dues[a]
    await done(http, a, "unmerge")
    for ticket in (a, b):
        assert (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()["resolution_due_at"] == dues[ticket]


async def test_who_takes_part_and_what_is_linked_is_shown(running: Running, http: httpx.AsyncClient) -> None:
    a, b = await running.bring(citizen=BUDI), await running.bring(citizen=ANI)
    c = await running.bring()
    await done(http, a, "merge", into=b)
    await done(http, c, "link", other=b)
    shown = (await http.get(f"/v1/tickets/{b}", headers=AGENT)).json()
    [budi] = shown["participants"]
    assert (budi["ticket_id"], budi["tracking_code"]) == (a, await code_of(running, a))
    assert (budi["citizen"]["name"], shown["citizen"]["name"], shown["links"]) == ("Budi", "Ani", [c])
    assert (await http.get(f"/v1/tickets/{c}", headers=AGENT)).json()["links"] == [b]


async def test_words_that_are_withdrawn_while_tickets_are_merged_are_gone_wherever_they_are(
    running: Running, http: httpx.AsyncClient
) -> None:
    brought = [contact(body="rahasia") for _ in range(6)]
    await running.receive(*brought)
    b = await running.bring()
    found = await running.rows("SELECT id, contact_id FROM tickets")
    tickets = {row.contact_id: str(row.id) for row in found}

    async def withdraw(said: ContactReceived) -> None:
        gone = withdrawn(said)
        while True:
            try:
                async with running.service.db.transaction() as session:
                    await running.handlers[ContactWithdrawn](session, [gone], running.clock())
            except MovedMeanwhile:
                continue
            return

    async with asyncio.timeout(60):
        await asyncio.gather(
            *(done(http, tickets[said.data.contact_id], "merge", into=b) for said in brought),
            *(withdraw(said) for said in brought),
        )
    assert "rahasia" not in await said_in(running, b)
    assert len(await said_in(running, b)) == 7


async def test_split_is_a_ticket_with_a_code_that_its_citizen_is_told(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(body="insentif", citizen=BUDI)
    await running.receive(contact(ticket_id=UUID(ticket), body="soal lain"))
    items = (await http.get(f"/v1/tickets/{ticket}/entries", headers=AGENT)).json()["items"]
    new = await done(http, ticket, "split", entry_ids=[items[1]["id"]])
    assert (await said_in(running, ticket), await said_in(running, new["id"])) == (["insentif"], ["soal lain"])
    told = (await running.published())[-1]
    assert (told.type, told.data.tracking_code, told.data.citizen.name) == (  # type: ignore[attr-defined]
        "ticket.opened",
        new["tracking_code"],
        BUDI.name,
    )
    assert len(await running.rows("SELECT * FROM citizens")) == 1


# -- two at once ------------------------------------------------------------------------------------------------


async def test_of_two_who_merge_each_into_the_other_one_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    """FIELD D2."""
    for _ in range(4):
        a, b = await running.bring(), await running.bring()
        answers = await asyncio.gather(do(http, a, "merge", into=b), do(http, b, "merge", into=a))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [lost] = [answer for answer in answers if answer.status_code == 409]
        problem = refusal(lost, 409, "ticket_merged")
        [root] = [ticket for ticket in (a, b) if (await status_of(running, ticket))[0] == "open"]
        assert root in problem["detail"]


async def test_what_is_said_while_tickets_are_merged_and_unmerged_is_where_it_belongs(
    running: Running, http: httpx.AsyncClient
) -> None:
    a, b = sorted([await running.bring(body="a"), await running.bring(body="b")], reverse=True)

    async def merge_and_unmerge() -> None:
        for _ in range(4):
            await done(http, a, "merge", into=b)
            await done(http, a, "unmerge")

    async def say() -> None:
        for _ in range(12):
            await running.receive(contact(ticket_id=UUID(a), body="ke a"))

    async with asyncio.timeout(60):
        await asyncio.gather(merge_and_unmerge(), say())
    assert await said_in(running, a) in (["a", *["ke a"] * 12], ["b", *["ke a"] * 12])
    assert len(await said_in(running, b)) == 1


async def test_other_ticket_that_is_not_seen_is_as_if_it_were_not_there(
    running: Running, http: httpx.AsyncClient
) -> None:
    a, b = await running.bring(), await running.bring()
    await running.change("UPDATE tickets SET unit = 'setjen' WHERE id = CAST(:id AS uuid)", id=b)
    ours = agent("a1", "prakerja-pencairan")
    answer = await http.post(f"/v1/tickets/{a}/merge", headers=ours, json={"into": b})
    assert refusal(answer, 422, "invalid")["errors"][0]["field"] == "into"
