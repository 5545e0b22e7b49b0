"""The booth (docs/domain.md, "Booths"): a number from the dispenser, called in time, settled or escalated."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.intake.service.booths import Booths
from services.intake.service.queues import Desk, Queues
from shared.clock import utcnow
from shared.events import ContactReceived
from shared.ids import new_id
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS, FrozenClock, eventually
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, events_in_outbox, fields_of, problem_of, rows

VISITS, NEXT = "/v1/booths/B1/visits", "/v1/booths/B1/call-next"
ANOTHER = f"{NEXT}?next=true"
WAITING = """
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
CITIZEN = {"name": "Warga Satu", "phone": "0812-5550-1234", "body": "Sertifikat belum muncul."}


async def press(running: Running, path: str = VISITS) -> Any:
    """What the dispenser gets for one press of its button."""
    answer = await running.http.post(path, headers=running.key, json={})
    assert answer.status_code == 201
    return answer.json()


async def called(running: Running, staff: dict[str, str], path: str = ANOTHER, key: str | None = None) -> Any:
    """The visitor whom the officer calls."""
    named = {"Idempotency-Key": key} if key else {}
    answer = await running.http.post(path, headers={**staff, **named})
    assert answer.status_code == 200
    return answer.json()


def officer(name: str) -> dict[str, str]:
    """The header of the officer `name`."""
    token = StaffTokens(SECRETS).issue(name, ["agent"], utcnow(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


async def at_the_booth(running: Running, staff: dict[str, str]) -> Any:
    """A visitor who was called."""
    await press(running)
    return await called(running, staff)


async def end(
    running: Running, staff: dict[str, str], visit: Any, verb: str, form: dict[str, str] | None = None
) -> Any:
    return await running.http.post(f"/v1/visits/{visit['id']}/{verb}", headers=staff, json=form or {})


# -- numbers ----------------------------------------------------------------------------------------------------


async def test_numbers_count_from_one_and_say_how_many_wait(running: Running) -> None:
    visits = [await press(running) for _ in range(3)]
    assert [visit["number"] for visit in visits] == [1, 2, 3]
    assert [visit["waiting_ahead"] for visit in visits] == [0, 1, 2]
    assert {visit["status"] for visit in visits} == {"waiting"}
    assert len({visit["tracking_code"] for visit in visits}) == 3


async def test_button_sends_no_body_at_all(running: Running) -> None:
    answer = await running.http.post(VISITS, headers=running.key)
    assert (answer.status_code, answer.json()["number"]) == (201, 1)


async def test_visitor_must_be_called_within_five_minutes(running: Running) -> None:
    visit = await press(running)
    assert (visit["taken_at"], visit["call_due_at"]) == ("2026-03-13T02:00:00Z", "2026-03-13T02:05:00Z")


async def test_presses_at_once_are_numbers_of_their_own(running: Running) -> None:
    visits = await asyncio.gather(*(press(running) for _ in range(30)))
    assert sorted(visit["number"] for visit in visits) == list(range(1, 31))
    assert sorted(visit["waiting_ahead"] for visit in visits) == list(range(30))


async def test_booth_counts_for_itself(running: Running) -> None:
    await press(running)
    assert (await press(running, "/v1/booths/B2/visits"))["number"] == 1


async def test_new_day_begins_at_one_and_leaves_yesterday_alone(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    clock.forward(hours=14, minutes=59)  # 23:59 in Jakarta
    assert [(await press(running))["number"] for _ in range(2)] == [1, 2]
    clock.forward(minutes=1)
    assert problem_of(await running.http.post(NEXT, headers=staff)) == (404, "queue_empty")
    today = await press(running)
    assert (today["number"], today["waiting_ahead"]) == (1, 0)
    assert (await called(running, staff))["id"] == today["id"]


async def test_press_that_is_sent_again_is_one_number(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(running.http.post(VISITS, headers=headers, json={}) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await count(running.service.db, "visits") == 1
    assert (await press(running))["number"] == 2


@pytest.mark.parametrize(("path", "form"), [(VISITS, {"body": "Lain"}), ("/v1/booths/B2/visits", {})])
async def test_key_of_another_press_is_refused(running: Running, path: str, form: dict[str, str]) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    await running.http.post(VISITS, headers=headers, json={})
    answer = await running.http.post(path, headers=headers, json=form)
    assert problem_of(answer) == (422, "idempotency_key_reused")
    assert await count(running.service.db, "visits") == 1


# -- calling ----------------------------------------------------------------------------------------------------


async def test_visitor_who_waited_longest_is_called_first(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    waiting = [await press(running) for _ in range(3)]
    clock.forward(minutes=2)
    calls = [await called(running, staff) for _ in range(3)]
    assert [visit["id"] for visit in calls] == [visit["id"] for visit in waiting]
    assert {(visit["status"], visit["called_at"]) for visit in calls} == {("called", "2026-03-13T02:02:00Z")}


async def test_officers_never_get_the_same_visitor(running: Running) -> None:
    for _ in range(10):
        await press(running)
    calls = await asyncio.gather(*(called(running, officer(f"officer{n}"), NEXT) for n in range(6)))
    assert sorted(visit["number"] for visit in calls) == [1, 2, 3, 4, 5, 6]
    assert (await press(running))["waiting_ahead"] == 4


async def test_queue_is_empty_when_nobody_waits(running: Running, staff: dict[str, str]) -> None:
    await press(running, "/v1/booths/B2/visits")
    assert problem_of(await running.http.post(NEXT, headers=staff)) == (404, "queue_empty")


async def test_officers_beyond_the_visitors_get_nobody(running: Running, staff: dict[str, str]) -> None:
    await press(running)
    answers = await asyncio.gather(*(running.http.post(NEXT, headers=officer(f"officer{n}")) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


# -- calling again ----------------------------------------------------------------------------------------------


async def test_call_next_returns_the_visitor_who_was_called_and_has_not_ended(
    running: Running, staff: dict[str, str]
) -> None:
    """So an officer whose answer was lost has not left a visitor standing whom nobody sees."""
    first, second = [await press(running) for _ in range(2)]
    calls = [await called(running, staff, NEXT) for _ in range(3)]
    assert [visit["id"] for visit in calls] == [first["id"]] * 3
    assert calls[0] == calls[2]
    await end(running, staff, first, "settle")
    assert (await called(running, staff, NEXT))["id"] == second["id"]


async def test_call_next_at_once_by_one_officer_is_one_visitor(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    """The second waits until the first has committed, and then finds the visitor whom that one called."""
    first, _ = [await press(running) for _ in range(2)]
    queues = Queues(booths=Booths(zone="Asia/Jakarta"))
    async with running.service.db.transaction() as session:
        await queues.call_next(session, "B1", Desk("staff:test"), clock())
        second = asyncio.create_task(called(running, staff, NEXT))

        async def waits_or_has_ended() -> bool:
            return second.done() or bool(await rows(running.service.db, WAITING))

        await eventually(waits_or_has_ended)
    assert (await second)["id"] == first["id"]
    assert (await rows(running.service.db, "SELECT count(*) FROM intake.visits WHERE status = 'called'"))[0][0] == 1


async def test_call_next_returns_nobody_elses_visitor(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    """Not another officer's, not another booth's, not yesterday's."""
    await at_the_booth(running, officer("other"))
    await press(running, "/v1/booths/B2/visits")
    await called(running, staff, "/v1/booths/B2/call-next")
    mine = await press(running)
    assert (await called(running, staff, NEXT))["id"] == mine["id"]
    clock.forward(days=1)
    assert problem_of(await running.http.post(NEXT, headers=staff)) == (404, "queue_empty")


async def test_call_next_calls_another_on_request(running: Running, staff: dict[str, str]) -> None:
    for _ in range(3):
        await press(running)
    paths = (NEXT, ANOTHER, NEXT, f"{NEXT}?next=false", ANOTHER, NEXT)
    assert [(await called(running, staff, path))["number"] for path in paths] == [1, 2, 2, 2, 3, 3]


async def test_call_next_with_a_key_is_one_visitor_and_with_a_new_one_the_next(
    running: Running, staff: dict[str, str]
) -> None:
    for _ in range(3):
        await press(running)
    calls = await asyncio.gather(*(called(running, staff, NEXT, key="k-1") for _ in range(4)))
    assert {visit["number"] for visit in calls} == {1}
    await end(running, staff, calls[0], "settle")
    assert await called(running, staff, NEXT, key="k-1") == calls[0], "it was the first answer, and it stays that"
    assert [(await called(running, staff, NEXT, key=key))["number"] for key in ("k-2", "k-3", "k-2")] == [2, 3, 2]


async def test_call_next_with_a_key_may_be_tried_again_when_nobody_waited(
    running: Running, staff: dict[str, str]
) -> None:
    named = {**staff, "Idempotency-Key": "k-1"}
    assert problem_of(await running.http.post(NEXT, headers=named)) == (404, "queue_empty")
    await press(running)
    assert (await called(running, staff, NEXT, key="k-1"))["number"] == 1


# -- ending -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["settle", "escalate"])
async def test_visitor_who_was_not_called_cannot_be_served(running: Running, staff: dict[str, str], verb: str) -> None:
    answer = await end(running, staff, await press(running), verb, CITIZEN)
    assert problem_of(answer) == (409, "visit_not_called")
    assert await events_in_outbox(running.service.db) == []


@pytest.mark.parametrize("verb", ["settle", "escalate"])
async def test_visit_ends_once(running: Running, staff: dict[str, str], verb: str) -> None:
    visit = await at_the_booth(running, staff)
    assert (await end(running, staff, visit, "settle")).status_code == 200
    assert problem_of(await end(running, staff, visit, verb, CITIZEN)) == (409, "visit_ended")
    assert len(await events_in_outbox(running.service.db)) == 1


async def test_visit_that_several_officers_end_ends_once(running: Running, staff: dict[str, str]) -> None:
    visit = await at_the_booth(running, staff)
    answers = await asyncio.gather(*(end(running, staff, visit, "settle") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await events_in_outbox(running.service.db)) == 1


@pytest.mark.parametrize(("verb", "outcome"), [("settle", "settled"), ("escalate", "escalated")])
async def test_event_says_how_the_visit_ended(
    running: Running, staff: dict[str, str], clock: FrozenClock, verb: str, outcome: str
) -> None:
    visit = await at_the_booth(running, staff)
    clock.forward(minutes=7)
    ended = (await end(running, staff, visit, verb, CITIZEN)).json()
    assert (ended["status"], ended["ended_at"]) == (outcome, "2026-03-13T02:07:00Z")
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (event.data.outcome, event.data.channel, event.data.body) == (outcome, "booth", CITIZEN["body"])
    assert (str(event.data.contact_id), str(event.data.visit_id)) == (ended["contact_id"], ended["id"])
    assert (event.data.tracking_code, event.subject) == (visit["tracking_code"], visit["id"])
    assert event.data.citizen.phone == "+6281255501234"
    assert event.data.received_at.isoformat() == "2026-03-13T02:00:00+00:00"


@pytest.mark.parametrize("verb", ["settle", "escalate"])
async def test_end_with_a_key_is_one_end_and_one_answer(running: Running, staff: dict[str, str], verb: str) -> None:
    visit, named = await at_the_booth(running, staff), {**staff, "Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(end(running, named, visit, verb, CITIZEN) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == ["", "true", "true", "true"]
    assert len(await events_in_outbox(running.service.db)) == 1
    other = await end(running, named, visit, verb, {**CITIZEN, "name": "Warga Dua"})
    assert problem_of(other) == (422, "idempotency_key_reused")


async def test_visitor_who_cannot_be_notified_is_not_escalated(running: Running, staff: dict[str, str]) -> None:
    visit = await at_the_booth(running, staff)
    answer = await end(running, staff, visit, "escalate", {"name": "Warga Satu", "body": "Gagal transfer."})
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer) == ["phone", "email"]
    assert await events_in_outbox(running.service.db) == []
    assert (await end(running, staff, visit, "escalate", {"email": "warga@surel.example"})).status_code == 200


async def test_visit_that_is_settled_needs_no_way_to_notify(running: Running, staff: dict[str, str]) -> None:
    visit = await at_the_booth(running, staff)
    assert (await running.http.post(f"/v1/visits/{visit['id']}/settle", headers=staff)).status_code == 200


async def test_fields_of_the_dispenser_stay_unless_the_officer_sends_them_anew(
    running: Running, staff: dict[str, str]
) -> None:
    form = {**CITIZEN, "email": "lama@surel.example", "programme_number": "3201000000001234"}
    await running.http.post(VISITS, headers=running.key, json=form)
    visit = await called(running, staff)
    await end(running, staff, visit, "escalate", {"email": "baru@surel.example"})
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    citizen = event.data.citizen
    assert (citizen.name, citizen.phone, citizen.email) == ("Warga Satu", "+6281255501234", "baru@surel.example")
    assert event.data.programme_number_last4 == "1234"
    [row] = await rows(running.service.db, "SELECT status, email, called_by FROM intake.visits")
    assert (row.status, row.email, row.called_by) == ("escalated", "baru@surel.example", "staff:test")


async def test_visit_that_never_was_is_not_found(running: Running, staff: dict[str, str]) -> None:
    answer = await end(running, staff, {"id": str(new_id())}, "settle")
    assert problem_of(answer) == (404, "not_found")
