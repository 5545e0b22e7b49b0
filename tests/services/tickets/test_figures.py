"""Figures of cases: sums of what was counted when cases changed, for who sees them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.tickets.jobs.figures import FigureGauges
from services.tickets.jobs.missed import MissedCases
from shared.telemetry import render
from tests.conftest import staff_header
from tests.services.tickets.conftest import Running, faults
from tests.services.tickets.test_arrivals import chat_of
from tests.services.tickets.test_units import WAGES, of_units

SUPERVISOR = staff_header("supervisor")


async def figures(http: httpx.AsyncClient, name: str, who: dict[str, str] = SUPERVISOR, **query: str) -> Any:
    answer = await http.get(f"/v1/metrics/{name}", headers=who, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def verb(http: httpx.AsyncClient, ticket: str, name: str, **body: str) -> None:
    assert (await http.post(f"/v1/tickets/{ticket}/{name}", headers=SUPERVISOR, json=body)).is_success


async def a_day_of_cases(running: Running, http: httpx.AsyncClient) -> list[str]:
    """Three cases: one is resolved at once, one answered and resolved late, one is open and overdue."""
    tickets = [await running.bring(channel=channel) for channel in ("form", "email")]
    tickets.append(await running.bring(channel="form", body=WAGES))
    await verb(http, tickets[0], "resolve", body="Sudah masuk.")
    running.clock.forward(hours=1)
    await verb(http, tickets[1], "reply", body="Kami periksa.")
    running.clock.forward(days=9)
    await verb(http, tickets[1], "resolve")
    return tickets


async def test_figures_are_sums_of_what_cases_came_to(running: Running, http: httpx.AsyncClient) -> None:
    await a_day_of_cases(running, http)
    overview = await figures(http, "overview", by="channel")
    assert overview["total"] == {
        "opened": 3,
        "resolved": 2,
        "reopened": 0,
        "escalated": 0,
        "average_first_reply_seconds": {"numerator": 3600, "denominator": 1, "rounded": "3600.00"},
        "average_resolution_seconds": {"numerator": 390600, "denominator": 1, "rounded": "390600.00"},
        "in_time_share": {"numerator": 1, "denominator": 2, "rounded": "50.00"},
        "fcr": {"numerator": 1, "denominator": 1, "rounded": "100.00"},
    }
    assert {row["of"]: (row["figures"]["opened"], row["figures"]["resolved"]) for row in overview["items"]} == {
        "email": (1, 1),
        "form": (2, 1),
    }
    assert overview["definitions"].keys() == overview["total"].keys()
    backlog = await figures(http, "backlog")
    assert backlog["total"] == {"open": 1, "waiting": 0, "overdue": 1}
    assert backlog["items"] == [{"of": "pengawas", "figures": {"open": 1, "waiting": 0, "overdue": 1}}]
    assert (await figures(http, "yearly"))["items"] == [
        {
            "of": "2026",
            "figures": {
                "opened": 3,
                "completed": 2,
                "completion": {"numerator": 2, "denominator": 3, "rounded": "66.67"},
            },
        }
    ]


async def test_figures_of_agents_count_what_staff_did_and_nothing_else(
    running: Running, http: httpx.AsyncClient
) -> None:
    await a_day_of_cases(running, http)
    agents = await figures(http, "agents")
    assert agents["total"] == {"replies": 1, "resolutions": 2, "escalations": 0}
    assert agents["items"] == [{"of": "staff:test", "figures": agents["total"]}]


async def test_figures_take_back_what_a_citizen_opens_again(running: Running, http: httpx.AsyncClient) -> None:
    first, second = chat_of(2)
    await running.receive(first)
    [ticket] = await running.rows("SELECT id FROM tickets")
    await verb(http, str(ticket.id), "resolve")
    assert (await figures(http, "fcr"))["total"]["first_contact"] == 1
    await running.receive(second)
    overview = await figures(http, "overview")
    assert (overview["total"]["resolved"], overview["total"]["reopened"]) == (0, 1)
    assert (await figures(http, "fcr"))["total"] == {"resolved": 0, "first_contact": 0, "fcr": None}


async def test_figures_are_those_of_the_units_that_the_reader_sees(running: Running, http: httpx.AsyncClient) -> None:
    await a_day_of_cases(running, http)
    theirs = of_units("agent", "pengawas")
    assert (await figures(http, "overview", theirs))["total"]["opened"] == 1
    assert (await figures(http, "backlog", theirs))["total"]["overdue"] == 1
    assert [row["of"] for row in (await figures(http, "agents", theirs))["items"]] == []


async def test_figures_are_narrowed_to_days_and_kinds(running: Running, http: httpx.AsyncClient) -> None:
    await a_day_of_cases(running, http)
    assert (await figures(http, "overview", SUPERVISOR, **{"from": "2026-03-14"}))["total"]["opened"] == 0
    assert (await figures(http, "overview", to="2026-03-13"))["total"]["resolved"] == 1
    assert (await figures(http, "overview", topic="upah"))["total"]["opened"] == 1
    assert (await figures(http, "overview", channel="email", unit="prakerja-pencairan"))["total"]["opened"] == 1
    answer = await http.get("/v1/metrics/agents", headers=SUPERVISOR, params={"by": "day"})
    assert faults(answer) == ["by"]


async def test_figures_are_told_once_and_as_a_table(running: Running, http: httpx.AsyncClient) -> None:
    await a_day_of_cases(running, http)
    answer = await http.get("/v1/metrics/fcr?format=csv", headers=SUPERVISOR)
    assert answer.text.splitlines() == [
        "channel,resolved,first_contact,fcr",
        "email,1,1,100.00",
        "form,1,1,100.00",
        "total,2,2,100.00",
    ]
    again = await http.get(
        "/v1/metrics/fcr?format=csv", headers={**SUPERVISOR, "If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("lost", ["DELETE FROM counted", "UPDATE tickets SET status = 'open', version = version + 1"])
async def test_cases_that_an_older_release_changed_are_counted_by_the_sweep(
    running: Running, http: httpx.AsyncClient, lost: str
) -> None:
    await a_day_of_cases(running, http)
    if lost.startswith("DELETE"):
        await running.change("DELETE FROM tallies")
    await running.change(lost)
    assert not await MissedCases(db=running.service.db).look()
    assert [row.count for row in await running.rows("SELECT count(*) FROM counted")] == [3]
    backlog = (await figures(http, "backlog"))["total"]
    assert (backlog["open"], (await figures(http, "yearly"))["total"]["opened"]) == (1 if "DELETE" in lost else 3, 3)
    running.clock.forward(hours=1)
    await FigureGauges(db=running.service.db, clock=running.clock).look()
    assert b'satuatap_cases_by_channel{channel="email",count="opened"} 1.0' in render()
    assert b'satuatap_cases_overdue{unit="pengawas"} 1.0' in render()


async def test_figures_are_for_staff_alone(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/metrics/overview")).status_code == 401


async def test_average_of_a_resolution_counts_from_the_filing(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(received_at=running.clock() - timedelta(hours=3))
    await verb(http, ticket, "resolve")
    total = (await figures(http, "overview"))["total"]
    assert total["average_resolution_seconds"]["numerator"] == 3 * 3600
