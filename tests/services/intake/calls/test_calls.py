"""A call by our own dialect: it comes in, digits are typed, events are told, and there is one row."""

import asyncio
from itertools import permutations

import pytest

from tests.services.intake.calls.given import NUMBER, calls, open_call, spoken, tell, type_digits
from tests.services.intake.conftest import Running
from tests.services.intake.given import fields_of, problem_of, rows


async def test_call_goes_from_the_menu_to_an_officer_and_ends_and_is_one_row(running: Running) -> None:
    greeting = await open_call(running)
    assert "Selamat datang" in spoken(greeting)
    assert greeting["gather"] == {"digits": 1, "timeout_seconds": 5, "finish_on": "#"}
    queue = await type_digits(running, "2")
    assert (queue["gather"], queue["next"]["action"], queue["next"]["queue"]) == (None, "queue", "umum")
    await tell(running, "queued", 10, queue="umum")
    await tell(running, "ringing", 15, agent="siti")
    await tell(running, "answered", 18, agent="siti", queue="umum")
    ended = await tell(running, "ended", 90)
    assert (ended["status"], ended["outcome"], ended["is_incomplete"]) == ("ended", "answered", False)
    [call] = await calls(running)
    assert (call.caller, call.account, call.status, call.outcome) == (NUMBER, "1708", "ended", "answered")


async def test_call_that_comes_in_twice_is_one_call(running: Running) -> None:
    first, again = await open_call(running), await open_call(running)
    assert first == again
    assert len(await calls(running)) == 1
    named = [await open_call(running, "k-78", **{"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert named[0] == named[1]


async def test_digits_of_a_call_that_nobody_opened_are_not_found(running: Running) -> None:
    answer = await running.http.post("/v1/calls/none/digits", headers=running.key, json={"digits": "1"})
    assert problem_of(answer) == (404, "not_found")


async def test_digits_of_a_call_that_has_ended_are_refused(running: Running) -> None:
    await open_call(running)
    await tell(running, "ended", 5)
    answer = await running.http.post("/v1/calls/k-77/digits", headers=running.key, json={"digits": "1"})
    assert problem_of(answer) == (409, "call_ended")


async def test_call_that_ended_before_it_came_in_hears_nothing(running: Running) -> None:
    await tell(running, "ended", 5)
    turn = await open_call(running)
    assert (turn["say"], turn["gather"], turn["next"]["action"]) == ([], None, "hangup")


async def test_call_is_told_of_by_integrations_with_its_scope_only(running: Running) -> None:
    assert problem_of(await running.http.post("/v1/calls", json={})) == (401, "unauthenticated")


async def test_call_without_a_zone_in_its_moment_is_refused(running: Running) -> None:
    form = {"call_id": "k-1", "from": NUMBER, "to": "1708", "at": "2026-03-13T09:00:00"}
    answer = await running.http.post("/v1/calls", headers=running.key, json=form)
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer) == ["at"]


TOLD = (("queued", 0), ("answered", 20), ("ended", 80))


@pytest.mark.parametrize("chosen", [p for n in (1, 2, 3) for p in permutations(TOLD, n)])
async def test_call_is_one_row_whatever_is_told_of_it_and_in_what_order(
    running: Running, chosen: tuple[tuple[str, int], ...]
) -> None:
    for kind, seconds in (*chosen, *chosen):
        await tell(running, kind, seconds, queue="umum")
    [call] = await calls(running)
    kinds = {kind for kind, _ in chosen}
    assert (call.status == "ended", call.answered_at is not None) == ("ended" in kinds, "answered" in kinds)
    assert call.is_incomplete
    if {"queued", "answered"} <= kinds:
        assert call.wait_seconds == 20


async def test_call_of_which_much_is_told_at_once_is_one_row(running: Running) -> None:
    told = [tell(running, kind, seconds, queue="umum") for kind, seconds in TOLD for _ in range(3)]
    await asyncio.gather(*told, *(open_call(running) for _ in range(3)))
    [call] = await calls(running)
    assert (call.outcome, call.wait_seconds) == ("answered", 20)


async def test_calls_at_once_are_all_counted(running: Running) -> None:
    async def one(call_id: str) -> None:
        for kind, seconds in TOLD:
            await tell(running, kind, seconds, call_id, queue="umum")

    await asyncio.gather(*(one(f"k-{number}") for number in range(12)))
    assert [call.outcome for call in await calls(running)] == ["answered"] * 12
    sql = "SELECT sum(count) AS n FROM call_tallies WHERE queue = 'umum' AND figure = 'answered' AND seconds = 20"
    assert [row.n for row in await rows(running.service.db, sql)] == [12]


async def test_call_answered_without_a_queue_waited_since_it_rang(running: Running) -> None:
    await open_call(running)
    await tell(running, "ringing", 5)
    await tell(running, "answered", 17)
    [call] = await calls(running)
    assert call.wait_seconds == 12
