"""Booths as supervisors describe them."""

from typing import Any

import pytest

from tests.services.intake.booths.given import B1, BUDI, DESCRIBED, SUPERVISOR, described, do, press
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of


async def test_booth_is_read_as_it_was_described(running: Running) -> None:
    written = await described(running, policy={"closes_at": "15:30"})
    read = (await running.http.get(B1, headers=BUDI)).json()
    assert read == written
    assert [service["prefix"] for service in read["services"]] == ["A", "B"]
    assert read["policy"]["closes_at"] == "15:30:00"


async def test_booth_that_nobody_described_goes_by_the_usual_rules(running: Running) -> None:
    booth = (await running.http.get(B1, headers=BUDI)).json()
    assert (booth["zone"], booth["services"]) == ("Asia/Jakarta", [{"name": "", "prefix": "", "is_open": True}])
    assert booth["policy"]["calls_before_no_show"] == 3


async def test_booth_is_described_by_supervisors_only(running: Running) -> None:
    assert problem_of(await running.http.put(B1, headers=BUDI, json=DESCRIBED)) == (403, "forbidden")
    assert problem_of(await running.http.put(B1, headers=running.key, json=DESCRIBED)) == (403, "forbidden")


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": "Asia/Nowhere"},
        {"services": []},
        {"services": [{"name": "a", "prefix": "A"}, {"name": "b", "prefix": "A"}]},
        {"services": [{"name": "a", "prefix": "A"}, {"name": "a", "prefix": "B"}]},
        {"counters": [{"name": "1", "services": ["nothing"]}]},
        {"counters": [{"name": "1"}, {"name": "1"}]},
        {"dispensers": [{"device": "D1", "prefix": "X"}, {"device": "D2", "prefix": "X"}]},
        {"policy": {"calls_before_no_show": 0}},
        {"policy": {"closes_at": "15:30:00+07:00"}},
    ],
)
async def test_booth_that_does_not_hold_together_is_refused(running: Running, changes: dict[str, Any]) -> None:
    answer = await running.http.put(B1, headers=SUPERVISOR, json={**DESCRIBED, **changes})
    assert problem_of(answer) == (422, "invalid")


async def test_booth_keeps_the_service_at_which_somebody_waits(running: Running) -> None:
    await described(running)
    await press(running, "pengaduan")
    form = {**DESCRIBED, "services": DESCRIBED["services"][:1], "counters": []}
    assert problem_of(await running.http.put(B1, headers=SUPERVISOR, json=form)) == (409, "service_in_use")
    assert len((await running.http.get(B1, headers=BUDI)).json()["services"]) == 2


async def test_booth_may_leave_out_a_service_whose_last_visitor_stands_at_a_counter(running: Running) -> None:
    await described(running)
    visit = await press(running, "pengaduan")
    await do(running, visit, "call")
    await do(running, visit, "arrive")
    await described(running, services=DESCRIBED["services"][:1], counters=[])
    assert (await do(running, visit, "settle"))["status"] == "settled"


async def test_booth_that_is_described_twice_is_as_it_was_described_last(running: Running) -> None:
    await described(running)
    await described(running, counters=[{"name": "9"}], dispensers=[])
    booth = (await running.http.get(B1, headers=BUDI)).json()
    assert (booth["counters"], booth["dispensers"]) == ([{"name": "9", "services": []}], [])
