"""The figures of a booth, by service and day."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.services.intake.booths.given import B1, BUDI, call_next, clock_of, described, do, press
from tests.services.intake.conftest import Running
from tests.services.intake.given import fields_of, problem_of


async def figures(running: Running, first: str = "2026-03-13", last: str = "2026-03-13") -> Any:
    answer = await running.http.get(f"{B1}/figures?from={first}&to={last}", headers=BUDI)
    assert answer.status_code == 200, answer.text
    return answer.json()["days"]


async def test_figures_tell_waits_outcomes_and_the_share_called_in_time(running: Running, clock: FrozenClock) -> None:
    await described(running, policy={"calls_before_no_show": 1})
    visits = [await press(running, phone=f"0812-5550-12{number:02}") for number in range(6)]
    for visit, minutes in zip(visits[:5], (1, 2, 2, 1, 3), strict=True):
        clock.forward(minutes=minutes)
        await do(running, visit, "call")  # after 1, 3, 5, 6 and 9 minutes
    for visit, verb in zip(visits[:4], ("settle", "settle", "escalate", "no-show"), strict=True):
        await do(running, visit, verb)
    await do(running, visits[4], "transfer", service="pengaduan")
    await do(running, visits[4], "call")
    other = await press(running, "pengaduan")
    [cards, complaints] = await figures(running)
    assert cards == {
        "day": "2026-03-13",
        "service": "kartu-kuning",
        "visitors": 6,
        "waiting": 2,
        "served": 3,
        "settled": 2,
        "no_shows": 1,
        "closed_unserved": 0,
        "due": 6,
        "called_in_time": {"fraction": "3/6", "value": 0.5},
        "settled_at_the_booth": {"fraction": "2/3", "value": 0.6667},
        "wait_median_seconds": 300.0,
        "wait_p90_seconds": 468.0,
        "unserved_wait_median_seconds": None,
    }
    assert (complaints["visitors"], complaints["due"], complaints["called_in_time"]) == (1, 0, None)
    assert other["label"] == "B001"


async def test_figures_keep_the_waits_of_the_unserved_apart(running: Running, clock: FrozenClock) -> None:
    await described(running, policy={"closes_at": "15:00"})
    served = await press(running)
    for _ in range(2):
        await press(running)
    clock.forward(minutes=1)
    await do(running, served, "call")
    clock.forward(hours=9)
    await clock_of(running).look()
    [cards, *_] = await figures(running)
    assert (cards["no_shows"], cards["closed_unserved"], cards["wait_median_seconds"]) == (1, 2, 60.0)
    assert cards["unserved_wait_median_seconds"] == timedelta(hours=9, minutes=1).total_seconds()
    assert cards["called_in_time"] == {"fraction": "1/3", "value": 0.3333}


async def test_figures_count_the_first_call(running: Running, clock: FrozenClock) -> None:
    await described(running)
    visit = await press(running)
    clock.forward(minutes=4)
    await call_next(running)
    clock.forward(minutes=4)
    await do(running, visit, "recall")
    [cards] = await figures(running)
    assert (cards["called_in_time"]["fraction"], cards["wait_median_seconds"]) == ("1/1", 240.0)


@pytest.mark.parametrize(("first", "last"), [("2026-03-14", "2026-03-13"), ("2025-03-13", "2026-03-14")])
async def test_figures_of_no_days_and_of_too_many_are_refused(running: Running, first: str, last: str) -> None:
    answer = await running.http.get(f"{B1}/figures?from={first}&to={last}", headers=BUDI)
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["to"])
