"""The supervisor: what cannot stay alive is named, also when it becomes ready each time; a full disk ends nothing."""

import asyncio
import errno
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from services.local import supervisor
from services.local.supervisor import CannotBeKeptAlive, Child, Supervisor, describe
from tests.conftest import eventually

FLEETING = [sys.executable, "-c", "import time; time.sleep(0.1)"]
LASTING = [sys.executable, "-c", "import signal; signal.pause()"]
NO_ROOM = OSError(errno.ENOSPC, "No space left on device")


class Keeping:
    """A supervisor whose words and lists arrive, or do not."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.noted: list[Mapping[str, int]] = []
        self.silent: Exception | None = None
        self.cannot_note: Exception | None = None
        self.tried = 0
        self.supervisor = Supervisor(say=self._say, changed=self._changed)

    def _say(self, line: str) -> None:
        if self.silent is not None:
            raise self.silent
        self.said.append(line)

    def _changed(self, pids: Mapping[str, int]) -> None:
        self.tried += 1
        if self.cannot_note is not None:
            raise self.cannot_note
        self.noted.append(pids)


@pytest_asyncio.fixture
async def keeping(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keeping]:
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "_AGAIN_SECONDS", 0.05)
    made = Keeping()
    yield made
    await made.supervisor.stop()


async def is_ready() -> bool:
    return True


async def test_child_that_is_ready_each_time_and_never_stays_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_MOST_FALLS", 3)

    said: list[str] = []
    keeper = Supervisor(say=said.append, changed=lambda _: None)
    child = Child("flaky", [sys.executable, "-c", "import time; time.sleep(0.3)"], tmp_path / "log", is_ready)
    await keeper.start(child)
    assert await asyncio.wait_for(keeper.failed, 30) is child
    await keeper.stop()
    assert describe(child).startswith("flaky cannot be kept alive (exit code 0, 3 starts)")
    pauses = [float(line.split()[-2]) for line in said if "started again in" in line]
    assert pauses == [0.2, 0.4]


async def test_watcher_goes_on_although_nothing_can_be_said_or_written_down(keeping: Keeping, tmp_path: Path) -> None:
    keeping.silent = keeping.cannot_note = NO_ROOM
    child = Child("deaf", FLEETING, tmp_path / "log", is_ready)
    await keeping.supervisor.start(child)

    async def started_again() -> bool:
        return child.starts > 2

    await eventually(started_again)
    assert not keeping.supervisor.failed.done()


async def test_list_for_which_there_is_no_room_is_said_once_and_written_as_soon_as_there_is(
    keeping: Keeping, tmp_path: Path
) -> None:
    keeping.cannot_note = NO_ROOM
    child = Child("lasting", LASTING, tmp_path / "log", is_ready)
    await keeping.supervisor.start(child)

    async def tried_again() -> bool:
        return keeping.tried > 3

    await eventually(tried_again)
    assert keeping.said == ["which processes run cannot be written down (No space left on device): it is tried again"]
    keeping.cannot_note = None

    async def noted() -> bool:
        return bool(keeping.noted)

    await eventually(noted)
    assert child.process is not None
    assert keeping.noted == [{"lasting": child.process.pid}]
    assert child.starts == 1


async def test_watcher_that_fails_is_named_with_its_child(keeping: Keeping, tmp_path: Path) -> None:
    keeping.cannot_note = ValueError("nobody expected this")
    with pytest.raises(CannotBeKeptAlive, match=r"unlucky cannot be kept alive .*: ValueError: nobody expected this"):
        await keeping.supervisor.start(Child("unlucky", LASTING, tmp_path / "log", is_ready))


async def test_end_on_a_full_disk_is_said_once_and_counts_as_nothing(
    keeping: Keeping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_MOST_FALSE_STARTS", 2)
    monkeypatch.setattr(supervisor, "_MOST_FALLS", 2)
    room = True

    async def while_there_is_room() -> bool:
        return room

    child = Child("thirsty", FLEETING, tmp_path / "log", while_there_is_room)
    monkeypatch.setattr(supervisor, "_has_room", lambda _: room)
    await keeping.supervisor.start(child)
    room = False

    async def ended_often() -> bool:
        return child.starts > 5

    await eventually(ended_often)
    assert keeping.said == ["thirsty ended (exit code 0); the disk is full: it is tried again until there is room"]
    child.command = LASTING
    room = True

    async def is_back() -> bool:
        return child.is_ready.is_set()

    await eventually(is_back)
    assert keeping.said[1:] == ["thirsty is ready again"]
    assert not keeping.supervisor.failed.done()


async def test_child_that_was_never_ready_is_given_up_also_on_a_full_disk(
    keeping: Keeping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> bool:
        return False

    monkeypatch.setattr(supervisor, "_has_room", lambda _: False)
    with pytest.raises(
        CannotBeKeptAlive, match=r"hopeless cannot be kept alive \(exit code 0, 6 starts\); the disk is full"
    ):
        await keeping.supervisor.start(Child("hopeless", FLEETING, tmp_path / "log", never))


async def test_child_whose_log_cannot_be_opened_is_started_once_it_can(keeping: Keeping, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    child = Child("speechless", LASTING, log, is_ready)
    starting = asyncio.create_task(keeping.supervisor.start(child))

    async def said() -> bool:
        return bool(keeping.said)

    await eventually(said)
    log.rmdir()
    await starting
    assert keeping.said[0] == "speechless could not be started (Is a directory); it is started again in 0.0 s"


async def test_child_that_cannot_be_asked_is_asked_again(keeping: Keeping, tmp_path: Path) -> None:
    answers = [ValueError("not an answer"), None]

    async def ready() -> bool:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return True

    child = Child("mumbling", LASTING, tmp_path / "log", ready)
    await keeping.supervisor.start(child)
    assert (child.starts, child.trouble) == (1, None)
