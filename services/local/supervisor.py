"""Keeps processes alive: starts them, says so when one dies, starts it again with a growing pause, and ends them
all in order. It ends only what it started.

A full disk ends nothing for good. While it lasts an end says nothing about who ended, and what cannot be said or
written down is no reason to look away.
"""

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
_AGAIN_SECONDS = 1.0
_ROOM_BYTES = 64 * 2**20
"""With less than this free a disk counts as full: four of PostgreSQL's segments of 16 MiB. It makes one or two when it
recovers, and gives the one back for which there was no room."""


class CannotBeKeptAlive(Exception):
    """A process died again and again, or nobody can watch it any longer."""


@dataclass
class Child:
    """A process to keep alive, at work in `folder`. `ready` tells when it can be used; `end_with` asks it to end.

    Tier 0 ends first, then 1, and so on: who leans on others ends before them.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    before_exec: Callable[[], None] | None = None
    end_with: signal.Signals = signal.SIGTERM
    patience_seconds: float = 10.0
    tier: int = 0
    process: asyncio.subprocess.Process | None = None
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0
    trouble: Exception | None = None
    """What last went wrong with starting it, asking it or watching it."""


class Supervisor:
    """Keeps children alive, in the order in which they were added."""

    def __init__(self, *, say: Callable[[str], None], changed: Callable[[Mapping[str, int]], None]) -> None:
        self._say = say
        self._changed = changed
        self._children: list[Child] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._note_again: asyncio.TimerHandle | None = None
        self.failed: asyncio.Future[Child] = asyncio.get_running_loop().create_future()

    async def start(self, *children: Child) -> None:
        """Starts `children` side by side and waits until all are ready. Raises `CannotBeKeptAlive`."""
        for child in children:
            self._children.append(child)
            self._watchers.append(asyncio.create_task(self._watch(child)))
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
        if self._note_again is not None:
            self._note_again.cancel()
        for tier in sorted({child.tier for child in self._children}):
            await asyncio.gather(*(_end(child) for child in self._children if child.tier == tier))

    async def _watch(self, child: Child) -> None:
        """Keeps the child alive. Where that is given up, or cannot go on, `failed` names it: nobody watches it then."""
        try:
            await self._keep(child)
        except Exception as error:
            child.trouble = error
        if not self.failed.done():
            self.failed.set_result(child)

    async def _keep(self, child: Child) -> None:
        """Starts the child again whenever it ends, and returns when that is of no use."""
        false_starts, falls, pause = 0, 0, _FIRST_PAUSE_SECONDS
        was_ready = waits_for_room = False
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            what_came = await self._live_once(child)
            became_ready, stayed = child.is_ready.is_set(), loop.time() - began > _STABLE_SECONDS
            child.is_ready.clear()
            if became_ready:
                was_ready, waits_for_room = True, False
            if stayed:
                pause = _FIRST_PAUSE_SECONDS
            if was_ready and not _has_room(child.log):  # it says nothing about the child
                if not waits_for_room:
                    self._speak(f"{child.name} {what_came}; the disk is full: it is tried again until there is room")
                waits_for_room = True
            else:
                false_starts = 0 if became_ready else false_starts + 1
                falls = 0 if stayed else falls + 1
                if false_starts >= _MOST_FALSE_STARTS or falls >= _MOST_FALLS:
                    return
                self._speak(f"{child.name} {what_came}; it is started again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)

    async def _live_once(self, child: Child) -> str:
        """Starts the child and waits for its end. What became of it, in words."""
        child.process, child.trouble = None, None
        try:
            child.process = await self._begin(child)
        except OSError as error:  # no room for its log, or no process to be had: that may pass
            child.trouble = error
            return f"could not be started ({error.strerror})"
        self._note()
        waiting = asyncio.create_task(self._until_ready(child))
        try:
            return f"ended ({_cause(await child.process.wait())})"
        finally:
            waiting.cancel()
            self._note()

    async def _begin(self, child: Child) -> asyncio.subprocess.Process:
        environment = {**os.environ, **child.environment}
        if child.starts:
            environment.pop("SATUATAP_CRASH_AT", None)  # a planned crash happens once
        child.starts += 1
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=child.folder,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, who ends the others in order
                preexec_fn=child.before_exec,
            )

    async def _until_ready(self, child: Child) -> None:
        """Waits until the child can be used; one that never gets there is ended, which counts as a false start."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _START_SECONDS
        while not await _is_ready(child):
            if loop.time() > give_up_at and child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.kill()
                return
            await asyncio.sleep(0.05)
        child.is_ready.set()
        if child.starts > 1:
            self._speak(f"{child.name} is ready again")

    def _speak(self, line: str) -> None:
        """Says `line`, if anybody can be told: a full device at the other end is no reason to look away."""
        with contextlib.suppress(OSError):
            self._say(line)

    def _note(self) -> None:
        """Has written down which processes run. Where there is no room for it, it is tried until there is."""
        waited = self._note_again is not None
        if self._note_again is not None:
            self._note_again.cancel()
            self._note_again = None
        try:
            self._changed(self.pids())
        except OSError as error:
            self._note_again = asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._note)
            if not waited:
                self._speak(f"which processes run cannot be written down ({error.strerror}): it is tried again")


async def first_of(*futures: "asyncio.Future[Any]") -> None:
    """Waits until one of them is done."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def describe(child: Child) -> str:
    code = child.process.returncode if child.process else None
    trouble = f": {type(child.trouble).__name__}: {child.trouble}" if child.trouble else ""
    full = "" if _has_room(child.log) else "; the disk is full"
    said = f"{child.name} cannot be kept alive ({_cause(code)}, {child.starts} starts){trouble}"
    return f"{said}{full}; its log is {child.log}"


async def _is_ready(child: Child) -> bool:
    """Whether the child says that it can be used. One that cannot be asked is not ready, and is asked again."""
    try:
        answer = await child.ready()
    except Exception as error:
        child.trouble = error
        return False
    child.trouble = None
    return answer


def _has_room(log: Path) -> bool:
    """Whether the disk on which the child writes has room for what a start takes."""
    disk = os.statvfs(next(folder for folder in log.parents if folder.exists()))
    return disk.f_bavail * disk.f_frsize >= _ROOM_BYTES


def _cause(code: int | None) -> str:
    if code is None:
        return "no exit code"
    if code < 0:
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
