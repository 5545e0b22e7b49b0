"""What happened to all tickets: in an order that stays, also when something is committed late."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from services.tickets.models import START
from services.tickets.service.feed import Feed, TooManyFollowers
from shared.events import ContactReceived
from shared.visibility import EVERYTHING
from tests.conftest import staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running
from tests.services.tickets.test_units import WAGES, of_units

AGENT = staff_header("agent")


async def events(http: httpx.AsyncClient, who: dict[str, str] = AGENT, **query: Any) -> Any:
    answer = await http.get("/v1/events", headers=who, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def walked(http: httpx.AsyncClient, after: str | None = None) -> list[Any]:
    """All events after a place, in pages of two."""
    found: list[Any] = []
    while page := (await events(http, limit=2, after=after or ""))["items"]:
        found += page
        after = page[-1]["place"]
    return found


async def test_events_are_told_in_order_and_without_what_was_said(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(body=WAGES)
    await http.post(f"/v1/tickets/{ticket}/escalate", headers=AGENT, json={"reason": "rahasia"})
    await http.post(f"/v1/tickets/{ticket}/resolve", headers=AGENT, json={"body": "Sudah dibayar."})
    found = await walked(http)
    assert [(event["kind"], event["version"], event["unit"]) for event in found] == [
        ("opened", 1, "pengawas"),
        ("escalated", 2, "pengawas"),
        ("resolved", 3, "pengawas"),
    ]
    assert "rahasia" not in json.dumps(found)
    assert await walked(http, found[1]["place"]) == found[2:]
    assert (await events(http, after=found[-1]["place"])) == {"items": [], "next_after": found[-1]["place"]}


async def test_event_that_is_committed_late_is_not_passed_over(running: Running, http: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as late:
        session = await late.enter_async_context(running.service.db.transaction())
        await running.handlers[ContactReceived](session, [contact(body=WAGES)], running.clock())
        second = await running.bring()
        assert await walked(http) == []
    found = await walked(http)
    assert len(found) == 2
    assert found[1]["ticket_id"] == second


async def test_events_of_other_units_are_not_told(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(body=WAGES)
    await running.bring()
    assert [event["unit"] for event in (await events(http, of_units("agent", "pengawas")))["items"]] == ["pengawas"]


async def test_events_are_followed_from_a_place(running: Running, http: httpx.AsyncClient) -> None:
    first = await running.bring()
    place = (await walked(http))[0]["place"]
    headers = AGENT | {"Accept": "text/event-stream", "Last-Event-ID": place}
    async with http.stream("GET", "/v1/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        second = await running.bring()
        while not (line := await anext(lines)).startswith("id: "):
            pass
        told = json.loads((await anext(lines)).removeprefix("data: "))
    assert (told["ticket_id"], told["place"]) == (second, line.removeprefix("id: "))
    assert first != second


async def test_feed_has_room_for_so_many_and_lets_them_go(running: Running) -> None:
    await running.bring()
    feed = Feed(db=running.service.db, most=1)
    following = feed.follow(EVERYTHING, START, 0.01)
    assert len(await anext(following)) == 1
    assert await anext(following) == []  # a sign that it is still there
    with pytest.raises(TooManyFollowers):
        feed.check_room()
    feed.let_go()
    await asyncio.wait_for(_ended(following), 10)
    feed.check_room()


async def _ended(following: Any) -> None:
    async for _ in following:
        pass
