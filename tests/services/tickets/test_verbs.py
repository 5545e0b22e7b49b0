"""The service answers, escalates and resolves: what changes, who hears of it, and when it is refused."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from shared.caller import Role
from shared.clock import utcnow
from shared.events import TicketEscalated, TicketReplied, TicketResolved
from shared.ids import new_id
from shared.secret import Secrets
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS, staff_header
from tests.services.tickets.conftest import Running, faults, refusal

AGENT = staff_header("agent")
VERBS = ("reply", "escalate", "resolve")
BODIES: dict[str, dict[str, Any]] = {"reply": {"body": "Kami periksa."}, "escalate": {}, "resolve": {}}


async def do(http: httpx.AsyncClient, ticket: object, verb: str, body: Any = None, **headers: str) -> httpx.Response:
    """What tickets answers to an agent."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.post(
        f"/v1/tickets/{ticket}/{verb}", headers={**AGENT, **named}, json=BODIES[verb] if body is None else body
    )


async def state(running: Running) -> tuple[Any, ...]:
    """The one ticket, and how much was written about it."""
    (row,) = await running.rows("""
        SELECT status, version, escalation_level, unit, (SELECT count(*) FROM entries), (SELECT count(*) FROM audit),
               (SELECT count(*) FROM outbox) FROM tickets
    """)
    return tuple(row)


# -- what the verbs do ------------------------------------------------------------------------------------------


async def test_reply_is_an_entry_and_an_event(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    running.clock.forward(hours=2)
    answer = await do(http, ticket, "reply", {"body": "  Kami periksa.  "})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    shown = answer.json()
    assert (shown["status"], shown["status_category"], shown["version"]) == ("answered", "waiting", 2)
    assert shown["first_replied_at"] == "2026-03-13T11:00:00+07:00"
    (entry,) = await running.rows("SELECT * FROM entries WHERE author = 'agent'")
    told = (await running.published())[-1]
    assert isinstance(told, TicketReplied)
    assert (told.data.reply_id, told.data.body, entry.body) == (entry.id, "Kami periksa.", "Kami periksa.")
    assert (told.sequence, told.time, str(told.data.ticket_id)) == (2, running.clock(), ticket)


async def test_escalation_owes_the_citizen_the_due_date(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    shown = (await do(http, ticket, "escalate", {"unit": "Setjen", "reason": "perlu data bank"})).json()
    assert (shown["status"], shown["escalation_level"], shown["unit"]) == ("escalated", 1, "setjen")
    assert shown["resolution_due_at"] == "2026-03-20T23:59:59+07:00"
    told = (await running.published())[-1]
    assert isinstance(told, TicketEscalated)
    assert (told.data.unit, told.data.reason, told.data.escalation_level) == ("setjen", "perlu data bank", 1)


async def test_escalation_needs_no_body_and_keeps_the_unit(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answer = await http.post(f"/v1/tickets/{ticket}/escalate", headers=AGENT)
    assert (answer.status_code, answer.json()["unit"]) == (200, "prakerja-pencairan")


async def test_unit_that_takes_over_is_named_in_one_line(running: Running, http: httpx.AsyncClient) -> None:
    await http.put("/v1/units/setjen-ppid", headers=staff_header("supervisor"), json={"name": " Setjen \t PPID "})
    shown = (await do(http, await running.bring(), "escalate", {"unit": "  Setjen   PPID "})).json()
    assert (shown["unit"], shown["unit_name"]) == ("setjen-ppid", "Setjen PPID")


async def test_resolving_with_a_last_word_says_it(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    running.clock.forward(days=1)
    shown = (await do(http, ticket, "resolve", {"body": "Insentif sudah masuk."})).json()
    assert (shown["status"], shown["resolved_at"]) == ("resolved", "2026-03-14T09:00:00+07:00")
    told = (await running.published())[-1]
    assert isinstance(told, TicketResolved)
    assert (told.data.answer, told.data.resolved_at) == ("Insentif sudah masuk.", running.clock())
    entries = await running.rows("SELECT body FROM entries WHERE author = 'agent'")
    assert [entry.body for entry in entries] == ["Insentif sudah masuk."]


async def test_resolving_without_a_last_word_adds_no_line(running: Running, http: httpx.AsyncClient) -> None:
    for body in ({}, {"body": ""}, {"body": "  "}):
        assert (await do(http, await running.bring(), "resolve", body)).json()["status"] == "resolved"
    assert await running.rows("SELECT * FROM entries WHERE author = 'agent'") == []


async def test_case_goes_its_way_and_each_step_is_one_version_and_one_event(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    for verb in ("reply", "escalate", "reply", "escalate", "resolve"):
        assert (await do(http, ticket, verb)).status_code == 200
    assert [(event.sequence, event.type) for event in await running.published()] == [  # type: ignore[attr-defined]
        (1, "ticket.opened"),
        (2, "ticket.replied"),
        (3, "ticket.escalated"),
        (4, "ticket.replied"),
        (5, "ticket.escalated"),
        (6, "ticket.resolved"),
    ]
    assert [row.version for row in await running.rows("SELECT version FROM audit ORDER BY id")] == [1, 2, 3, 4, 5, 6]


# -- refusals: nothing is written -------------------------------------------------------------------------------


async def test_ticket_that_is_not_there_is_not_found(running: Running, http: httpx.AsyncClient) -> None:
    for verb in VERBS:
        refusal(await do(http, new_id(), verb), 404, "not_found")


async def test_resolved_ticket_takes_no_more(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    await do(http, ticket, "resolve")
    before = await state(running)
    for verb in VERBS:
        refusal(await do(http, ticket, verb), 409, "ticket_resolved")
    assert await state(running) == before


async def test_there_is_nobody_above_level_three(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    levels = [(await do(http, ticket, "escalate")).json()["escalation_level"] for _ in range(3)]
    assert levels == [1, 2, 3]
    refusal(await do(http, ticket, "escalate"), 409, "highest_level")
    assert (await state(running))[:3] == ("escalated", 4, 3)


async def test_bad_field_is_named_and_nothing_is_written(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    before = await state(running)
    tried: list[tuple[str, Any, str]] = [
        ("reply", {}, "body"),
        ("reply", {"body": ""}, "body"),
        ("reply", {"body": "   "}, "body"),
        ("reply", {"body": "x" * 20_001}, "body"),
        ("reply", {"body": 7}, "body"),
        ("reply", {"body": "Ya.", "colour": "red"}, "colour"),
        ("reply", ["Ya."], "body"),
        ("reply", {"body": "a\0b"}, "body"),
        ("escalate", {"unit": ""}, "unit"),
        ("escalate", {"unit": "x" * 201}, "unit"),
        ("escalate", {"unit": "a\0b"}, "unit"),
        ("escalate", {"unit": "Setjen\nBcc: x"}, "unit"),
        ("escalate", {"unit": "Set\u202ejen"}, "unit"),
        ("escalate", {"reason": "x" * 501}, "reason"),
        ("resolve", {"body": "x" * 20_001}, "body"),
        ("resolve", {"answer": "Ya."}, "answer"),
    ]
    for verb, body, field in tried:
        assert faults(await do(http, ticket, verb, body)) == [field], (verb, body)
    assert await state(running) == before


async def test_what_is_not_json_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    headers = {**AGENT, "Content-Type": "application/json"}
    answer = await http.post(f"/v1/tickets/{await running.bring()}/reply", headers=headers, content=b'{"body": ')
    assert faults(answer) == ["body"]


async def test_body_that_is_too_long_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    answer = await do(http, await running.bring(), "reply", {"body": "x" * 300_000})
    assert faults(answer, 413, "body_too_large") == ["body"]


# -- two at once ------------------------------------------------------------------------------------------------


async def test_who_read_the_present_version_may_change_it(running: Running, http: httpx.AsyncClient) -> None:
    for verb in VERBS:
        for etag in ('"1"', 'W/"1"', "*"):
            answer = await do(http, await running.bring(), verb, If_Match=etag)
            assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), (verb, etag)


async def test_who_read_an_older_version_is_told_so(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    read = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).headers["etag"]
    await do(http, ticket, "reply")
    before = await state(running)
    for verb in VERBS:
        problem = refusal(await do(http, ticket, verb, If_Match=read), 412, "version_conflict")
        assert [(error["field"], error["expected"]) for error in problem["errors"]] == [("If-Match", '"2"')]
    assert await state(running) == before


async def test_etag_that_is_not_ours_is_invalid(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    for etag in ("1", '"one"', '"1", "2"', '""', '"-1"'):
        assert faults(await do(http, ticket, "reply", If_Match=etag)) == ["If-Match"], etag


async def test_of_two_who_read_the_same_version_one_is_first(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answers = await asyncio.gather(*(do(http, ticket, "reply", If_Match='"1"') for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    assert (await state(running))[:2] == ("answered", 2)


async def test_two_who_do_not_ask_for_a_version_both_count(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answers = await asyncio.gather(*(do(http, ticket, "reply") for _ in range(5)))
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6]


# -- who may ----------------------------------------------------------------------------------------------------


async def test_who_works_at_the_desk_may(running: Running, http: httpx.AsyncClient) -> None:
    roles: tuple[Role, ...] = ("agent", "unit_head", "supervisor", "admin")
    for role in roles:
        ticket = await running.bring()
        for verb in VERBS:
            answer = await http.post(f"/v1/tickets/{ticket}/{verb}", headers=staff_header(role), json=BODIES[verb])
            assert answer.status_code == 200, (role, verb)


async def test_officer_may_look_but_not_act(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    before = await state(running)
    for verb in VERBS:
        who = staff_header("officer", "auditor")
        answer = await http.post(f"/v1/tickets/{ticket}/{verb}", headers=who, json=BODIES[verb])
        refusal(answer, 403, "forbidden")
    assert await state(running) == before


async def test_without_a_token_nothing_is_looked_at(running: Running, http: httpx.AsyncClient) -> None:
    """Not even whether the ticket is there, or the form is right."""
    ticket = await running.bring()
    for verb in VERBS:
        for path, form in ((ticket, BODIES[verb]), (new_id(), {"colour": "red"}), ("42", [])):
            refusal(await http.post(f"/v1/tickets/{path}/{verb}", json=form), 401, "unauthenticated")


async def test_token_that_is_expired_foreign_or_none_at_all_is_refused(
    running: Running, http: httpx.AsyncClient
) -> None:
    hour = timedelta(hours=1)
    expired = StaffTokens(SECRETS).issue("late", ["agent"], utcnow() - 2 * hour, hour)
    others = Secrets(("the secret of another installation as long",))
    foreign = StaffTokens(others).issue("x", ["agent"], utcnow(), hour)
    ticket = await running.bring()
    for token in (expired, foreign, "sa_000000000000_not-a-key"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.post(f"/v1/tickets/{ticket}/reply", headers=headers, json={"body": "Ya."})
        refusal(answer, 401, "unauthenticated")


@pytest.mark.parametrize("roles", [None, "agent", {"agent": 1}, 7, [None]])
async def test_token_whose_roles_are_no_list_of_words_is_no_token_of_ours(
    running: Running, http: httpx.AsyncClient, roles: object
) -> None:
    key = SECRETS.key("staff tokens")
    now = utcnow()
    claims = {
        "sub": "x",
        "iss": "satuatap",
        "aud": "staff",
        "iat": now,
        "exp": now + timedelta(hours=1),
        "roles": roles,
    }
    headers = {"Authorization": f"Bearer {jwt.encode(claims, key, algorithm='HS256')}"}
    answer = await http.post(f"/v1/tickets/{await running.bring()}/reply", headers=headers, json={"body": "Ya."})
    refusal(answer, 401, "unauthenticated")
