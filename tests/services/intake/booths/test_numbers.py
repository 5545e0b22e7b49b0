"""Numbers at a booth: 1 to n without gap or double, in each service and on each of the booth's own days (FIELD B1)."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.ids import new_id
from tests.conftest import FrozenClock
from tests.services.intake.booths.given import BUDI, change, described, do, press
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of, rows

ZONES = {"JKT": "Asia/Jakarta", "MKS": "Asia/Makassar", "JYP": "Asia/Jayapura"}


def local(zone: str, text: str) -> datetime:
    """A moment by the clock on a wall in `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def pressed_until_heard(running: Running, booth: str) -> Any:
    """What a dispenser gets that sends the same press again, under the same key, as a 503 tells it to."""
    headers = {**running.key, "Idempotency-Key": str(new_id())}
    path = f"/v1/booths/{booth}/visits"
    while (answer := await running.http.post(path, headers=headers, timeout=120)).status_code == 503:
        assert answer.headers["retry-after"]
    assert answer.status_code == 201
    return answer.json()


def booth_in(zone: str) -> str:
    """The booth that stands in `zone`."""
    return next(booth for booth, its_zone in ZONES.items() if its_zone == zone)


async def test_numbers_have_the_prefix_of_their_service_and_count_for_themselves(running: Running) -> None:
    await described(running)
    taken = [await press(running, service) for service in ("pengaduan", "kartu-kuning", "pengaduan", None)]
    assert [visit["label"] for visit in taken] == ["B001", "A001", "B002", "A002"]
    assert [visit["waiting_ahead"] for visit in taken] == [0, 0, 1, 1]


async def test_number_without_a_prefix_is_what_the_paper_says(running: Running) -> None:
    assert (await press(running))["label"] == "1"


async def test_numbers_grow_past_999(running: Running) -> None:
    await described(running)
    await press(running)
    await change(running, "UPDATE intake.booth_days SET last_number = 999")
    assert [(await press(running))["label"] for _ in range(2)] == ["A1000", "A1001"]


@pytest.mark.parametrize(
    ("zone", "first", "second", "numbers"),
    [
        ("Asia/Jakarta", "2026-03-13T06:59:59", "2026-03-13T07:00:00", [1, 2]),
        ("Asia/Makassar", "2026-03-13T07:59:59", "2026-03-13T08:00:00", [1, 2]),
        ("Asia/Jayapura", "2026-03-13T08:59:59", "2026-03-13T09:00:00", [1, 2]),
        ("Asia/Jakarta", "2026-03-13T23:59:59", "2026-03-14T00:00:00", [1, 1]),
        ("Asia/Makassar", "2026-03-13T23:59:59", "2026-03-14T00:00:00", [1, 1]),
        ("Asia/Jayapura", "2026-03-13T23:59:59", "2026-03-14T00:00:00", [1, 1]),
        ("Asia/Jayapura", "2026-12-31T23:59:59", "2027-01-01T00:00:00", [1, 1]),
    ],
)
async def test_numbers_begin_anew_at_the_midnight_of_the_booth_and_at_no_other(
    running: Running, clock: FrozenClock, zone: str, first: str, second: str, numbers: list[int]
) -> None:
    await described(running, zone=zone)
    taken = []
    for moment in (first, second):
        clock.now = local(zone, moment)
        taken.append((await press(running))["number"])
    assert taken == numbers


async def test_number_of_a_visit_that_is_gone_is_not_given_again(running: Running) -> None:
    await press(running)
    await press(running)
    await change(running, "DELETE FROM intake.visits WHERE number = 2")
    assert (await press(running))["number"] == 3


async def test_number_whose_commit_failed_leaves_no_gap(running: Running) -> None:
    await described(running)
    await press(running)
    refused = await running.http.post("/v1/booths/B1/visits", headers=running.key, json={"service": "nothing"})
    assert problem_of(refused) == (422, "invalid")
    assert (await press(running))["number"] == 2


async def test_clock_that_goes_back_gives_no_number_twice_and_keeps_the_order(
    running: Running, clock: FrozenClock
) -> None:
    first = await press(running)
    clock.forward(seconds=-2)
    second = await press(running)
    assert (first["number"], second["number"], second["waiting_ahead"]) == (1, 2, 1)


async def test_clock_that_goes_back_over_midnight_gives_no_number_twice(running: Running, clock: FrozenClock) -> None:
    clock.now = local("Asia/Jakarta", "2026-03-13T23:59:59")
    taken = [await press(running)]
    clock.forward(seconds=1)
    taken.append(await press(running))
    clock.forward(seconds=-1)
    taken += [await press(running) for _ in range(2)]
    assert [(visit["day"], visit["number"]) for visit in taken] == [
        ("2026-03-13", 1),
        ("2026-03-14", 1),
        ("2026-03-13", 2),
        ("2026-03-13", 3),
    ]


async def test_two_hundred_at_once_over_midnight_in_three_zones_are_numbers_without_gap_or_double(
    running: Running, clock: FrozenClock
) -> None:
    """At the midnight of each booth 200 press there, and a few elsewhere, while the day changes under them."""
    for booth, zone in ZONES.items():
        await described(running, booth, zone=zone)
    taken = []
    for zone in reversed(ZONES.values()):
        midnight = local(zone, "2026-03-14T00:00:00")
        clock.now = midnight - timedelta(seconds=1)
        booths = [*ZONES] * 10 + [booth_in(zone)] * 200
        presses = [asyncio.create_task(pressed_until_heard(running, booth)) for booth in booths]
        heard = asyncio.as_completed(presses)
        for _ in range(30):
            await next(heard)
        clock.now = midnight
        taken += await asyncio.gather(*presses)
    numbers: dict[tuple[str, str], list[int]] = {}
    for visit in taken:
        numbers.setdefault((visit["booth"], visit["day"]), []).append(visit["number"])
    assert {day for _, day in numbers} == {"2026-03-13", "2026-03-14"}
    assert len(numbers) == 6
    for of_a_day in numbers.values():
        assert sorted(of_a_day) == list(range(1, len(of_a_day) + 1))
    counted = await rows(running.service.db, "SELECT booth, day, last_number FROM intake.booth_days")
    given = Counter((visit["booth"], visit["day"]) for visit in taken)
    assert {(row.booth.split("/")[0], row.day.isoformat()): row.last_number for row in counted} == dict(given)


async def test_button_that_failed_to_print_gives_the_same_number_again(running: Running) -> None:
    await described(running)
    visit = await press(running)
    again = await do(running, visit, "print", running.key)
    assert (again["id"], again["label"]) == (visit["id"], visit["label"])
    assert (await press(running))["label"] == "A002"


async def test_person_who_presses_again_has_the_same_number_while_he_waits(running: Running) -> None:
    await described(running)
    presses = [press(running, phone="0812-5550-1234") for _ in range(4)]
    assert {visit["label"] for visit in await asyncio.gather(*presses)} == {"A001"}
    assert (await press(running, "pengaduan", phone="0812-5550-1234"))["label"] == "B001"
    assert (await press(running, phone="0812-5550-9999"))["label"] == "A002"
    await running.http.post("/v1/booths/B1/call-next?counter=1", headers=BUDI)
    assert (await press(running, phone="0812-5550-1234"))["label"] == "A003"


async def test_service_that_is_closed_and_one_that_is_not_there_give_no_number(running: Running) -> None:
    await described(running, services=[{"name": "a", "prefix": "A", "is_open": False}], counters=[])
    for form, problem in (({}, (409, "service_closed")), ({"service": "b"}, (422, "invalid"))):
        answer = await running.http.post("/v1/booths/B1/visits", headers=running.key, json=form)
        assert problem_of(answer) == problem


async def test_booth_that_has_closed_gives_no_number_before_midnight(running: Running, clock: FrozenClock) -> None:
    await described(running, policy={"closes_at": "15:00"})
    clock.now = local("Asia/Jakarta", "2026-03-13T14:59:59")
    await press(running)
    for moment, number in (("2026-03-13T15:00:00", None), ("2026-03-13T23:59:59", None), ("2026-03-14T00:00:00", 1)):
        clock.now = local("Asia/Jakarta", moment)
        answer = await running.http.post("/v1/booths/B1/visits", headers=running.key, json={})
        if number:
            assert answer.json()["number"] == number
        else:
            assert problem_of(answer) == (409, "booth_closed")
