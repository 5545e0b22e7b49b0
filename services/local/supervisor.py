"""Keeps processes alive: starts them, says so when one dies, starts it again with a growing pause, and ends them
all in order. It ends only what it started."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_MOST_FALSE_STARTS = 6
_STABLE_SECONDS = 10.0
_MOST_FALLS = 20
"""Ends in a row, each within the time that counts as stable: this often it was ready, and could not stay."""
_START_SECONDS = 60.0


class CannotBeKeptAlive(Exception):
    """A process died again and again without ever becoming ready."""


@dataclass
class Child:
    """A process to keep alive. `ready` returns once it can be used; `end_with` is how it is asked to end.

    Tier 0 ends first, then 1, and so on: who leans on others ends before them.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    before_exec: Callable[[], None] | None = None
    end_with: signal.Signals = signal.SIGTERM
    patience_seconds: float = 10.0
    tier: int = 0
    process: asyncio.subprocess.Process | None = None
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0


class Supervisor:
    """Keeps children alive, in the order in which they were added."""

    def __init__(self, *, say: Callable[[str], None], changed: Callable[[Mapping[str, int]], None]) -> None:
        self._say = say
        self._changed = changed
        self._children: list[Child] = []
        self._watchers: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[Child] = asyncio.get_running_loop().create_future()

    async def start(self, *children: Child) -> None:
        """Starts `children` side by side and waits until all are ready. Raises `CannotBeKeptAlive`."""
        for child in children:
            self._children.append(child)
            self._watchers.append(asyncio.create_task(self._keep(child)))
        everybody = asyncio.gather(*(child.is_ready.wait() for child in children))
        try:
            await first_of(everybody, self.failed)
        finally:
            everybody.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await everybody
        if self.failed.done():
            raise CannotBeKeptAlive(describe(self.failed.result()))

    def pids(self) -> dict[str, int]:
        """The process id of each child that runs."""
        return {
            child.name: child.process.pid
            for child in self._children
            if child.process is not None and child.process.returncode is None
        }

    async def stop(self) -> None:
        """Ends everything, tier by tier."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for tier in sorted({child.tier for child in self._children}):
            await asyncio.gather(*(_end(child) for child in self._children if child.tier == tier))

    async def _keep(self, child: Child) -> None:
        false_starts, falls, pause = 0, 0, _FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._live_once(child)
            if child.is_ready.is_set():
                false_starts = 0
                child.is_ready.clear()
            else:
                false_starts += 1
            falls += 1
            if loop.time() - began > _STABLE_SECONDS:
                falls, pause = 0, _FIRST_PAUSE_SECONDS
            if false_starts >= _MOST_FALSE_STARTS or falls >= _MOST_FALLS:
                if not self.failed.done():
                    self.failed.set_result(child)
                return
            self._say(f"{child.name} ended ({_cause(code)}); it is started again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)

    async def _live_once(self, child: Child) -> int:
        environment = {**os.environ, **child.environment}
        if child.starts:
            environment.pop("SATUATAP_CRASH_AT", None)  # a planned crash happens once
        child.starts += 1
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            child.process = await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, who ends the others in order
                preexec_fn=child.before_exec,
            )
        self._changed(self.pids())
        waiting = asyncio.create_task(self._until_ready(child))
        try:
            return await child.process.wait()
        finally:
            waiting.cancel()
            self._changed(self.pids())

    async def _until_ready(self, child: Child) -> None:
        """Waits until the child can be used; one that never gets there is ended, which counts as a false start."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _START_SECONDS
        while not await child.ready():
            if loop.time() > give_up_at and child.process is not None:
                child.process.kill()
                return
            await asyncio.sleep(0.05)
        child.is_ready.set()
        if child.starts > 1:
            self._say(f"{child.name} is ready again")


async def first_of(*futures: "asyncio.Future[Any]") -> None:
    """Waits until one of them is done."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def describe(child: Child) -> str:
    code = child.process.returncode if child.process else None
    return f"{child.name} cannot be kept alive ({_cause(code)}, {child.starts} starts); its log is {child.log}"


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


async def _end(child: Child) -> None:
    process = child.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(child.end_with)
    try:
        await asyncio.wait_for(process.wait(), child.patience_seconds)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
