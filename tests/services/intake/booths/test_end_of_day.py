"""The end of a booth's day: nothing waits for ever, and each visit ends with its own reason (FIELD B5)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from shared.events import ContactReceived
from tests.conftest import FrozenClock
from tests.services.intake.booths.given import B1, BUDI, call_next, clock_of, described, do, post, press, read
from tests.services.intake.conftest import Running
from tests.services.intake.given import events_in_outbox, problem_of, rows

BEFORE_CLOSING = datetime(2026, 3, 13, 7, 50, tzinfo=UTC)
CLOSING = datetime(2026, 3, 13, 8, 0, tzinfo=UTC)
HALF_PAST_MIDNIGHT = datetime(2026, 3, 13, 17, 30, tzinfo=UTC)


async def a_day(running: Running, clock: FrozenClock, **policy: Any) -> dict[str, Any]:
    """Ten minutes before 15:00 in Jakarta: somebody of each kind at the booth."""
    await described(running, policy={"closes_at": "15:00", **policy})
    clock.now = BEFORE_CLOSING
    at_counter = await press(running)
    await do(running, at_counter, "call")
    await do(running, at_counter, "arrive")
    called = await press(running)
    await do(running, called, "call")
    sent_on = await press(running)
    await do(running, sent_on, "call")
    await do(running, sent_on, "transfer", service="pengaduan")
    waiting = [await press(running, phone=f"0812-5550-123{digit}", body="Kartu.") for digit in (1, 2)]
    priority = await press(running, priority="elderly")
    return {
        "at_counter": at_counter,
        "called": called,
        "sent_on": sent_on,
        "first": waiting[0],
        "second": waiting[1],
        "priority": priority,
    }


async def statuses(running: Running, visits: dict[str, Any]) -> dict[str, str]:
    return {name: (await read(running, visit))["status"] for name, visit in visits.items()}


ENDED = {
    "at_counter": "called",
    "called": "no_show",
    "sent_on": "closed_unserved",
    "first": "closed_unserved",
    "second": "closed_unserved",
    "priority": "closed_unserved",
}


async def test_end_of_the_day_sends_each_away_for_his_own_reason_and_twice_does_no_more(
    running: Running, clock: FrozenClock
) -> None:
    visits = await a_day(running, clock)
    before = await statuses(running, visits)
    await clock_of(running).look()
    assert await statuses(running, visits) == before, "it is ten minutes to three"
    clock.now = CLOSING
    await asyncio.gather(*(clock_of(running).look() for _ in range(3)))
    assert await statuses(running, visits) == ENDED
    kept = await rows(running.service.db, "SELECT * FROM intake.visits ORDER BY id")
    clock.now = HALF_PAST_MIDNIGHT
    await clock_of(running).look()
    assert await rows(running.service.db, "SELECT * FROM intake.visits ORDER BY id") == kept


async def test_end_of_the_day_that_was_missed_is_made_up_for_after_midnight(
    running: Running, clock: FrozenClock
) -> None:
    visits = await a_day(running, clock)
    clock.now = HALF_PAST_MIDNIGHT
    await press(running)
    await clock_of(running).look()
    assert await statuses(running, visits) == ENDED
    assert (await call_next(running))["number"] == 1


async def test_end_of_the_day_of_a_booth_that_nobody_described_is_its_midnight(
    running: Running, clock: FrozenClock
) -> None:
    visit = await press(running, booth="B9")
    clock.now = datetime(2026, 3, 13, 16, 59, 59, tzinfo=UTC)
    await clock_of(running).look()
    assert (await read(running, visit))["status"] == "waiting"
    clock.forward(seconds=1)
    await clock_of(running).look()
    assert (await read(running, visit))["status"] == "closed_unserved"


async def test_visitor_whom_nobody_served_is_offered_escalation_and_takes_it(
    running: Running, clock: FrozenClock
) -> None:
    visits = await a_day(running, clock)
    clock.now = CLOSING
    await clock_of(running).look()
    page = (await running.http.get(f"{B1}/visits?status=closed_unserved", headers=BUDI)).json()
    assert [visit["label"] for visit in page["items"]] == ["A003", "A004", "A005", "A006"]
    assert all(visit["escalation_offered"] for visit in page["items"])
    clock.forward(days=1)
    escalated = await do(running, visits["first"], "escalate")
    assert (escalated["status"], escalated["escalation_offered"]) == ("escalated", False)
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (event.data.outcome, str(event.data.visit_id)) == ("escalated", visits["first"]["id"])
    answer = await post(running, f"/v1/visits/{visits['first']['id']}/escalate")
    assert problem_of(answer) == (409, "visit_ended")


async def test_visitor_who_was_at_the_counter_without_a_note_of_it_can_still_be_settled(
    running: Running, clock: FrozenClock
) -> None:
    visits = await a_day(running, clock)
    clock.now = CLOSING
    await clock_of(running).look()
    assert (await do(running, visits["called"], "settle"))["status"] == "settled"


async def test_queue_that_is_kept_overnight_is_called_first_the_next_day(running: Running, clock: FrozenClock) -> None:
    visits = await a_day(running, clock, keeps_overnight=True)
    clock.now = CLOSING
    await clock_of(running).look()
    kept = {"sent_on": "waiting", "first": "waiting", "second": "waiting", "priority": "waiting"}
    assert await statuses(running, visits) == {**ENDED, **kept}
    clock.now = HALF_PAST_MIDNIGHT
    await clock_of(running).look()
    today = await press(running)
    order = []
    for _ in range(5):
        order.append((await call_next(running))["id"])
        clock.forward(seconds=1)
    names = ("priority", "sent_on", "first", "second")
    assert order == [*(visits[name]["id"] for name in names), today["id"]]


async def test_queue_that_is_kept_overnight_is_not_kept_for_ever(running: Running, clock: FrozenClock) -> None:
    visits = await a_day(running, clock, keeps_overnight=True)
    ended = []
    for days in (7, 1):
        clock.forward(days=days)
        await clock_of(running).look()
        ended.append((await read(running, visits["first"]))["status"])
    assert ended == ["waiting", "closed_unserved"]


async def test_page_of_visits_goes_on_where_the_one_before_ended(running: Running) -> None:
    taken = [(await press(running))["id"] for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        path = f"{B1}/visits?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await running.http.get(path, headers=BUDI)).json()
        found += [visit["id"] for visit in page["items"]]
        cursor = page["next_cursor"]
    assert found == taken


# -- the five minutes -------------------------------------------------------------------------------------------


async def test_warning_comes_once_before_the_first_call_is_due(running: Running, clock: FrozenClock) -> None:
    await described(running, policy={"warn_seconds_before": 90})
    late, called = await press(running), await press(running)
    await do(running, called, "call")
    await do(running, called, "no-show")
    other = await press(running, booth="B9")
    warned = {}
    for seconds in (209, 210, 239, 240, 400):
        clock.now = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
        clock.forward(seconds=seconds)
        await clock_of(running).look()
        found = await rows(running.service.db, "SELECT id, warned_at FROM intake.visits WHERE warned_at IS NOT NULL")
        warned[seconds] = {str(row.id): int(row.warned_at.timestamp()) % 3600 for row in found}
    both = {late["id"]: 210, other["id"]: 240}
    assert warned == {209: {}, 210: {late["id"]: 210}, 239: {late["id"]: 210}, 240: both, 400: both}
