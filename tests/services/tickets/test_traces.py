"""The correlation id of an event is that of the request or the contact that caused it, and the trace context too."""

from typing import Any

import httpx
import pytest

from shared.events import Person, Trace
from tests.factories import contact
from tests.services.tickets.conftest import Running

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OF_A_CALLER = "0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"
FORMS: dict[str, dict[str, str]] = {"reply": {"body": "Ya."}, "escalate": {}, "resolve": {}}


@pytest.mark.parametrize("verb", FORMS)
async def test_trace_of_a_verb_is_that_of_its_request(
    running: Running, http: httpx.AsyncClient, staff: dict[str, str], verb: str
) -> None:
    ticket = await running.bring()
    headers = {**staff, "X-Correlation-ID": OF_A_CALLER, "traceparent": PARENT}
    answer = await http.post(f"/v1/tickets/{ticket}/{verb}", headers=headers, json=FORMS[verb])
    assert answer.status_code == 200
    [opened, done] = await running.published()
    assert opened.trace == Trace("c-1")
    assert done.trace == Trace(OF_A_CALLER, PARENT)


async def test_trace_of_a_second_message_is_its_own(running: Running) -> None:
    chat: dict[str, Any] = {"channel": "chat", "tracking_code": "7K3Q-WM9X-TB40"}
    first = contact(**chat)
    chat["chat_id"] = first.data.contact_id
    first = first.model_copy(update={"data": first.data.model_copy(update={"chat_id": first.data.contact_id})})
    second = contact(**chat, citizen=Person()).model_copy(update={"correlationid": "c-2", "traceparent": PARENT})
    await running.receive(first, second)
    assert [event.trace for event in await running.published()] == [Trace("c-1"), Trace("c-2", PARENT)]
    [row] = await running.rows("SELECT DISTINCT correlation_id FROM outbox WHERE type = 'ticket.joined'")
    assert row.correlation_id == "c-2"


@pytest.mark.parametrize("outcome", ["settled", "escalated"])
async def test_trace_of_what_a_booth_did_is_that_of_its_contact(running: Running, outcome: str) -> None:
    brought = contact(channel="booth", outcome=outcome).model_copy(update={"traceparent": PARENT})
    await running.receive(brought)
    assert [event.trace for event in await running.published()] == [Trace("c-1", PARENT)] * 2
