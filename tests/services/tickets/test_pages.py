"""Long cases are read a page at a time: bounded, in order, nothing skipped or doubled while lines come in."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.tickets.repository import tickets
from shared.ids import new_id
from shared.visibility import EVERYTHING
from tests.conftest import eventually, staff_header
from tests.factories import contact, notice_failed
from tests.services.tickets.conftest import Running, faults, refusal

AGENT = staff_header("agent")
LONG = "Panjang. " * 2_000


async def chat_of(running: Running, *bodies: str) -> tuple[str, Any]:
    """The ticket of a chat in which so much was said, and the id of the chat."""
    chat_id = new_id()
    ticket = await running.bring(contact_id=chat_id, chat_id=chat_id, channel="chat", body=bodies[0])
    await say(running, chat_id, *bodies[1:])
    return ticket, chat_id


async def say(running: Running, chat_id: Any, *bodies: str) -> None:
    await running.receive(*(contact(chat_id=chat_id, channel="chat", body=body) for body in bodies))


async def walk(http: httpx.AsyncClient, path: str, limit: int, cursor: str | None = None) -> list[list[Any]]:
    """Every page, from the one after `cursor` on."""
    pages: list[list[Any]] = []
    while cursor is not None or not pages:
        asked = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = await http.get(path, headers=AGENT, params=asked)
        assert answer.status_code == 200
        pages.append(answer.json()["items"])
        cursor = answer.json()["next_cursor"]
    return pages


async def test_case_of_many_long_lines_is_shown_with_its_first_page(running: Running, http: httpx.AsyncClient) -> None:
    ticket, _ = await chat_of(running, *(f"{n} {LONG}" for n in range(130)))
    answer = await http.get(f"/v1/tickets/{ticket}", headers=AGENT)
    detail = answer.json()
    assert len(answer.content) < 400_000
    assert (len(detail["entries"]), len(detail["audit"])) == (15, 100)
    entries = await walk(http, f"/v1/tickets/{ticket}/entries", 500, detail["entries_next_cursor"])
    audit = await walk(http, f"/v1/tickets/{ticket}/audit", 500, detail["audit_next_cursor"])
    bodies = [entry["body"] for page in (detail["entries"], *entries) for entry in page]
    assert bodies == [f"{n} {LONG}" for n in range(130)]
    assert [record["version"] for page in (detail["audit"], *audit) for record in page] == list(range(1, 131))


async def test_short_case_is_shown_whole(running: Running, http: httpx.AsyncClient) -> None:
    ticket, _ = await chat_of(running, "satu", "dua")
    detail = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()
    assert (detail["entries_next_cursor"], detail["audit_next_cursor"]) == (None, None)
    pages = await walk(http, f"/v1/tickets/{ticket}/entries", 2)
    assert pages == [detail["entries"]], "a page that is full to its last line names no further one"
    assert await walk(http, f"/v1/tickets/{ticket}/audit", 100) == [detail["audit"]]


async def test_line_that_is_larger_than_a_page_is_a_page(running: Running, http: httpx.AsyncClient) -> None:
    ticket, _ = await chat_of(running, "x" * 400_000, "y" * 400_000)
    assert [len(page) for page in await walk(http, f"/v1/tickets/{ticket}/entries", 100)] == [1, 1]


async def test_walk_through_a_case_skips_and_doubles_nothing_while_everybody_writes(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket, chat_id = await chat_of(running, "mula")

    async def reply(number: int) -> None:
        answer = await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": f"jawaban {number}"})
        assert answer.status_code == 200

    async def read(kind: str, count: int) -> list[Any]:
        """What a reader finds who asks for the page after the last one that he has, until there are `count`."""
        found: list[Any] = []
        cursor: str | None = None
        while len(found) < count:
            asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await http.get(f"/v1/tickets/{ticket}/{kind}", headers=AGENT, params=asked)).json()
            cursor = page["next_cursor"] or cursor
            found += page["items"] if page["next_cursor"] or len(found) + len(page["items"]) == count else ()
        return found

    async with asyncio.timeout(60):
        entries, audit, *_ = await asyncio.gather(
            read("entries", 16),
            read("audit", 21),
            *(say(running, chat_id, f"baris {number}") for number in range(10)),
            *(reply(number) for number in range(5)),
            *(running.notice(notice_failed(ticket_id=ticket)) for _ in range(5)),
        )
    assert len({entry["id"] for entry in entries}) == 16
    assert [entry for page in await walk(http, f"/v1/tickets/{ticket}/entries", 7) for entry in page] == entries
    whole = [record for page in await walk(http, f"/v1/tickets/{ticket}/audit", 7) for record in page]
    assert whole == audit
    assert [record["version"] for record in whole] == sorted(record["version"] for record in whole)


async def test_line_of_a_machine_whose_clock_is_behind_comes_after_those_that_were_there(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket, _ = await chat_of(running, "satu", "dua", "tiga")
    first = (await http.get(f"/v1/tickets/{ticket}/entries", headers=AGENT, params={"limit": 2})).json()
    await running.change(
        "INSERT INTO entries (id, ticket_id, author, body, at) VALUES ('00000000-0000-7000-8000-000000000000',"
        " CAST(:ticket AS uuid), 'agent', 'empat', now())",
        ticket=ticket,
    )
    rest = await walk(http, f"/v1/tickets/{ticket}/entries", 2, first["next_cursor"])
    assert [entry["body"] for page in rest for entry in page] == ["tiga", "empat"]


async def test_lines_from_before_places_were_counted_come_first_in_their_order(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket, chat_id = await chat_of(running, "satu", "dua", "tiga")
    await running.change("UPDATE entries SET place = NULL")
    await say(running, chat_id, "empat", "lima")
    pages = await walk(http, f"/v1/tickets/{ticket}/entries", 2)
    assert [[entry["body"] for entry in page] for page in pages] == [["satu", "dua"], ["tiga", "empat"], ["lima"]]


async def test_record_of_a_failed_notice_waits_for_what_is_being_done_to_its_ticket(running: Running) -> None:
    """Or it would get an earlier place, and a reader who was past that would never see it."""
    ticket = await running.bring()
    async with running.service.db.transaction() as session:
        assert await tickets.lock(session, EVERYTHING, [UUID(ticket)])
        noting = asyncio.create_task(running.notice(notice_failed(ticket_id=ticket)))

        async def waits() -> bool:
            return bool(await running.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))

        await eventually(waits)
        assert not noting.done()
    await noting
    kinds = await running.rows("SELECT kind FROM happenings ORDER BY number")
    assert [row.kind for row in kinds] == ["opened", "notice_failed"]


@pytest.mark.parametrize("kind", ["entries", "audit"])
async def test_pages_are_refused_as_everything_else(running: Running, http: httpx.AsyncClient, kind: str) -> None:
    path = f"/v1/tickets/{await running.bring()}/{kind}"
    refusal(await http.get(path), 401, "unauthenticated")
    for asked in ({}, {"cursor": "x"}):  # whether the ticket is there comes first
        nowhere = await http.get(f"/v1/tickets/{new_id()}/{kind}", headers=AGENT, params=asked)
        refusal(nowhere, 404, "not_found")
    for cursor in ("", "x", "é", "AAAA", "A" * 22):
        assert faults(await http.get(path, headers=AGENT, params={"cursor": cursor})) == ["cursor"]
    for limit in (0, 501):
        assert faults(await http.get(path, headers=AGENT, params={"limit": limit})) == ["limit"]
    beyond = await http.get(path, headers=AGENT, params={"cursor": "f" + "_" * 31})
    assert beyond.json() == {"items": [], "next_cursor": None}
