"""The screen at a booth: numbers, and nothing about a person."""

from datetime import UTC, datetime
from typing import Any

from tests.conftest import FrozenClock
from tests.services.intake.booths.given import B1, BUDI, SITI, call_next, described, do, press
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of


async def board(running: Running, booth: str = "B1") -> Any:
    answer = await running.http.get(f"/v1/booths/{booth}/board", headers=running.key)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_board_shows_who_is_served_where_and_who_waits(running: Running, clock: FrozenClock) -> None:
    await described(running)
    for service in ("kartu-kuning", "pengaduan", "kartu-kuning", "kartu-kuning"):
        await press(running, service)
    await press(running, "kartu-kuning", priority="pregnant")
    await call_next(running, BUDI, "1")
    clock.forward(seconds=1)
    await call_next(running, SITI, "2")
    shown = await board(running)
    serving = [(each["label"], each["service"], each["counter"]) for each in shown["now_serving"]]
    assert serving == [("B001", "pengaduan", "2"), ("A004", "kartu-kuning", "1")]
    cards, complaints = shown["services"]
    assert (cards["waiting"], cards["next"]) == (3, ["A001", "A002", "A003"])
    assert (complaints["waiting"], complaints["next"], complaints["estimate"]) == (0, [], None)


async def test_board_says_nothing_about_a_person(running: Running) -> None:
    await described(running)
    form = {"name": "Warga Satu", "phone": "0812-5550-1234", "email": "warga@surel.example", "body": "Kartu hilang."}
    visit = await press(running, priority="disabled", **form)
    await do(running, visit, "call")
    shown = await running.http.get(f"{B1}/board", headers=running.key)
    for told in ("Warga", "5550", "surel", "hilang", "disabled", visit["tracking_code"]):
        assert told not in shown.text
    assert problem_of(await running.http.get(f"{B1}/board")) == (401, "unauthenticated")


async def test_board_empties_itself_at_the_midnight_of_the_booth(running: Running, clock: FrozenClock) -> None:
    await described(running, zone="Asia/Jayapura")
    clock.now = datetime(2026, 3, 13, 14, 59, 59, tzinfo=UTC)
    await press(running)
    called = await press(running)
    await do(running, called, "call")
    before = await board(running)
    assert before["empties_at"] == "2026-03-13T15:00:00Z"
    assert (len(before["now_serving"]), before["services"][0]["waiting"]) == (1, 1)
    clock.forward(seconds=1)
    after = await board(running)
    assert (after["day"], after["now_serving"], after["services"][0]["waiting"]) == ("2026-03-14", [], 0)


async def test_board_tells_who_is_soon_to_be_called_and_how_long_who_comes_now_waits(
    running: Running, clock: FrozenClock
) -> None:
    await described(running)
    for _ in range(4):
        await press(running)
    for minutes in (2, 3, 2, 6):
        await call_next(running)
        clock.forward(minutes=minutes)
    for _ in range(2):
        await press(running)
        clock.forward(minutes=3)
    await press(running)
    clock.forward(minutes=1, seconds=59)
    cards, _ = (await board(running))["services"]
    assert (cards["waiting"], cards["due_soon"], cards["overdue"]) == (3, 1, 1)
    assert cards["estimate"] == {"from_seconds": 480, "to_seconds": 720}
    clock.forward(seconds=1)
    assert [(await board(running))["services"][0][name] for name in ("due_soon", "overdue")] == [0, 2]
