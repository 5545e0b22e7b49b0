"""Queues at a booth: who is called, by whom, how often, and who is sent on (FIELD B2, B6, B7)."""

import asyncio
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.services.intake.booths.given import B1, BUDI, SITI, call_next, described, do, post, press, read
from tests.services.intake.conftest import Running
from tests.services.intake.given import fields_of, problem_of


async def problem(running: Running, visit: Any, verb: str, who: dict[str, str] = BUDI, **form: Any) -> tuple[int, str]:
    """The refusal of a verb."""
    return problem_of(await post(running, f"/v1/visits/{visit['id']}/{verb}", who, **form))


# -- who is next ------------------------------------------------------------------------------------------------


async def test_priority_visitor_is_called_first_and_does_not_starve_the_rest(
    running: Running, clock: FrozenClock
) -> None:
    await described(running, policy={"priority_run": 2})
    for _ in range(2):
        await press(running)
    for priority in ("elderly", "disabled", "pregnant", "elderly", "elderly"):
        ahead = (await press(running, priority=priority))["waiting_ahead"]
    assert ahead == 6, "five priority visitors, and the two between them"
    order = []
    for _ in range(7):
        order.append((await call_next(running))["label"])
        clock.forward(seconds=1)
    assert order == ["A003", "A004", "A001", "A005", "A006", "A002", "A007"]


async def test_counter_calls_for_its_services_and_is_shown(running: Running) -> None:
    await described(running)
    for service in ("kartu-kuning", "pengaduan"):
        await press(running, service)
    first = await call_next(running, BUDI, "2")
    assert (first["label"], first["counter"], first["service"]) == ("B001", "2", "pengaduan")
    assert problem_of(await post(running, f"{B1}/call-next?next=true&counter=2")) == (404, "queue_empty")
    assert (await call_next(running, SITI, "1"))["label"] == "A001"


async def test_counter_that_the_booth_does_not_have_calls_nobody(running: Running) -> None:
    await described(running)
    visit = await press(running)
    for path in (f"{B1}/call-next?counter=7", f"/v1/visits/{visit['id']}/call?counter=7"):
        answer = await post(running, path)
        assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["counter"])
    assert (await read(running, visit))["status"] == "waiting"


# -- two at once ------------------------------------------------------------------------------------------------


async def test_visitor_whom_two_officers_call_by_hand_is_called_by_one(running: Running) -> None:
    visit = await press(running)
    path = f"/v1/visits/{visit['id']}/call"
    answers = await asyncio.gather(*(post(running, path, who) for who in (BUDI, SITI) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {problem_of(answer) for answer in answers if answer.status_code == 409} == {(409, "visit_not_waiting")}
    assert (await read(running, visit))["calls"] == 1


async def test_visitor_who_is_called_by_hand_and_as_the_next_is_called_once(running: Running) -> None:
    """Whoever is second gets a refusal, or somebody else."""
    for _ in range(5):
        visit, other = await press(running), await press(running)
        by_hand, following = await asyncio.gather(
            post(running, f"/v1/visits/{visit['id']}/call", SITI), post(running, f"{B1}/call-next?next=true", BUDI)
        )
        assert following.status_code == 200
        if by_hand.status_code == 200:
            assert following.json()["id"] == other["id"]
        else:
            assert problem_of(by_hand) == (409, "visit_not_waiting")
            assert following.json()["id"] == visit["id"]
        for each in (visit, other):
            if (await read(running, each))["status"] == "waiting":
                await do(running, each, "call")
            await do(running, each, "settle")


async def test_officers_who_call_the_next_together_call_different_visitors(running: Running) -> None:
    for _ in range(6):
        await press(running)
    calls = await asyncio.gather(*(call_next(running, who) for who in (BUDI, SITI) for _ in range(3)))
    assert sorted(visit["number"] for visit in calls) == [1, 2, 3, 4, 5, 6]


async def test_visitor_who_is_called_again_and_missed_at_once_is_one_of_the_two(
    running: Running, clock: FrozenClock
) -> None:
    visit = await press(running)
    await do(running, visit, "call", BUDI)
    clock.forward(minutes=2)
    missed, again = await asyncio.gather(
        post(running, f"/v1/visits/{visit['id']}/no-show", BUDI),
        post(running, f"/v1/visits/{visit['id']}/recall", SITI),
    )
    assert sorted((missed.status_code, again.status_code)) == [200, 409]
    assert (await read(running, visit))["status"] == ("waiting" if missed.status_code == 200 else "called")


async def test_settling_a_number_leaves_the_same_number_of_yesterday_alone(
    running: Running, clock: FrozenClock
) -> None:
    await described(running)
    yesterday = await press(running)
    await do(running, yesterday, "call")
    clock.forward(days=1)
    today = await press(running)
    assert today["label"] == yesterday["label"]
    await do(running, today, "call")
    await do(running, today, "settle")
    assert [(await read(running, each))["status"] for each in (yesterday, today)] == ["called", "settled"]


# -- who does not come ------------------------------------------------------------------------------------------


async def test_visitor_who_does_not_come_is_a_no_show_after_three_calls_and_may_come_back(
    running: Running, clock: FrozenClock
) -> None:
    await described(running)
    visit, other = await press(running), await press(running)
    clock.forward(minutes=1)
    assert (await call_next(running))["id"] == visit["id"]
    assert (await do(running, visit, "no-show"))["status"] == "waiting"
    assert await problem(running, visit, "call") == (409, "called_too_early")
    assert (await call_next(running, SITI))["id"] == other["id"], "he is not called before two minutes are over"
    clock.forward(minutes=2)
    assert (await call_next(running))["id"] == visit["id"], "he waited at his old place"
    clock.forward(minutes=1)
    early = await post(running, f"/v1/visits/{visit['id']}/recall")
    assert (problem_of(early), early.headers["retry-after"]) == ((409, "called_too_early"), "60")
    clock.forward(minutes=1)
    assert (await do(running, visit, "recall"))["calls"] == 3
    gone = await do(running, visit, "no-show")
    assert (gone["status"], gone["calls"]) == ("no_show", 3)
    assert await problem(running, visit, "settle") == (409, "visit_ended")
    newcomer = await press(running)
    clock.forward(minutes=30)
    assert (await do(running, visit, "return", running.key))["status"] == "waiting"
    back = await call_next(running)
    assert back["id"] == visit["id"], "before the newcomer, at his old place"
    assert back["called_at"] == "2026-03-13T02:01:00Z", "the five minutes count to the first call"
    assert (await do(running, newcomer, "call"))["status"] == "called"


async def test_no_show_may_not_come_back_after_the_grace_or_without_having_been_one(
    running: Running, clock: FrozenClock
) -> None:
    await described(running, policy={"calls_before_no_show": 1})
    visit = await press(running)
    assert await problem(running, visit, "return") == (409, "returned_too_late")
    await do(running, visit, "call")
    await do(running, visit, "no-show")
    clock.forward(minutes=30, seconds=1)
    assert await problem(running, visit, "return") == (409, "returned_too_late")


async def test_visitor_at_the_counter_is_neither_missed_nor_called_again(running: Running, clock: FrozenClock) -> None:
    visit = await press(running)
    assert await problem(running, visit, "arrive") == (409, "visit_not_at_turn")
    await do(running, visit, "call")
    assert (await do(running, visit, "arrive"))["arrived_at"] == "2026-03-13T02:00:00Z"
    clock.forward(minutes=5)
    assert [await problem(running, visit, verb) for verb in ("recall", "no-show")] == [(409, "visit_not_at_turn")] * 2
    assert (await do(running, visit, "settle"))["status"] == "settled"


# -- who is sent on ---------------------------------------------------------------------------------------------


async def test_visitor_who_is_sent_on_keeps_his_number_his_place_and_both_his_waits(
    running: Running, clock: FrozenClock
) -> None:
    await described(running)
    visit = await press(running, "kartu-kuning")
    clock.forward(minutes=1)
    later = await press(running, "pengaduan")
    clock.forward(minutes=1)
    await do(running, visit, "call")
    clock.forward(minutes=1)
    moved = await do(running, visit, "transfer", service="pengaduan")
    assert (moved["label"], moved["service"], moved["status"]) == ("A001", "pengaduan", "waiting")
    assert moved["taken_at"] == visit["taken_at"]
    clock.forward(minutes=1)
    called = await call_next(running, SITI, "2")
    assert called["id"] == visit["id"], f"he came before {later['label']}"
    assert called["called_at"] == "2026-03-13T02:02:00Z"
    assert (await read(running, visit))["waits"] == [
        {"service": "kartu-kuning", "queued_at": "2026-03-13T02:00:00Z", "called_at": "2026-03-13T02:02:00Z"},
        {"service": "pengaduan", "queued_at": "2026-03-13T02:03:00Z", "called_at": "2026-03-13T02:04:00Z"},
    ]


@pytest.mark.parametrize("is_called", [True, False])
async def test_visitor_who_cannot_be_sent_on_is_still_where_he_was(running: Running, is_called: bool) -> None:
    services = [
        {"name": "kartu-kuning", "prefix": "A"},
        {"name": "pengaduan", "prefix": "B"},
        {"name": "tutup", "prefix": "C", "is_open": False},
    ]
    await described(running, services=services)
    await press(running, "pengaduan", phone="0812-5550-1234")
    visit = await press(running, "kartu-kuning", phone="0812-5550-1234")
    if is_called:
        await do(running, visit, "call")
    before = await read(running, visit)
    refusals = {
        "pengaduan": (409, "already_waits_there"),
        "kartu-kuning": (409, "already_waits_there"),
        "tutup": (409, "service_closed"),
        "nothing": (422, "invalid"),
    }
    for service, expected in refusals.items():
        assert await problem(running, visit, "transfer", service=service) == expected
    assert await read(running, visit) == before


async def test_visitor_who_has_gone_is_not_sent_on(running: Running) -> None:
    await described(running)
    visit = await press(running)
    await do(running, visit, "call")
    await do(running, visit, "settle")
    assert await problem(running, visit, "transfer", service="pengaduan") == (409, "visit_ended")


async def test_verb_of_a_visit_that_never_was_is_not_found(running: Running) -> None:
    nobody = {"id": "019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f"}
    for verb in ("call", "recall", "arrive", "no-show", "return", "print"):
        assert await problem(running, nobody, verb) == (404, "not_found")
    assert await problem(running, nobody, "transfer", service="pengaduan") == (404, "not_found")
