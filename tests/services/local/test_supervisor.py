"""The supervisor: what cannot stay alive is named, also when it becomes ready each time."""

import asyncio
import sys
from pathlib import Path

import pytest

from services.local import supervisor
from services.local.supervisor import Child, Supervisor, describe


async def test_a_child_that_is_ready_each_time_and_never_stays_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_MOST_FALLS", 3)

    async def is_ready() -> bool:
        return True

    said: list[str] = []
    keeper = Supervisor(say=said.append, changed=lambda _: None)
    child = Child("flaky", [sys.executable, "-c", "import time; time.sleep(0.3)"], tmp_path / "log", is_ready)
    await keeper.start(child)
    assert await asyncio.wait_for(keeper.failed, 30) is child
    await keeper.stop()
    assert describe(child).startswith("flaky cannot be kept alive (exit code 0, 3 starts)")
    pauses = [float(line.split()[-2]) for line in said if "started again in" in line]
    assert pauses == [0.2, 0.4]
