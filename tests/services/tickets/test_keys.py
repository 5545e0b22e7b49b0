"""What an agent sends twice because the answer was lost, the citizen hears once."""

import asyncio

import httpx
import pytest

from tests.services.tickets.conftest import Running, refusal
from tests.services.tickets.test_verbs import VERBS, do, state


def keyed(key: str = "k-1") -> dict[str, str]:
    return {"Idempotency_Key": key}


@pytest.mark.parametrize("verb", VERBS)
async def test_key_sent_at_once_is_one_change_and_one_answer(
    running: Running, http: httpx.AsyncClient, verb: str
) -> None:
    ticket = await running.bring()
    answers = await asyncio.gather(*(do(http, ticket, verb, **keyed()) for _ in range(4)))
    assert {(answer.status_code, answer.headers["etag"]) for answer in answers} == {(200, '"2"')}
    assert len({answer.text for answer in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, True, True, True]
    assert (await state(running))[1] == 2
    assert len(await running.kinds_published()) == 2


async def test_key_of_a_reply_is_one_entry(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    for _ in range(3):
        assert (await do(http, ticket, "reply", {"body": "Kami periksa."}, **keyed())).status_code == 200
    entries = await running.rows("SELECT body FROM entries WHERE author = 'agent'")
    assert [entry.body for entry in entries] == ["Kami periksa."]
    assert (await do(http, ticket, "reply", {"body": "Kami periksa."}, **keyed("k-2"))).json()["version"] == 3


async def test_key_of_another_request_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    ticket, other = await running.bring(), await running.bring()
    await do(http, ticket, "resolve", {}, **keyed())
    for target, verb, body in (
        (ticket, "resolve", {"body": "Sudah."}),
        (ticket, "escalate", {}),
        (other, "resolve", {}),
    ):
        refusal(await do(http, target, verb, body, **keyed()), 422, "idempotency_key_reused")
    rows = await running.rows("SELECT status FROM tickets ORDER BY id")
    assert [row.status for row in rows] == ["resolved", "open"]


async def test_key_of_a_request_that_was_refused_may_be_used_again(running: Running, http: httpx.AsyncClient) -> None:
    """Who was not the first reads the ticket again, and then sends the same with the version that it has now."""
    ticket = await running.bring()
    await do(http, ticket, "escalate")
    refusal(await do(http, ticket, "reply", **keyed(), If_Match='"1"'), 412, "version_conflict")
    answers = [await do(http, ticket, "reply", **keyed(), If_Match='"2"') for _ in range(2)]
    assert [(answer.status_code, answer.headers["etag"]) for answer in answers] == [(200, '"3"')] * 2


async def test_key_of_a_request_that_came_too_late_may_be_used_again(running: Running, http: httpx.AsyncClient) -> None:
    ticket, other = await running.bring(), await running.bring()
    await do(http, ticket, "resolve")
    refusal(await do(http, ticket, "reply", **keyed()), 409, "ticket_resolved")
    assert (await do(http, other, "reply", **keyed())).status_code == 200


async def test_key_gets_the_first_answer_though_the_ticket_went_on(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    first = await do(http, ticket, "reply", **keyed())
    await do(http, ticket, "resolve")
    again = await do(http, ticket, "reply", **keyed())
    assert (again.status_code, again.text, again.headers["etag"]) == (200, first.text, '"2"')
