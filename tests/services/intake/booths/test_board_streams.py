"""A screen that follows its board is shown each change at once, in whichever process it happened."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from services.intake.main import build
from services.intake.service.board_streams import BoardStreams
from services.intake.settings import IntakeSettings
from shared import event_streams
from shared.caller import SCOPES
from shared.settings import CommonSettings
from shared.wiring import wiring_in
from tests.conftest import FrozenClock, eventually
from tests.services.intake.booths.given import B1, BUDI, SITI, call_next, described, do, press
from tests.services.intake.chats.following import PATIENCE_SECONDS, Reader
from tests.services.intake.conftest import Running
from tests.services.intake.given import api_key, problem_of
from tests.serving import serving

WORKERS = ("acceptor", "booth boards", "chat wakes", "chat listener")
EVENTS = {"Accept": "text/event-stream"}


@asynccontextmanager
async def process(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    service = build(common, IntakeSettings(), clock)
    key = await api_key(service.db, *SCOPES)
    async with serving(service, workers=[worker for worker in service.workers if worker.name in WORKERS]) as http:
        yield Running(service, http, key)


@pytest_asyncio.fixture
async def here(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    async with process(common, clock) as here:
        yield here


@pytest_asyncio.fixture
async def there(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    async with process(common, clock) as there:
        yield there


@asynccontextmanager
async def watching(running: Running, booth: str = "B1") -> AsyncIterator[Reader]:
    """A screen that follows the board of a booth until the block ends."""
    path = f"/v1/booths/{booth}/board"
    async with running.http.stream("GET", path, headers=running.key | EVENTS, timeout=PATIENCE_SECONDS) as answer:
        yield Reader(answer, answer.aiter_lines())


def streams_of(running: Running) -> BoardStreams:
    return wiring_in(running.service.app).part(BoardStreams)


def look_only_when_told(*processes: Running) -> None:
    """So that what comes was told, and not found by the look of every few seconds."""
    for one in processes:
        streams_of(one)._look_again_at = float("inf")


def look_now(running: Running) -> None:
    streams_of(running)._look_again_at = 0.0
    streams_of(running)._bell.ring()


def served(board: Any) -> list[tuple[str, str | None]]:
    return [(each["label"], each["counter"]) for each in board["now_serving"]]


def waiting(board: Any) -> int:
    return sum(service["waiting"] for service in board["services"])


async def test_stream_shows_the_board_first_and_then_who_is_called_wherever_he_is_called(
    here: Running, there: Running
) -> None:
    await described(here)
    for _ in range(3):
        await press(here, "kartu-kuning")
    async with watching(here) as screen:
        assert screen.answer.headers["content-type"].startswith("text/event-stream")
        first = await screen.next()
        polled = (await here.http.get(f"{B1}/board", headers=here.key)).json()
        assert (first, waiting(first), served(first)) == (polled, 3, [])
        look_only_when_told(here, there)
        await call_next(here, BUDI, "1")
        assert served(await screen.next()) == [("A001", "1")]
        await call_next(there, SITI, "1")
        second = await screen.next()
        assert (waiting(second), sorted(served(second))) == (1, [("A001", "1"), ("A002", "1")])


async def test_stream_shows_every_kind_of_change(here: Running) -> None:
    await described(here)
    async with watching(here) as screen:
        assert waiting(await screen.next()) == 0
        look_only_when_told(here)
        visit = await press(here, "kartu-kuning")
        assert waiting(await screen.next()) == 1
        await do(here, visit, "transfer", service="pengaduan")
        assert [service["waiting"] for service in (await screen.next())["services"]] == [0, 1]
        await do(here, visit, "call")
        assert served(await screen.next()) == [("A001", None)]
        await do(here, visit, "settle", body="Sudah dijelaskan.")
        assert served(await screen.next()) == []


async def test_streams_of_one_booth_share_each_look_and_those_of_another_see_none_of_it(here: Running) -> None:
    await described(here)
    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(watching(here)) for _ in range(5)]
        other = await stack.enter_async_context(watching(here, "B2"))
        for screen in (*screens, other):
            await screen.next()
        look_only_when_told(here)
        beside = [streams_of(here).open("B1") for _ in range(2)]
        for stream in beside:
            await stream.next(PATIENCE_SECONDS)
        await press(here, "kartu-kuning")
        assert [waiting(await screen.next()) for screen in screens] == [1] * 5
        first, second = [await stream.next(PATIENCE_SECONDS) for stream in beside]
        assert first is second, "made one time for all"
        await press(here, booth="B2")
        assert waiting(await other.next()) == 1
        for stream in beside:
            streams_of(here).forget(stream)


async def test_stream_empties_itself_at_the_midnight_of_the_booth(here: Running, clock: FrozenClock) -> None:
    await described(here, zone="Asia/Jayapura")
    clock.now = datetime(2026, 3, 13, 14, 59, 59, tzinfo=UTC)
    await press(here)
    await do(here, await press(here), "call")
    async with watching(here) as screen:
        before = await screen.next()
        assert (before["day"], len(before["now_serving"]), waiting(before)) == ("2026-03-13", 1, 1)
        clock.forward(seconds=1)
        look_now(here)
        after = await screen.next()
        assert (after["day"], after["now_serving"], waiting(after)) == ("2026-03-14", [], 0)


async def test_screen_that_is_slow_is_shown_the_newest_board_alone(here: Running) -> None:
    await described(here)
    stream = streams_of(here).open("B1")
    look_only_when_told(here)
    for _ in range(4):
        await press(here, "kartu-kuning")

    async def all_wait() -> bool:
        board = streams_of(here)._shown.get("B1")
        return board is not None and board.services[0].waiting == 4

    await eventually(all_wait)
    board = await stream.next(PATIENCE_SECONDS)
    assert board
    assert board.services[0].waiting == 4
    assert await stream.next(0) is None
    streams_of(here).forget(stream)


async def test_streams_end_with_their_process_and_take_no_more_room_when_they_are_left(here: Running) -> None:
    async with watching(here) as screen:
        await screen.next()
        streams_of(here)._most = 1
        refused = await here.http.get(f"{B1}/board", headers=here.key | EVENTS)
        assert problem_of(refused) == (503, "too_many_streams")

    async def nobody_watches() -> bool:
        return not streams_of(here)._watching

    await eventually(nobody_watches)
    async with watching(here) as screen:
        await screen.next()
        streams_of(here).let_go()
        assert await screen.next("closed") == {"reason": "restart"}
        assert await screen.rest() == []


async def test_stream_that_shows_nothing_new_says_that_it_is_still_here(
    here: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert event_streams.HEARTBEAT_SECONDS == 15
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0.01)
    async with watching(here) as screen:
        frames = [await screen.frame() for _ in range(20)]
    assert "still here" in {(frame.comment or "").strip() for frame in frames}


async def test_stream_is_for_who_may_see_the_board(here: Running) -> None:
    assert problem_of(await here.http.get(f"{B1}/board", headers=EVENTS)) == (401, "unauthenticated")
    answer = await here.http.head(f"{B1}/board", headers=here.key | EVENTS)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
