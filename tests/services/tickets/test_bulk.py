"""One verb for many tickets: each for itself, by the same rules, once."""

import asyncio
from typing import Any

import httpx

from shared.ids import new_id
from tests.services.tickets.conftest import Running, faults, refusal
from tests.services.tickets.test_lifecycle import AGENT, done


async def bulk(http: httpx.AsyncClient, verb: str, ids: list[str], bulk_id: str = "1", **form: Any) -> httpx.Response:
    told = {"bulk_id": bulk_id, "verb": verb, "ids": ids, "arguments": form}
    return await http.post("/v1/tickets:bulk", headers=AGENT, json=told)


async def test_bulk_tells_of_each_ticket_what_became_of_it(running: Running, http: httpx.AsyncClient) -> None:
    """FIELD D21: one that is refused stops none, and nothing of it is done."""
    tickets = [await running.bring() for _ in range(3)]
    await done(http, tickets[1], "close", reason="Selesai.")
    unknown = str(new_id())
    answer = await bulk(http, "reply", [*tickets, unknown, tickets[0]], body="Ya.")
    results = answer.json()["results"]
    assert [(result["id"], result["version"], result["code"]) for result in results] == [
        (tickets[0], 2, None),
        (tickets[1], None, "not_in_this_state"),
        (tickets[2], 2, None),
        (unknown, None, "not_found"),
    ]
    assert "closed" in results[1]["detail"]
    said = await running.rows("SELECT ticket_id FROM entries WHERE body = 'Ya.'")
    assert {str(row.ticket_id) for row in said} == {tickets[0], tickets[2]}


async def test_bulk_of_the_same_id_happens_once_and_is_answered_the_same(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(3)]
    answers = await asyncio.gather(*(bulk(http, "note", tickets, body="Ya.") for _ in range(4)))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(await running.rows("SELECT * FROM entries WHERE is_internal")) == 3
    refusal(await bulk(http, "note", tickets, body="Lain."), 422, "idempotency_key_reused")
    assert (await bulk(http, "note", tickets, "2", body="Lain.")).status_code == 200


async def test_two_bulks_of_the_same_tickets_in_another_order_do_not_wait_for_each_other(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(5)]
    target = await running.bring()
    async with asyncio.timeout(60):
        answers = await asyncio.gather(
            bulk(http, "merge", tickets, "1", into=target),
            bulk(http, "note", [target, *tickets[::-1]], "2", body="Ya."),
        )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {result["code"] for result in answers[0].json()["results"]} == {None}


async def test_bulk_of_merged_tickets_undoes_the_merge_of_each(running: Running, http: httpx.AsyncClient) -> None:
    target, *tickets = [await running.bring() for _ in range(4)]
    await bulk(http, "merge", tickets, "1", into=target)
    alone = await running.bring()
    async with asyncio.timeout(60):
        answer, _ = await asyncio.gather(
            bulk(http, "unmerge", [*tickets[::-1], alone], "2"), bulk(http, "note", [*tickets, target], "3", body="Ya.")
        )
    results = {result["id"]: result["code"] for result in answer.json()["results"]}
    assert results == dict.fromkeys(tickets, None) | {alone: "not_merged"}
    assert await running.rows("SELECT * FROM tickets WHERE status = 'merged'") == []


async def test_bulk_asks_each_citizen_for_what_is_missing_of_his_case(
    running: Running, http: httpx.AsyncClient
) -> None:
    lacking = await running.bring()
    complete = await running.bring(body="Gaji di bawah UMR.")
    answer = await bulk(http, "request-info", [lacking, complete])
    assert [result["code"] for result in answer.json()["results"]] == [None, "nothing_missing"]
    assert "arguments.fields.0" in faults(await bulk(http, "request-info", [lacking], "2", fields=["shoe size"]))
    asked = await running.rows("SELECT ticket_id, fields FROM info_requests")
    assert [(str(row.ticket_id), row.fields) for row in asked] == [(lacking, "programme_number")]


async def test_bad_bulk_is_named_and_nothing_is_done(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    assert faults(await bulk(http, "close", [ticket])) == ["arguments.reason"]
    assert faults(await bulk(http, "close", [ticket], reason="x", colour="red")) == ["arguments.colour"]
    assert faults(await bulk(http, "close", [ticket], reason=7)) == ["arguments.reason"]
    assert faults(await bulk(http, "sing", [ticket])) == ["verb"]
    assert faults(await bulk(http, "close", [], reason="x")) == ["ids"]
    assert faults(await bulk(http, "close", [ticket] * 501, reason="x")) == ["ids"]
    assert [row.version for row in await running.rows("SELECT version FROM tickets")] == [1]
