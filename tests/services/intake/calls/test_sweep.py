"""What nobody told the end of is ended by a sweep, and corrected by an end that is told late."""

import asyncio
from typing import Any

from services.intake.jobs.calls import CallSweep
from shared.retention import Retention
from shared.telemetry import render
from tests.conftest import FrozenClock
from tests.services.intake.calls.given import (
    NUMBER,
    abandon,
    calls,
    do,
    figures,
    listed,
    open_call,
    tell,
    type_digits,
)
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, rows


def sweep_of(running: Running) -> CallSweep:
    return next(worker for worker in running.service.workers if isinstance(worker, CallSweep))


async def total(running: Running, staff: dict[str, str]) -> Any:
    found = (await figures(running, staff))["total"]
    return tuple(found[name] for name in ("offered", "answered", "abandoned", "ended_in_menu", "unknown_end"))


async def test_call_that_never_ends_is_ended_and_a_late_end_corrects_it_once(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    """P2."""
    await open_call(running)
    await tell(running, "queued", 0, queue="umum")
    assert await total(running, staff) == (1, 0, 0, 0, 0)
    clock.forward(hours=3)
    assert await sweep_of(running).sweep() == 0
    clock.forward(hours=2)
    assert await sweep_of(running).sweep() == 1
    assert await total(running, staff) == (1, 0, 0, 0, 1)
    assert await listed(running) == [], "nobody knows whether he gave up"
    for _ in range(2):
        await tell(running, "ended", 45)
    assert await total(running, staff) == (1, 0, 1, 0, 0)
    assert await sweep_of(running).sweep() == 0
    [call] = await calls(running)
    assert (call.is_end_known, call.wait_seconds) == (True, 45)


async def test_answered_call_that_never_ends_stays_answered(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    await open_call(running)
    await tell(running, "answered", 9)
    clock.forward(hours=5)
    await sweep_of(running).sweep()
    assert await total(running, staff) == (1, 1, 0, 0, 1)


async def test_sweeps_of_two_instances_end_each_call_once(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    for number in range(5):
        await open_call(running, f"k-{number}")
    clock.forward(hours=5)
    assert sum(await asyncio.gather(*(sweep_of(running).sweep() for _ in range(3)))) >= 5
    assert await total(running, staff) == (0, 0, 0, 0, 5)
    assert await count(running.service.db, "call_events") == 10


async def test_callback_that_was_claimed_and_forgotten_is_open_again_and_given_up_after_a_week(
    running: Running, clock: FrozenClock
) -> None:
    await abandon(running, "k-1")
    [callback] = await listed(running)
    await do(running, callback, "claim")
    clock.forward(minutes=31)
    await sweep_of(running).sweep()
    assert [one["claimed_by"] for one in await listed(running)] == [None]
    clock.forward(days=8)
    await sweep_of(running).sweep()
    assert [one["id"] for one in await listed(running, "failed")] == [callback["id"]]


async def test_metrics_show_the_figures_of_today_and_no_caller(running: Running, clock: FrozenClock) -> None:
    await abandon(running, "k-1")
    await open_call(running, "k-2")
    await tell(running, "queued", 0, "k-2", queue="umum")
    await tell(running, "answered", 20, "k-2", queue="umum")
    clock.forward(hours=1)
    await sweep_of(running).step()
    shown = render().decode()
    assert 'satuatap_calls_today{figure="offered",queue=""} 2.0' in shown
    assert 'satuatap_calls_today{figure="answered_within",queue="umum"} 1.0' in shown
    assert 'satuatap_calls_today_waited_seconds{queue="umum"} 50.0' in shown
    assert "satuatap_callbacks_open 1.0" in shown
    assert NUMBER[3:] not in shown


async def test_caller_is_blanked_when_his_time_is_over_and_no_figure_changes(
    running: Running, staff: dict[str, str], clock: FrozenClock
) -> None:
    await abandon(running, "k-1")
    await open_call(running, "k-2")
    await type_digits(running, "2", "k-2")
    await tell(running, "ended", 30, "k-2")
    await sweep_of(running).sweep()
    before = await figures(running, staff)
    clock.forward(days=370)
    await sweep_of(running).sweep()
    retention = next(worker for worker in running.service.workers if isinstance(worker, Retention))
    for _ in range(40):
        await retention.step()
        if not retention._left:
            break
    kept = await rows(running.service.db, "SELECT caller, position_sealed FROM intake.calls")
    assert [tuple(row) for row in kept] == [("", None)] * 2
    assert [row.number for row in await rows(running.service.db, "SELECT number FROM intake.callbacks")] == [NUMBER]
    assert await count(running.service.db, "call_events") == 0
    await tell(running, "answered", 5, "k-1")
    after = await figures(running, staff)
    assert after["total"] == before["total"]
