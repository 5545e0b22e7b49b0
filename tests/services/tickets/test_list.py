"""The list of tickets: narrowed by what is asked, newest first, and walked to its end although it grows."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from shared.caller import ROLES
from shared.ids import new_id
from tests.conftest import staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, faults, refusal

OFFICER = staff_header("officer")


async def listed(http: httpx.AsyncClient, **query: Any) -> list[str]:
    """The ids in one page."""
    answer = await http.get("/v1/tickets", headers=OFFICER, params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def pages(http: httpx.AsyncClient, **query: Any) -> AsyncIterator[list[str]]:
    """The ids, page after page, until there is no next one."""
    while True:
        page = (await http.get("/v1/tickets", headers=OFFICER, params=query)).json()
        yield [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


async def test_nothing_is_an_empty_page(running: Running, http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/tickets", headers=OFFICER)
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_newest_is_first(running: Running, http: httpx.AsyncClient) -> None:
    brought = [await running.bring() for _ in range(4)]
    assert await listed(http) == brought[::-1]


async def test_item_says_how_the_case_stands_and_not_whose_it_is(running: Running, http: httpx.AsyncClient) -> None:
    brought = contact(subject="Insentif")
    await running.receive(brought)
    (item,) = (await http.get("/v1/tickets", headers=OFFICER)).json()["items"]
    assert item.pop("id")
    assert item == {
        "tracking_code": brought.data.tracking_code,
        "contact_id": str(brought.data.contact_id),
        "status": "open",
        "status_category": "open",
        "channel": "form",
        "unit": "prakerja-pencairan",
        "unit_name": "Prakerja / pencairan",
        "topic": "insentif",
        "subject": "Insentif",
        "opened_at": "2026-03-13T09:00:00+07:00",
        "resolution_due_at": "2026-03-20T23:59:59+07:00",
        "resolution_met_at": None,
        "resolution_breached_at": None,
        "first_response_due_at": None,
        "first_response_met_at": None,
        "first_response_breached_at": None,
        "first_replied_at": None,
        "resolved_at": None,
        "escalation_level": 0,
        "version": 1,
        "assignee": None,
        "priority": "normal",
        "privacy": "none",
        "held_until": None,
        "merged_into": None,
    }


async def test_list_is_narrowed_to_what_is_asked(running: Running, http: httpx.AsyncClient) -> None:
    """Given an old one, an answered one, an escalated one of a chat, and one that the booth settled."""
    clock = running.clock
    old = await running.bring(body="Pesangon", received_at=clock())
    answered = await running.bring(body="THR", received_at=clock.forward(days=2))
    agent = staff_header("agent")
    await http.post(f"/v1/tickets/{answered}/reply", headers=agent, json={"body": "Sudah kami teruskan."})
    chat_id, code = new_id(), "7K3Q-WM9X-TB40"
    received_at = clock.forward(days=2)
    chat = await running.bring(
        body="Rekening mati",
        channel="chat",
        chat_id=chat_id,
        contact_id=chat_id,
        tracking_code=code,
        received_at=received_at,
    )
    await http.post(f"/v1/tickets/{chat}/escalate", headers=agent)
    line = contact(body="Halo?", channel="chat", chat_id=chat_id, tracking_code=code)
    await running.receive(line)
    settled = await running.bring(body="Kartu kuning", channel="booth", outcome="settled", received_at=received_at)
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [settled, chat, answered, old]),
        ({"status": "open"}, [old]),
        ({"status": "answered"}, [answered]),
        ({"status_category": "open"}, [chat, old]),
        ({"status_category": "waiting"}, [answered]),
        ({"status_category": "resolved"}, [settled]),
        ({"status": "open", "status_category": "resolved"}, []),
        ({"channel": "booth"}, [settled]),
        ({"channel": "form"}, [answered, old]),
        ({"unit": "pengawas"}, [answered]),
        ({"topic": "phk"}, [old]),
        ({"topic": "no-such-topic"}, []),
        ({"escalation_level": 1}, [chat]),
        ({"escalation_level": 0}, [settled, answered, old]),
        ({"tracking_code": "7K3Q-WM9X-TB40"}, [chat]),
        ({"tracking_code": "7k3qwm9xtb4o"}, [chat]),
        ({"tracking_code": "not a code"}, []),
        ({"tracking_code": ""}, []),
        ({"contact_id": str(chat_id)}, [chat]),
        ({"contact_id": str(line.data.contact_id)}, [chat]),
        ({"contact_id": str(new_id())}, []),
        ({"opened_from": "2026-03-15T09:00:00+07:00"}, [settled, chat, answered]),
        ({"opened_to": "2026-03-15T09:00:00+07:00"}, [old]),
        ({"opened_from": "2026-03-15T02:00:00Z", "opened_to": "2026-03-15T02:00:01Z"}, [answered]),
        ({"due_before": "2026-03-23T00:00:00+07:00"}, [answered, old]),
        ({"due_before": "2027-01-01T00:00:00Z"}, [chat, answered, old]),
    ]
    for query, wanted in asked:
        assert await listed(http, **query) == wanted, query


async def test_paging_walks_every_ticket_exactly_once_while_new_ones_arrive(
    running: Running, http: httpx.AsyncClient
) -> None:
    there = [await running.bring() for _ in range(23)]
    seen: list[str] = []
    async for page in pages(http, limit=5):
        assert len(page) <= 5
        seen += page
        await running.bring()
    assert seen == there[::-1]


async def test_paging_keeps_to_what_was_asked(running: Running, http: httpx.AsyncClient) -> None:
    wanted = []
    for _ in range(7):
        await running.bring(body="THR")
        wanted.append(await running.bring(body="Pesangon"))
    walked = [page async for page in pages(http, limit=3, topic="phk")]
    assert [len(page) for page in walked] == [3, 3, 1]
    assert [id_ for page in walked for id_ in page] == wanted[::-1]


async def test_page_that_is_just_full_is_the_last_one(running: Running, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await running.bring()
    assert [len(page) async for page in pages(http, limit=3)] == [3]


async def test_cursor_that_is_not_ours_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    for cursor in ("", "abc", "é", "AAAAAAAAAAAAAAAAAAAAAA" * 2, "../../etc/passwd"):
        answer = await http.get("/v1/tickets", headers=OFFICER, params={"cursor": cursor})
        assert faults(answer) == ["cursor"], cursor


async def test_filter_that_means_nothing_is_named(running: Running, http: httpx.AsyncClient) -> None:
    asked: list[tuple[str, Any]] = [
        ("status", "forgotten"),
        ("status_category", "answered"),
        ("channel", "fax"),
        ("limit", 0),
        ("limit", 1_001),
        ("limit", "all"),
        ("escalation_level", -1),
        ("contact_id", "1"),
        ("opened_from", "2026-03-13T09:00:00"),
        ("opened_to", "yesterday"),
        ("due_before", "2026-03-13"),
    ]
    for field, value in asked:
        answer = await http.get("/v1/tickets", headers=OFFICER, params={field: value})
        assert faults(answer) == [field], value


async def test_filter_that_the_database_cannot_hold_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    asked: list[dict[str, Any]] = [
        {"unit": "a\0b"},
        {"escalation_level": 2**31},
        {"opened_from": "0001-01-01T00:00:00+14:00"},
        {"due_before": "9999-12-31T23:59:59-12:00"},
    ]
    for query in asked:
        refusal(await http.get("/v1/tickets", headers=OFFICER, params=query), 422, "invalid")


async def test_every_member_of_staff_may_look_but_who_only_audits(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    for role in ROLES:
        answer = await http.get("/v1/tickets", headers=staff_header(role))
        assert answer.status_code == (403 if role == "auditor" else 200), role
        assert (await http.get(f"/v1/tickets/{ticket}/audit", headers=staff_header(role))).status_code == 200, role


async def test_nobody_else_may_look(running: Running, http: httpx.AsyncClient) -> None:
    nobody = await http.get("/v1/tickets")
    assert nobody.headers["www-authenticate"] == "Bearer"
    refusal(nobody, 401, "unauthenticated")
    refusal(await http.get("/v1/tickets", headers={"Authorization": "Bearer forged"}), 401, "unauthenticated")
    refusal(await http.get("/v1/tickets", headers={"Authorization": "Basic YTpi"}), 401, "unauthenticated")
    refusal(await http.get("/v1/tickets", headers=staff_header()), 403, "forbidden")


async def test_parameter_that_the_list_does_not_know_is_refused(http: httpx.AsyncClient, staff: dict[str, str]) -> None:
    answer = await http.get("/v1/tickets", params={"colour": "red"}, headers=staff)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["colour"])


async def test_value_that_no_database_can_hold_is_named_by_its_parameter(
    http: httpx.AsyncClient, staff: dict[str, str]
) -> None:
    for name, value in (("unit", "Set\0jen"), ("escalation_level", "99999999999"), ("limit", str(10**30))):
        answer = await http.get("/v1/tickets", params={name: value}, headers=staff)
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [name])
