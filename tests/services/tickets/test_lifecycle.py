"""What agents do to a ticket over HTTP: who hears of it, what is kept, and who is first of two at once."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from services.tickets.jobs.holds import HoldClock
from shared.clock import utcnow
from shared.events import TicketClosed, TicketForwarded, TicketRejected
from shared.ids import new_id
from shared.staff_tokens import StaffTokens
from shared.visibility import Visibility
from tests.conftest import SECRETS, staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, faults, refusal

AGENT = staff_header("agent")


def agent(subject: str, *units: str) -> dict[str, str]:
    """The header of an agent, of these units or of every one."""
    sees = Visibility(frozenset(units) or None)
    token = StaffTokens(SECRETS).issue(subject, ["agent"], utcnow(), timedelta(hours=1), sees)
    return {"Authorization": f"Bearer {token}"}


async def do(http: httpx.AsyncClient, ticket: object, verb: str, **form: Any) -> httpx.Response:
    return await http.post(f"/v1/tickets/{ticket}/{verb}", headers=AGENT, json=form)


async def done(http: httpx.AsyncClient, ticket: object, verb: str, **form: Any) -> dict[str, Any]:
    answer = await do(http, ticket, verb, **form)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_end_of_a_case_is_told_with_its_reason_and_said_in_the_conversation(
    running: Running, http: httpx.AsyncClient
) -> None:
    ends: list[tuple[str, dict[str, Any], type[Any], str]] = [
        ("close", {"reason": "Tidak ada jawaban."}, TicketClosed, "closed"),
        ("reject", {"reason": "Bukan aduan."}, TicketRejected, "rejected"),
        ("forward", {"to": "Disnaker", "body": "Wewenang kota."}, TicketForwarded, "forwarded"),
    ]
    for verb, form, kind, status in ends:
        ticket = await running.bring()
        assert (await done(http, ticket, verb, **form))["status"] == status
        told = (await running.published())[-1]
        assert isinstance(told, kind)
        assert form.items() <= told.data.model_dump().items()
        [line] = await running.rows(
            "SELECT body FROM entries WHERE author = 'agent' AND ticket_id = CAST(:id AS uuid)", id=ticket
        )
        assert line.body in form.values()


async def test_note_is_a_line_for_colleagues_and_news_to_nobody(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    before = await running.kinds_published()
    shown = await done(http, ticket, "note", body="Bank dihubungi.")
    assert (shown["status"], shown["version"]) == ("open", 2)
    assert await running.kinds_published() == before
    [_, line] = (await http.get(f"/v1/tickets/{ticket}/entries", headers=AGENT)).json()["items"]
    assert (line["body"], line["is_internal"]) == ("Bank dihubungi.", True)


async def test_trail_says_from_where_each_thing_was_done(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answer = await do(http, ticket, "priority", priority="urgent")
    _, record = (await http.get(f"/v1/tickets/{ticket}/audit", headers=AGENT)).json()["items"]
    assert (record["verb"], record["detail"]) == ("prioritised", "normal → urgent")
    assert record["origin"] == f"api {answer.headers['x-request-id']}"


async def test_refusal_names_the_state_and_what_is_possible(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    await done(http, ticket, "close", reason="Selesai.")
    problem = refusal(await do(http, ticket, "reply", body="Ya."), 409, "not_in_this_state")
    assert problem["detail"] == "The ticket is closed. What can be done to it now: note, link, set_privacy."


async def test_hold_ends_by_itself_when_it_is_due_once(running: Running, http: httpx.AsyncClient) -> None:
    until = running.clock() + timedelta(hours=3)
    tickets = [await running.bring() for _ in range(3)]
    for ticket in tickets:
        assert (await done(http, ticket, "hold", until=until.isoformat(), reason="Bank"))["status"] == "held"
    await done(http, tickets[2], "resolve")
    sweepers = [HoldClock(db=running.service.db, clock=running.clock) for _ in range(2)]
    assert await sweepers[0].look() == 0
    running.clock.forward(hours=3)
    assert sum(await asyncio.gather(*(sweeper.look() for sweeper in sweepers))) == 2
    assert await sweepers[0].look() == 0
    stand = await running.rows("SELECT status, held_until, version FROM tickets ORDER BY id")
    assert [tuple(row) for row in stand] == [("open", None, 3), ("open", None, 3), ("resolved", None, 3)]


async def test_bad_field_is_named(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    tried: list[tuple[str, dict[str, Any], str]] = [
        ("hold", {"until": "2026-03-13T08:59:00+07:00", "reason": "Bank"}, "until"),
        ("hold", {"until": "2026-03-14T09:00:00", "reason": "Bank"}, "until"),
        ("close", {"reason": ""}, "reason"),
        ("assign", {"assignee": "a\nb"}, "assignee"),
        ("priority", {"priority": "highest"}, "priority"),
        ("privacy", {"privacy": "secret"}, "privacy"),
        ("merge", {"into": ticket}, "into"),
        ("merge", {"into": str(new_id())}, "into"),
        ("link", {"other": ticket}, "other"),
        ("split", {"entry_ids": []}, "entry_ids"),
        ("split", {"entry_ids": [str(new_id())]}, "entry_ids"),
    ]
    for verb, form, field in tried:
        assert faults(await do(http, ticket, verb, **form)) == [field], (verb, form)
    assert [row.version for row in await running.rows("SELECT version FROM tickets")] == [1]


async def test_link_has_two_ends_and_twice_is_once(running: Running, http: httpx.AsyncClient) -> None:
    one, two = await running.bring(), await running.bring()
    await done(http, one, "link", other=two)
    await done(http, two, "link", other=one)
    assert [row.version for row in await running.rows("SELECT version FROM tickets")] == [2, 2]
    assert len(await running.rows("SELECT * FROM links")) == 1


# -- two at once ------------------------------------------------------------------------------------------------


async def test_of_two_agents_who_claim_one_ticket_one_has_it(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answers = await asyncio.gather(
        *(http.post(f"/v1/tickets/{ticket}/claim", headers=agent(f"a{number}")) for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    [winner] = [answer.json()["assignee"] for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code == 409:
            assert winner not in str(refusal(answer, 409, "already_assigned"))
    [row] = await running.rows("SELECT assignee, version FROM tickets")
    assert tuple(row) == (winner, 2)


async def test_case_that_is_resolved_while_its_citizen_writes_is_open_or_was_never_resolved_behind_his_back(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(6)]
    await asyncio.gather(
        *(do(http, ticket, "resolve", body="Selesai.") for ticket in tickets),
        *(running.receive(contact(ticket_id=ticket)) for ticket in tickets),
    )
    for ticket in tickets:
        [row] = await running.rows(
            "SELECT status, version, resolved_at FROM tickets WHERE id = CAST(:id AS uuid)", id=ticket
        )
        kinds = [
            happened.kind
            for happened in await running.rows(
                "SELECT kind FROM happenings WHERE ticket_id = CAST(:id AS uuid) ORDER BY number", id=ticket
            )
        ]
        # whoever was second saw what the first had made
        assert (kinds[1:], row.status) in [(["resolved", "reopened"], "open"), (["joined", "resolved"], "resolved")]
        assert row.version == 3
        assert (row.resolved_at is None) is (row.status == "open")
