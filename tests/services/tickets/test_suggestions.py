"""What joined can be taken out again, what is suggested can be dismissed, and the rules of both are data."""

from dataclasses import asdict
from typing import Any

import httpx
import pytest

from bench.matching import rules_of_the_migration
from shared.events import ContactReceived, Person, TicketOpened
from shared.ids import new_id
from tests.conftest import staff_header
from tests.factories import NOW, contact
from tests.services.tickets.conftest import Running, faults, refusal
from tests.services.tickets.test_matching import AGAIN, BUDI, CASE, MORE, chat, tickets
from tests.services.tickets.test_units import of_units

AGENT = staff_header("agent")
RULES = {name: value for name, value in asdict(rules_of_the_migration()).items() if name != "version"}


async def separate(http: httpx.AsyncClient, running: Running, said: ContactReceived, **headers: str) -> httpx.Response:
    [entry] = await running.rows("SELECT * FROM entries WHERE contact_id = :id", id=said.data.contact_id)
    path = f"/v1/tickets/{entry.ticket_id}/entries/{entry.id}:separate"
    return await http.post(path, headers={**AGENT, **headers})


async def conversation(running: Running, ticket: str) -> list[str]:
    return [
        row.body for row in await running.rows("SELECT body FROM entries WHERE ticket_id = :id ORDER BY id", id=ticket)
    ]


async def test_what_joined_is_taken_out_with_its_code_its_chat_and_its_own_clock(
    running: Running, http: httpx.AsyncClient
) -> None:
    first, second = chat(CASE), chat(AGAIN)
    line = contact(
        chat_id=second.data.chat_id,
        tracking_code=second.data.tracking_code,
        channel="chat",
        citizen=Person(),
        body="Halo?",
    )
    await running.receive(first)
    await running.receive(second, line)
    [old] = await tickets(running)
    new = (await separate(http, running, second)).json()
    assert (new["tracking_code"], new["channel"], new["status"]) == (second.data.tracking_code, "chat", "open")
    assert await conversation(running, str(old.id)) == [CASE]
    assert await conversation(running, new["id"]) == [AGAIN, "Halo?"]
    chats = {row.id: row.chat_id for row in await tickets(running)}
    assert sorted(map(str, chats.values())) == sorted(map(str, (first.data.chat_id, second.data.chat_id)))
    assert chats[old.id] == first.data.chat_id
    opened = [event for event in await running.published() if isinstance(event, TicketOpened)]
    assert [event.data.contact_id for event in opened] == [first.data.contact_id, second.data.contact_id]
    assert [row.started_at for row in await running.rows("SELECT * FROM clocks")] == [NOW, NOW]
    assert (await http.get(f"/v1/track/{second.data.tracking_code}")).json()["opened_at"]
    # then: the lines of either chat go to their own case
    again = contact(chat_id=second.data.chat_id, channel="chat", citizen=Person(), body="Masih di sana?")
    await running.receive(again)
    assert (await conversation(running, new["id"]))[-1] == "Masih di sana?"


async def test_pair_that_was_taken_apart_is_never_joined_again(running: Running, http: httpx.AsyncClient) -> None:
    first, second = (contact(citizen=BUDI, body=body) for body in (CASE, AGAIN))
    await running.receive(first, second)
    new = (await separate(http, running, second)).json()
    await running.receive(contact(citizen=BUDI, body=MORE))
    assert len(await tickets(running)) == 3
    [apart] = (await http.get(f"/v1/tickets/{new['id']}/suggestions", headers=AGENT)).json()["items"][-1:]
    assert apart["state"] == "dismissed"


async def test_what_cannot_be_taken_out_has_its_answer(running: Running, http: httpx.AsyncClient) -> None:
    first, second = (contact(citizen=BUDI, body=body) for body in (CASE, AGAIN))
    await running.receive(first, second)
    [ticket] = await tickets(running)
    refusal(await separate(http, running, first), 409, "not_separable")
    refusal(await http.post(f"/v1/tickets/{ticket.id}/entries/{new_id()}:separate", headers=AGENT), 404, "not_found")
    refusal(await separate(http, running, second, **{"If-Match": '"1"'}), 412, "version_conflict")
    elsewhere = of_units("agent", "setjen")
    refusal(await separate(http, running, second, **elsewhere), 404, "not_found")
    assert len(await tickets(running)) == 1


async def test_suggestion_is_dismissed_once_and_not_made_again(running: Running, http: httpx.AsyncClient) -> None:
    await running.receive(contact(citizen=BUDI, body=CASE))
    await running.change("UPDATE tickets SET status = 'resolved', resolved_at = :now", now=NOW)
    await running.receive(contact(citizen=BUDI, body=AGAIN))
    old, new = await tickets(running)

    async def suggested(ticket: Any) -> Any:
        [item] = (await http.get(f"/v1/tickets/{ticket.id}/suggestions", headers=AGENT)).json()["items"]
        return item

    item = await suggested(new)
    assert (item["other"], item["state"], (await suggested(old))["other"]) == (str(old.id), "open", str(new.id))
    path = f"/v1/suggestions/{item['id']}/dismiss"
    elsewhere = of_units("agent", "setjen")
    refusal(await http.post(path, headers=elsewhere), 404, "not_found")
    assert [(await http.post(path, headers=AGENT)).json()["state"] for _ in range(2)] == ["dismissed"] * 2
    await running.change("UPDATE suggestions SET state = 'accepted'")
    refusal(await http.post(path, headers=AGENT), 409, "already_decided")


async def test_rules_are_edited_in_versions_and_count_after_ten_seconds(
    running: Running, http: httpx.AsyncClient
) -> None:
    supervisor = staff_header("supervisor")
    read = await http.get("/v1/matching/rules", headers=AGENT)
    assert (read.headers["etag"], read.json()) == ('"1"', {**RULES, "version": 1})
    stricter = {**RULES, "join": 1.0}
    refusal(await http.put("/v1/matching/rules", json=stricter, headers=AGENT), 403, "forbidden")
    written = [
        await http.put("/v1/matching/rules", json=stricter, headers={**supervisor, "If-Match": '"1"'}) for _ in range(2)
    ]
    assert written[0].json() == {**stricter, "version": 2}
    refusal(written[1], 412, "version_conflict")
    running.clock.forward(seconds=11)
    await running.receive(contact(citizen=BUDI, body=CASE), contact(citizen=BUDI, body=AGAIN))
    assert len(await tickets(running)) == 2


@pytest.mark.parametrize(
    "wrong", [{"join": 0}, {"join": 1.1}, {"suggest": 0.9}, {"open_days": 0}, {"recent": "often"}, {"joins": 0.5}]
)
async def test_rules_that_cannot_be_are_refused(http: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await http.put("/v1/matching/rules", json={**RULES, **wrong}, headers=staff_header("supervisor"))
    assert faults(answer)
