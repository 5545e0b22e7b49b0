"""Reads files of answers, each that is not small in a process of its own (`reading_process`), a few at once.

They are forked from a server that has imported what reading needs (`multiprocessing`'s forkserver): to start one takes
milliseconds, and it has neither the service's memory nor its connections.
"""

import asyncio
import io
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from typing import IO, Self

from pydantic import ValidationError

from services.survey_index.domain.sheet.rules import Answered
from services.survey_index.service import reading_process
from services.survey_index.service.archive import looks_like_workbook
from services.survey_index.service.file_reading import Order, Summary, from_line, read_file
from services.survey_index.service.reading_process import BEYOND_LIMITS, NO_ROOM, Handed, Limits
from shared.errors import FieldError, Unavailable
from shared.telemetry import log

LIMITS = Limits()
_AT_ONCE = 2
_WAIT_SECONDS = 30
_MOST_WAITING = 8
"""Each of them is a file on our disk."""
_SECONDS = 600
_LONGEST_SUMMARY = 1 << 20
_SMALL_BYTES = 1 << 20
"""A CSV file of this size is read here: it unpacks to nothing larger, and a process would take an office's file half as
long again.
"""
_SERVER_ENDED = 255
"""What multiprocessing tells of a process when the server that it was forked from is gone."""
_asking = threading.Lock()
"""Whoever starts a process asks all others whether they have ended, and each can tell it once (`multiprocessing`)."""
_processes = get_context("forkserver")
_processes.set_forkserver_preload([f"{__package__}.reading_server", reading_process.__name__])


class Reading:
    """What was read of a file. The respondents wait on disk, and are gone when it is closed."""

    def __init__(self, lines: IO[bytes], summary: Summary) -> None:
        self._lines = lines
        self.summary = summary

    @classmethod
    def refused(cls, faults: Sequence[FieldError]) -> Self:
        """Of a file that nobody needed to open to know what is wrong."""
        return cls(io.BytesIO(), Summary(faults=list(faults)))

    def batches(self) -> Iterator[Sequence[Answered]]:
        """The respondents, in batches; none of a file with faults."""
        if self.summary.faults:
            return
        self._lines.seek(0)
        for line in self._lines:
            if line.startswith(b"{"):
                return
            yield from_line(line)

    def close(self) -> None:
        self._lines.close()


class Readers:
    """Reads a few files at once; others wait for their turn, but not for long."""

    def __init__(
        self,
        limits: Limits = LIMITS,
        at_once: int = _AT_ONCE,
        wait_seconds: float = _WAIT_SECONDS,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self._limits = limits
        self._most_waiting = most_waiting
        self._places = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._wait_seconds = wait_seconds

    async def read(self, content: IO[bytes], order: Order) -> Reading:
        """Reads a file to its end; the process ends at once when this is cancelled.

        What is wrong with the file is in the summary. Raises `Unavailable` when too many files are being read.
        """
        if content.seekable():
            content.seek(0)
            beginning = content.read(_SMALL_BYTES + 1)
            content.seek(0)
            if len(beginning) <= _SMALL_BYTES and not looks_like_workbook(beginning):
                return await asyncio.to_thread(_ReadHere, beginning, order)
        lines = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the Reading
        try:
            async with self._place():
                ended = await self._run(content, lines, order)
            summary = self._summary(ended, lines)
        except BaseException:
            lines.close()
            raise
        if summary.damage:
            log.info("import.workbook_unreadable", error=summary.damage)
        return Reading(lines, summary)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        others = Unavailable("Other files are being read. Please send it again.", 10)
        if self._waiting >= self._most_waiting:
            raise others
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise others from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _run(self, content: IO[bytes], lines: IO[bytes], order: Order) -> int | None:
        """How the process ended: its exit code, or None if it did not in time."""
        process = _processes.Process(
            target=reading_process.work,
            args=(Handed(content, "rb"), Handed(lines, "wb"), order, self._limits),
            daemon=True,
        )
        told_to_stop, stop = os.pipe()
        running = asyncio.create_task(asyncio.to_thread(_carry_out, process, told_to_stop))
        try:
            return await asyncio.shield(running)
        finally:
            os.close(stop)
            await asyncio.wait([running])
            os.close(told_to_stop)

    def _summary(self, ended: int | None, lines: IO[bytes]) -> Summary:
        """What the process said last, or what its end says. Raises `Unavailable`, and what is our fault."""
        if ended == 0:
            size = lines.seek(0, io.SEEK_END)
            lines.seek(max(0, size - _LONGEST_SUMMARY))
            try:
                summary = Summary.model_validate_json(lines.read().rpartition(b"\n")[2])
            except ValidationError:
                raise ReadingFailed("its last line is no summary") from None
            if summary.failure:
                raise ReadingFailed(summary.failure)
            return summary
        log.warning("import.reading_ended", code=ended)
        if ended in (BEYOND_LIMITS, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT):
            memory, seconds = self._limits.memory_bytes >> 20, self._limits.cpu_seconds
            expected = f"what is read with {memory} MB of memory in {seconds} seconds; divide it into several files"
            return Summary(faults=[FieldError("file", "takes more to read than answers do", expected)])
        if ended is None or ended < 0 or ended in (NO_ROOM, _SERVER_ENDED):
            raise Unavailable("There is no room to read a file just now. Please send it again.", 10)
        raise ReadingFailed(f"it ended with {ended}")


class _ReadHere(Reading):
    """What was read of a small file, and needs no disk."""

    def __init__(self, content: bytes, order: Order) -> None:
        self._batches: list[Sequence[Answered]] = []
        super().__init__(io.BytesIO(), read_file(content, order, self._batches.append))

    def batches(self) -> Iterator[Sequence[Answered]]:
        return iter([] if self.summary.faults else self._batches)


class ReadingFailed(Exception):
    """The process that read a file failed, and not by the file; the text says where, and quotes nothing of it."""


def _carry_out(process: ForkServerProcess, told_to_stop: int) -> int | None:
    """Runs `process` until it ends, it is told to stop, or it takes too long. None unless it ended by itself."""
    try:
        with _asking:
            process.start()
    except (EOFError, OSError):  # somebody ended the server that it is forked from; the next one starts another
        return None
    wait([process.sentinel, told_to_stop], timeout=_SECONDS)
    with _asking:
        ended = process.exitcode
        process.kill()
        process.join()
        process.close()
    return ended
