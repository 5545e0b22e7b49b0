"""The orders of the list of tickets, and cursors, which lead on in their own order only."""

import httpx
import pytest

from tests.conftest import staff_header
from tests.factories import NOW
from tests.services.tickets.conftest import Running, faults
from tests.services.tickets.test_list import OFFICER, listed, pages

AGENT = staff_header("agent")


async def due(http: httpx.AsyncClient, ticket: str, hour: int) -> None:
    moment = NOW.replace(hour=hour).isoformat()
    form = {"clock": "resolution", "due_at": moment, "reason": "Janji"}
    answer = await http.post(f"/v1/tickets/{ticket}/set-due", headers=AGENT, json=form)
    assert answer.status_code == 200, answer.text


async def test_oldest_is_first_where_that_is_asked(running: Running, http: httpx.AsyncClient) -> None:
    brought = [await running.bring() for _ in range(5)]
    assert await listed(http, sort="oldest") == brought
    assert [page async for page in pages(http, sort="oldest", limit=2)] == [brought[:2], brought[2:4], brought[4:]]


async def test_due_is_the_order_of_what_is_owed_and_has_nothing_else(running: Running, http: httpx.AsyncClient) -> None:
    one, two, three, done = [await running.bring() for _ in range(4)]
    for ticket, hour in ((one, 12), (two, 10), (three, 10), (done, 9)):
        await due(http, ticket, hour)
    await http.post(f"/v1/tickets/{done}/resolve", headers=AGENT, json={})
    in_order = [*sorted([two, three]), one]
    assert await listed(http, sort="due") == in_order
    assert [page async for page in pages(http, sort="due", limit=1)] == [[ticket] for ticket in in_order]
    assert await listed(http, sort="due", due_before=NOW.replace(hour=11).isoformat()) == sorted([two, three])


@pytest.mark.parametrize(("of", "used_in"), [("newest", "due"), ("due", "newest"), ("due", "oldest")])
async def test_cursor_of_another_order_is_refused(
    running: Running, http: httpx.AsyncClient, of: str, used_in: str
) -> None:
    for _ in range(2):
        await running.bring()
    page = (await http.get("/v1/tickets", headers=OFFICER, params={"sort": of, "limit": 1})).json()
    answer = await http.get("/v1/tickets", headers=OFFICER, params={"sort": used_in, "cursor": page["next_cursor"]})
    assert faults(answer) == ["cursor"]


@pytest.mark.parametrize("cursor", ["_" * 32, "A" * 31 + "é", "%00", "A" * 22])
async def test_cursor_that_nobody_made_is_refused(running: Running, http: httpx.AsyncClient, cursor: str) -> None:
    answer = await http.get("/v1/tickets", headers=OFFICER, params={"sort": "due", "cursor": cursor})
    assert faults(answer) == ["cursor"]
