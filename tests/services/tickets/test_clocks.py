"""Clocks as they are kept: edited policies and calendars, timers that fire, chains, and the sum explained."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from services.tickets.jobs.clocks import ClockKeeper
from services.tickets.repository import clocks, timers
from shared.events import TicketAlerted, TicketEscalated, TicketSlaBreached, TicketSlaWarned
from shared.settings import CommonSettings
from tests.conftest import owner_url, staff_header
from tests.services.test_filters_have_indices import Explaining
from tests.services.tickets.conftest import Running, faults, refusal

AGENT, SUPERVISOR = staff_header("agent"), staff_header("supervisor")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {"zone": "Asia/Jakarta", "week": {day: ["08:00-17:00"] for day in WEEKDAYS}}
RESOLUTION = {
    "kind": "resolution",
    "target": 540,
    "measure": "working_minutes",
    "calendar": "office",
    "stops": ["ended"],
    "pauses": ["answered"],
    "warn_before": 60,
}
FIRST = {
    "kind": "first_response",
    "target": 60,
    "measure": "working_minutes",
    "calendar": "always",
    "stops": ["answered"],
}


async def put(http: httpx.AsyncClient, path: str, body: object, **headers: str) -> Any:
    answer = await http.put(path, headers={**SUPERVISOR, **headers}, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def with_policy(http: httpx.AsyncClient, *terms: dict[str, Any], **more: Any) -> None:
    """The policy of new cases by web form, and the calendar that it names."""
    await put(http, "/v1/calendars/office", OFFICE)
    policy = {"zone": "Asia/Jakarta", "clocks": list(terms), "channels": ["form"], **more}
    await put(http, "/v1/policies/office", policy)


async def sla(http: httpx.AsyncClient, ticket: str, **query: str) -> dict[str, dict[str, Any]]:
    """What is told of each clock of a ticket."""
    answer = await http.get(f"/v1/tickets/{ticket}/sla", headers=AGENT, params=query)
    assert answer.status_code == 200, answer.text
    return {clock["kind"]: clock for clock in answer.json()["clocks"]}


def keeper(running: Running) -> ClockKeeper:
    return ClockKeeper(db=running.service.db, clock=running.clock)


async def told(running: Running) -> list[str]:
    return [kind for kind in await running.kinds_published() if kind.startswith(("ticket.sla", "ticket.al"))]


async def test_new_case_has_the_clocks_of_its_policy_each_by_its_calendar(
    running: Running, http: httpx.AsyncClient
) -> None:
    await with_policy(http, FIRST, RESOLUTION)
    ticket = await running.bring()
    shown = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()
    assert shown["first_response_due_at"] == "2026-03-13T10:00:00+07:00"
    assert shown["resolution_due_at"] == "2026-03-16T09:00:00+07:00"


async def test_sum_is_explained_in_words_and_done_again(running: Running, http: httpx.AsyncClient) -> None:
    await with_policy(http, FIRST, RESOLUTION)
    ticket = await running.bring()
    running.clock.forward(hours=2)
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Ya."})
    found = await sla(http, ticket, lang="en")
    assert (found["first_response"]["state"], found["first_response"]["agrees"]) == ("breached", True)
    resolution = found["resolution"]
    assert (resolution["state"], resolution["agrees"], resolution["remaining_seconds"]) == ("paused", True, None)
    assert resolution["words"] == [
        "Resolution: 9:00 of working time, by version 1 of the policy office and version 1 of the calendar office.",
        "It began on Friday, 13 March 2026 09.00.",
        "It has stood still since Friday, 13 March 2026 11.00.",
        "Saturday, 14 March 2026, Sunday, 15 March 2026 do not count: there is no work.",
        "It is due on Monday, 16 March 2026 09.00.",
    ]
    in_indonesian = await sla(http, ticket)
    assert in_indonesian["resolution"]["words"][2] == "Waktu berhenti sejak Jumat, 13 Maret 2026 11.00."
    assert [day["working_seconds"] for day in resolution["days"]] == [8 * 3600, 0, 0, 3600]


async def test_usual_policy_is_told_with_the_days_off_by_their_names(running: Running, http: httpx.AsyncClient) -> None:
    days = {"kind": "resolution", "target": 7, "measure": "working_days", "calendar": "indonesia", "stops": ["ended"]}
    await with_policy(http, days)
    ticket = await running.bring()
    resolution = (await sla(http, ticket))["resolution"]
    assert resolution["due_at"] == "2026-03-25T23:59:59+07:00"
    assert {day["day"]: day["name"] for day in resolution["days"] if day["why"] == "day_off"}.keys() == {
        "2026-03-19",
        "2026-03-21",
        "2026-03-22",
    }
    assert "Kamis, 19 Maret 2026 tidak dihitung: Hari Suci Nyepi." in resolution["words"]


async def test_deadline_in_a_year_that_is_not_decreed_is_called_estimated(
    running: Running, http: httpx.AsyncClient
) -> None:
    days = {"kind": "resolution", "target": 600, "measure": "working_days", "calendar": "indonesia", "stops": ["ended"]}
    await with_policy(http, days)
    resolution = (await sla(http, await running.bring(), lang="en"))["resolution"]
    assert resolution["estimated_years"] == [2028]
    assert "There is no holiday data for 2028 yet: this is estimated." in resolution["words"]


# -- timers -----------------------------------------------------------------------------------------------------


async def test_warning_and_breach_fire_once_however_many_keepers_there_are(
    running: Running, http: httpx.AsyncClient
) -> None:
    await with_policy(http, RESOLUTION)
    for _ in range(5):
        await running.bring()
    running.clock.forward(days=2, hours=22, minutes=59)
    assert await keeper(running).sweep() == 0
    running.clock.forward(minutes=1)
    for moment in ({}, {"hours": 1, "seconds": 1}, {"days": 30}):
        running.clock.forward(**moment)
        await asyncio.gather(*(keeper(running).sweep() for _ in range(4)))
        await keeper(running).sweep()
    assert await told(running) == ["ticket.sla_warned"] * 5 + ["ticket.sla_breached"] * 5
    warned, breached = (await running.published())[-10], (await running.published())[-1]
    assert isinstance(warned, TicketSlaWarned)
    assert isinstance(breached, TicketSlaBreached)
    assert (warned.data.clock, warned.data.due_at) == ("resolution", breached.data.due_at)


async def test_timer_of_a_case_that_ended_or_waits_does_not_fire(running: Running, http: httpx.AsyncClient) -> None:
    await with_policy(http, RESOLUTION)
    ended, waits, goes_on = [await running.bring() for _ in range(3)]
    await http.post(f"/v1/tickets/{ended}/resolve", headers=AGENT)
    await http.post(f"/v1/tickets/{waits}/reply", headers=AGENT, json={"body": "Ya."})
    running.clock.forward(days=9)
    await keeper(running).sweep()
    found = await running.rows("SELECT ticket_id FROM happenings WHERE kind = 'breached'")
    assert [str(row.ticket_id) for row in found] == [goes_on]


async def test_timer_that_an_older_release_left_is_looked_at_again_when_it_is_due(running: Running) -> None:
    """The older one stops a clock, and knows of no timer."""
    ticket = await running.bring()
    await running.change("UPDATE clocks SET stopped_at = :now", now=running.clock())
    running.clock.forward(days=9)
    assert await keeper(running).sweep() == 1
    assert (await told(running), await keeper(running).sweep()) == ([], 0)
    assert await running.rows("SELECT 1 FROM timers WHERE ticket_id = :id AND fired_at IS NULL", id=ticket) == []


async def test_deadline_that_a_person_moves_warns_again_and_a_past_one_is_refused(
    running: Running, http: httpx.AsyncClient
) -> None:
    await with_policy(http, RESOLUTION)
    ticket = await running.bring()
    running.clock.forward(days=9)
    await keeper(running).sweep()
    path, now = f"/v1/tickets/{ticket}/set-due", running.clock()
    for body in ({"due_at": (now - timedelta(hours=1)).isoformat()}, {"due_at": "2036-01-01T00:00:00Z"}):
        assert faults(await http.post(path, headers=AGENT, json=body)) == ["due_at"]
    assert faults(await http.post(path, headers=AGENT, json={"clock": "verify", "due_at": None})) == ["clock"]
    later = now + timedelta(days=2)
    moved = await http.post(path, headers=AGENT, json={"due_at": later.isoformat(), "reason": "Bank"})
    assert (moved.status_code, moved.json()["resolution_breached_at"]) == (200, None)
    assert datetime.fromisoformat(moved.json()["resolution_due_at"]) == later
    running.clock.forward(days=9)
    await keeper(running).sweep()
    assert await told(running) == ["ticket.sla_warned", "ticket.sla_breached"] * 2
    assert (await sla(http, ticket))["resolution"]["agrees"]
    await http.post(f"/v1/tickets/{ticket}/resolve", headers=AGENT)
    assert faults(await http.post(path, headers=AGENT, json={"due_at": None}), 409, "not_in_this_state") == [
        "ticket_id"
    ]


async def test_sweep_looks_at_what_is_due_and_at_nothing_else(running: Running, common: CommonSettings) -> None:
    await running.change("""
        INSERT INTO timers SELECT gen_random_uuid(), 'resolution', 'breach',
            now() + n * interval '1 minute' + interval '1 day', CASE WHEN n % 2 = 0 THEN now() END
        FROM generate_series(1, 20000) n
    """)
    admin = await asyncpg.connect(owner_url(common))
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("""
        INSERT INTO tickets.clocks (ticket_id, kind, started_at, due_at, policy_name, policy_version, calendar_name,
                                    calendar_version, pauses)
        SELECT gen_random_uuid(), 'resolution', now(), now(), 'ptsa', 1, 'indonesia', '', '{}'
        FROM generate_series(1, 20000)
    """)
    for table in ("timers", "clocks", "calendars"):
        await admin.execute(f"ANALYZE tickets.{table}")
    await admin.close()
    async with running.service.db.transaction() as session:
        explaining: Any = Explaining(session)
        await timers.due_tickets(explaining, running.clock(), 200)
        await timers.due_of(explaining, [], running.clock())
        await clocks.stale_tickets(explaining, 200)
    assert not any(explaining.read_all_of(table) for table in ("timers", "clocks"))
    assert "timers_open" in explaining.plans[0]
    assert "clocks_by_calendar" in explaining.plans[2]


# -- chains -----------------------------------------------------------------------------------------------------


async def test_chain_takes_a_case_up_step_by_step_and_tells_whom_it_names_and_nothing_of_the_citizen(
    running: Running, http: httpx.AsyncClient
) -> None:
    chain = [{"after": 0, "tell": ["unit-head"]}, {"after": 60, "unit": "setjen", "tell": ["director"]}]
    await with_policy(http, {**RESOLUTION, "chain": chain})
    for unit, role in (("prakerja-pencairan", "unit-head"), ("setjen", "director"), ("setjen", "unit-head")):
        contacts = {"contacts": [{"role": role, "email": f"{role}@{unit}.example"}]}
        if (unit, role) != ("setjen", "unit-head"):
            await put(http, f"/v1/units/{unit}/escalation-contacts", contacts)
    ticket = await running.bring()
    running.clock.forward(days=3, hours=0, seconds=1)
    await keeper(running).sweep()
    running.clock.forward(hours=1)
    await keeper(running).sweep()
    published = await running.published()
    escalated = [event.data for event in published if isinstance(event, TicketEscalated)]
    assert [(data.escalation_level, data.unit) for data in escalated] == [(1, "prakerja-pencairan"), (2, "setjen")]
    alerted = [event for event in published if isinstance(event, TicketAlerted)]
    assert [(e.data.role, e.data.email, e.data.is_late) for e in alerted] == [
        ("unit-head", "unit-head@prakerja-pencairan.example", True),
        ("director", "director@setjen.example", True),
    ]
    assert not any("warga" in event.encode().casefold() for event in alerted)
    assert (await sla(http, ticket))["resolution"]["agrees"]


# -- policies and calendars -------------------------------------------------------------------------------------


async def test_case_that_is_put_under_another_policy_keeps_when_it_began(
    running: Running, http: httpx.AsyncClient
) -> None:
    await with_policy(http, FIRST, RESOLUTION)
    ticket = await running.bring()
    running.clock.forward(hours=1)
    changed = await http.post(f"/v1/tickets/{ticket}/set-policy", headers=AGENT, json={"policy": "ptsa"})
    assert changed.json()["resolution_due_at"] == "2026-03-20T23:59:59+07:00"
    found = await sla(http, ticket)
    assert {kind: clock["state"] for kind, clock in found.items()} == {
        "first_response": "dropped",
        "resolution": "pending",
    }
    assert all(clock["agrees"] for clock in found.values())
    missing = await http.post(f"/v1/tickets/{ticket}/set-policy", headers=AGENT, json={"policy": "none"})
    refusal(missing, 404, "not_found")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ([{**RESOLUTION, "stops": []}], "clocks.0.stops"),
        ([{**RESOLUTION, "calendar": "nowhere"}], "clocks.0.calendar"),
        ([{**RESOLUTION, "kind": "sooner"}], "clocks.0.kind"),
        ([FIRST], "clocks"),
        ([{**RESOLUTION, "starts": "answered"}], "clocks"),
        ([RESOLUTION, RESOLUTION], "clocks.1.kind"),
        ([{**RESOLUTION, "warn_before": 540}], "clocks.0.warn_before"),
        ([{**RESOLUTION, "target": 0}], "clocks.0.target"),
        ([{**RESOLUTION, "calendar": "tuesday", "target": 60_000}], "clocks"),
        ([{**RESOLUTION, "chain": [{"after": 0, "unit": "nobody"}]}], "clocks.0.chain.0.unit"),
    ],
)
async def test_policy_that_is_not_possible_is_refused(
    http: httpx.AsyncClient, terms: list[dict[str, Any]], field: str
) -> None:
    await put(http, "/v1/calendars/office", OFFICE)
    await put(http, "/v1/calendars/tuesday", {"zone": "Asia/Jakarta", "week": {"tue": ["10:00-11:00"]}})
    answer = await http.put("/v1/policies/office", headers=SUPERVISOR, json={"zone": "Asia/Jakarta", "clocks": terms})
    assert faults(answer) == [field]


async def test_edited_calendar_moves_the_deadlines_of_open_cases_and_says_from_when_to_when(
    running: Running, http: httpx.AsyncClient
) -> None:
    """Cuti bersama is added to Monday, three days before. A case that ended keeps its deadline."""
    await with_policy(http, RESOLUTION)
    moved, ended = await running.bring(), await running.bring()
    await http.post(f"/v1/tickets/{ended}/resolve", headers=AGENT)
    assert await keeper(running).follow() == 0
    day = {"date": "2026-03-16", "name": "Cuti bersama tambahan", "hours": []}
    edited = await put(http, "/v1/calendars/office", {**OFFICE, "special": [day]}, **{"If-Match": '"1"'})
    assert edited["version"] == 2
    assert [await keeper(running).follow(), await keeper(running).follow()] == [1, 0]
    (row,) = await running.rows("SELECT ticket_id, data FROM happenings WHERE kind = 'recomputed'")
    assert str(row.ticket_id) == moved
    assert (row.data["before"], row.data["after"]) == ("2026-03-16T02:00:00Z", "2026-03-17T02:00:00Z")
    assert {ticket: (await sla(http, ticket))["resolution"]["due_at"][:10] for ticket in (moved, ended)} == {
        moved: "2026-03-17",
        ended: "2026-03-16",
    }
    assert (await sla(http, moved))["resolution"]["agrees"]
    stale = await http.put("/v1/calendars/office", headers={**SUPERVISOR, "If-Match": '"1"'}, json=OFFICE)
    refusal(stale, 412, "version_conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"week": {}}, "week"),
        ({"week": {"mon": []}}, "week"),
        ({"week": {"mon": ["8-17"]}}, "week.mon.0"),
        ({"week": {"mon": ["08:00-16:00"]}, "zone": "Asia/Bekasi"}, "zone"),
        ({"week": {"sen": ["08:00-16:00"]}}, "week.sen"),
        ({"special": [{"date": "2026-03-16", "name": "x", "hours": ["20:00-02:00"]}]}, "special.0.hours"),
        ({"week": {"tue": ["10:00-10:01"]}}, "week"),
    ],
)
async def test_calendar_that_is_not_possible_is_refused(
    http: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    """The last leaves a policy that is in force without the hours that it needs."""
    await with_policy(http, {**RESOLUTION, "target": 5400})
    assert faults(await http.put("/v1/calendars/office", headers=SUPERVISOR, json={**OFFICE, **body})) == [field]


ICAL = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y//ID\r
BEGIN:VEVENT\r
SUMMARY:Hari Kemerdekaan\r
DTSTART;VALUE=DATE:20260817\r
RRULE:FREQ=YEARLY;COUNT=3\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Cuti bersama\r
DTSTART;VALUE=DATE:20261224\r
DTEND;VALUE=DATE:20261226\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Hari Pahlawan\r
DTSTART;VALUE=DATE:20261110\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Rapat\r
DTSTART:20260818T010000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.mark.parametrize("zone", ["Asia/Jayapura", "America/New_York"])
async def test_days_of_an_icalendar_file_stay_the_days_that_they_are(http: httpx.AsyncClient, zone: str) -> None:
    await put(http, "/v1/calendars/office", {**OFFICE, "zone": zone})
    headers = {**SUPERVISOR, "Content-Type": "text/calendar"}
    answer = await http.post("/v1/calendars/office:import?leave_out=2026-11-10", headers=headers, content=ICAL)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    days = ["2026-08-17", "2026-12-24", "2026-12-25", "2027-08-17", "2028-08-17"]
    assert found["days"] == days == [day["date"] for day in found["calendar"]["special"]]
    assert found["passed_over"] == [{"event": 4, "why": "it has an hour, and is no whole day"}]
    assert answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("content", [b"", b"hello", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"\xff\xfe"])
async def test_file_that_is_no_icalendar_is_refused(http: httpx.AsyncClient, content: bytes) -> None:
    headers = {**SUPERVISOR, "Content-Type": "text/calendar"}
    assert faults(await http.post("/v1/calendars/indonesia:import", headers=headers, content=content)) == ["body"]


async def test_calendar_and_policy_are_edited_by_a_supervisor(http: httpx.AsyncClient) -> None:
    for path in ("calendars/office", "policies/office", "units/setjen/escalation-contacts"):
        refusal(await http.put(f"/v1/{path}", headers=AGENT, json={}), 403, "forbidden")
    names = [item["name"] for item in (await http.get("/v1/calendars", headers=AGENT)).json()["items"]]
    assert names == ["always", "contact-centre", "indonesia"]
    ptsa = (await http.get("/v1/policies/ptsa", headers=AGENT)).json()
    assert (ptsa["version"], ptsa["clocks"][0]["target"], ptsa["clocks"][0]["measure"]) == (1, 7, "calendar_days")
