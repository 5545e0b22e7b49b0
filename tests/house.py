"""A whole house as a process of its own, started as a user starts it: `satuatap up`."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from services.local.engines import is_free
from tests.conftest import eventually

START_SECONDS = 90


def seven_free_ports() -> int:
    """The first of seven ports on which nobody listens; each call answers other ones."""
    global _next_port
    while not all(is_free(_next_port + place) for place in range(7)):
        _next_port += 7
    _next_port += 7
    return _next_port - 7


_next_port = 12_000 + os.getpid() % 500 * 14


class RunningHouse:
    """What a test does with a running house."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, output: Path) -> None:
        self.process = process
        self.folder = folder
        self._output = output
        self.http = httpx.AsyncClient(timeout=60, trust_env=False)
        self._ended: Counter[str] = Counter()

    @property
    def at(self) -> dict[str, Any]:
        """The credentials file."""
        found: dict[str, Any] = json.loads((self.folder / "credentials.json").read_text())
        return found

    @property
    def pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.folder / "pids.json").read_text())
        return found

    @property
    def said(self) -> str:
        """Everything that `up` has printed."""
        return self._output.read_text()

    @property
    def door(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.at['integration_key']}"}

    @property
    def staff(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.at['staff_token']}"}

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal to exactly one process, and returns its id."""
        pid = self.pids[name]
        if number != signal.SIGSTOP:
            self._ended[name] += 1
        os.kill(pid, number)
        return pid

    async def is_back(self, name: str, other_than: int) -> None:
        """Waits until `name` runs again under another process id."""

        async def look() -> bool:
            pids = self.pids
            is_ready = self.said.count(f"{name} is ready again") >= self._ended[name]
            return name in pids and pids[name] != other_than and is_ready

        await eventually(look, 60)

    async def get(self, url: str, **query: Any) -> Any:
        response = await self.http.get(url, params=query, headers=self.staff)
        assert response.is_success, response.text
        return response.json()

    async def post(self, url: str, body: Any, headers: Mapping[str, str]) -> Any:
        response = await self.http.post(url, json=body, headers=dict(headers))
        assert response.is_success, response.text
        return response.json()

    async def received(self, **query: Any) -> list[dict[str, Any]]:
        """What citizens received."""
        items: list[dict[str, Any]] = (await self.get(f"{self.at['sandbox_url']}/messages", **query))["items"]
        return items

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the house as a user would, and returns its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 25)


@asynccontextmanager
async def running_house(folder: Path, base_port: int | None = None, **environment: str) -> AsyncIterator[RunningHouse]:
    """A house in `folder`, ready for use, and ended afterwards."""
    house = await start_house(folder, base_port, None, **environment)

    async def up() -> bool:
        assert house.process.returncode is None, house.said
        return (folder / "credentials.json").exists() and "Ctrl-C ends it" in house.said

    try:
        await eventually(up, START_SECONDS)
        yield house
    finally:
        await house.http.aclose()
        await house.stop()


async def start_house(
    folder: Path, base_port: int | None = None, output: Path | None = None, **environment: str
) -> RunningHouse:
    """Starts `satuatap up` and does not wait for anything. What it says goes to `output`."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    output = output or folder.with_suffix(".output")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
    with output.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services",
            "up",
            "--data-dir",
            str(folder),
            "--base-port",
            str(base_port or seven_free_ports()),
            stdout=stream,
            stderr=stream,
            env={**clean, **environment},
        )
    return RunningHouse(process, folder, output)
