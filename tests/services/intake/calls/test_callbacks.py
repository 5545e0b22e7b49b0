"""Call-backs: one open for each number, claimed by one, ended when the citizen is reached or reaches us."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.callbacks import next_calling
from services.intake.domain.hours import Hours, hours_of, standing
from tests.conftest import FrozenClock
from tests.services.intake.calls.given import NINE, NUMBER, abandon, calls, do, listed, officer, open_call, tell
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of, rows

HOURS = hours_of("mon-sun 08:00-20:00", "Asia/Jakarta")


async def test_callback_is_one_for_each_number_and_ends_when_he_reaches_us_himself(running: Running) -> None:
    """P3: he gives up at 10:00, 10:04 and 10:09, and is answered at 10:12."""
    for minute in (0, 4, 9):
        await abandon(running, f"k-{minute}", minute)
    [callback] = await listed(running)
    assert (callback["number"], callback["calls"]) == (NUMBER, 3)
    await open_call(running, "k-12")
    await tell(running, "answered", 12 * 60, "k-12")
    assert await listed(running) == []
    assert [one["id"] for one in await listed(running, "came_back")] == [callback["id"]]


async def test_callback_is_one_when_several_calls_are_given_up_at_once(running: Running) -> None:
    await asyncio.gather(*(abandon(running, f"k-{number}", number) for number in range(6)))
    [callback] = await listed(running)
    assert callback["calls"] == 6


async def test_callback_that_two_claim_at_once_is_given_to_one(running: Running) -> None:
    await abandon(running, "k-1")
    [callback] = await listed(running)
    answers = await asyncio.gather(*(do(running, callback, "claim", f"agent-{number}") for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert problem_of(lost) == (409, "callback_claimed")


async def test_callback_that_is_claimed_still_counts_later_calls_and_ends_when_he_comes_back(running: Running) -> None:
    await abandon(running, "k-1")
    [callback] = await listed(running)
    await do(running, callback, "claim")
    await abandon(running, "k-2", 5)
    [claimed] = await listed(running, "claimed")
    assert claimed["calls"] == 2
    await tell(running, "answered", 600, "k-3")
    assert [one["status"] for one in await listed(running, "claimed")] == ["claimed"], "that was another caller"


async def test_callback_is_told_of_by_who_claimed_it_only(running: Running) -> None:
    await abandon(running, "k-1")
    [callback] = await listed(running)
    assert problem_of(await do(running, callback, "reached")) == (409, "callback_not_claimed")
    await do(running, callback, "claim")
    assert problem_of(await do(running, callback, "reached", "budi")) == (409, "callback_not_claimed")
    assert (await do(running, callback, "reached")).json()["status"] == "reached"
    assert problem_of(await do(running, callback, "failed")) == (409, "callback_ended")
    assert problem_of(await do(running, callback, "claim")) == (409, "callback_ended")


async def test_callback_that_failed_is_tried_again_later_and_three_times_in_all(
    running: Running, clock: FrozenClock
) -> None:
    await abandon(running, "k-1")
    [callback] = await listed(running)
    for status in ("open", "open", "failed"):
        await do(running, callback, "claim")
        tried = await do(running, callback, "failed")
        assert tried.json()["status"] == status
        if status == "open":
            assert problem_of(await do(running, callback, "claim")) == (409, "callback_too_early")
        clock.forward(hours=1)
    await abandon(running, "k-2", 400)
    assert [one["calls"] for one in await listed(running)] == [1], "who gives up again is called again"


async def test_callback_waits_outside_of_the_hours(running: Running, clock: FrozenClock) -> None:
    clock.forward(hours=11)
    await abandon(running, "k-1")
    [callback] = await listed(running)
    assert callback["due_at"] == "2026-03-14T01:00:00Z"
    assert problem_of(await do(running, callback, "claim")) == (409, "callback_too_early")
    clock.forward(hours=12)
    assert (await do(running, callback, "claim")).status_code == 200


@pytest.mark.parametrize(
    ("caller", "why"),
    [("anonymous", "withheld"), ("+266696687", "withheld"), ("", "withheld"), ("112", "not_a_number")],
)
async def test_callback_is_owed_to_nobody_who_cannot_be_called_and_the_answer_says_why(
    running: Running, caller: str, why: str
) -> None:
    """P7: the call counts like any other."""
    await abandon(running, "k-1", caller=caller)
    assert await listed(running) == []
    [call] = await calls(running)
    assert (call.outcome, call.callback_id) == ("abandoned", None)
    assert (await tell(running, "ended", 60, "k-1"))["no_callback"] == why


async def test_callback_of_a_landline_is_as_any_other(running: Running) -> None:
    await abandon(running, "k-1", caller="021-525 5733")
    assert [one["number"] for one in await listed(running)] == ["+62215255733"]


async def test_callback_is_withdrawn_when_it_turns_out_that_he_was_answered(running: Running) -> None:
    await open_call(running)
    await tell(running, "queued", 0, queue="umum")
    await tell(running, "ended", 60)
    assert len(await listed(running)) == 1
    await tell(running, "answered", 20, queue="umum")
    assert await listed(running) == []
    [callback] = await rows(running.service.db, "SELECT * FROM intake.callbacks")
    assert (callback.status, callback.calls) == ("withdrawn", 0)


async def test_callback_is_not_opened_for_who_was_answered_since(running: Running) -> None:
    """What was told late is of a call before that."""
    await open_call(running, "k-2")
    await tell(running, "answered", 720, "k-2")
    await abandon(running, "k-1", 0)
    assert await listed(running) == []


async def test_callbacks_are_listed_page_by_page(running: Running) -> None:
    for number in range(3):
        await abandon(running, f"k-{number}", number, f"+628125550120{number}")
    pages: list[list[str]] = []
    cursor = None
    while cursor is not None or not pages:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await running.http.get("/v1/callbacks", headers=officer("siti"), params=query)).json()
        pages.append([one["number"][-1] for one in page["items"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(number for page in pages for number in page) == ["0", "1", "2"]


@pytest.mark.parametrize("cursor", ["x", "f" * 32, "A" * 32, "f_______________________________"])
async def test_callbacks_by_a_cursor_that_is_none_of_ours_are_refused_or_empty(running: Running, cursor: str) -> None:
    answer = await running.http.get("/v1/callbacks", headers=officer("siti"), params={"cursor": cursor})
    assert answer.status_code == 200 or problem_of(answer) == (422, "invalid")


async def test_callbacks_are_for_staff_only(running: Running) -> None:
    assert problem_of(await running.http.get("/v1/callbacks", headers=running.key)) == (403, "forbidden")


@given(
    st.integers(0, 366 * 86_400).map(lambda seconds: NINE + timedelta(seconds=seconds)),
    st.sampled_from([HOURS, hours_of("mon-sun 22:00-06:00", "Asia/Jayapura"), hours_of("always", "Asia/Jakarta")]),
)
def test_next_calling_time_is_within_the_hours_and_no_more_than_the_time_between_them_away(
    now: datetime, hours: Hours
) -> None:
    following = next_calling(hours, now)
    assert standing(hours, following).is_open
    assert timedelta() <= following - now <= timedelta(hours=16)
    assert following == now or following.astimezone(hours.zone).time() == hours.week[0].opens
