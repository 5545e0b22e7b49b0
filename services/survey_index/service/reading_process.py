"""The process that reads one file of answers: what a hostile file breaks is this process, which has little and ends.

It has the file, a file for what it finds, and limits of memory and time that it cannot lift. It ends with the service.
"""

import errno
import gc
import os
import resource
import threading
import traceback
import warnings
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import DupFd
from typing import IO, Any

from services.survey_index.service.file_reading import Order, Summary, read_file, to_line

BEYOND_LIMITS = 70
NO_ROOM = 75


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take."""

    memory_bytes: int = 768 << 20
    cpu_seconds: int = 300
    found_bytes: int = 1 << 29


class Handed:
    """An open file on its way into another process, where it becomes an open file again, at the same place in it."""

    def __init__(self, file: IO[bytes], mode: str) -> None:
        file.fileno()  # one that is in memory goes to disk now
        file.flush()
        self._file, self._mode = file, mode

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (DupFd(self._file.fileno()), self._mode)


def _reopened(handed: Any, mode: str) -> IO[Any]:
    return os.fdopen(handed.detach(), mode)


def work(content: IO[bytes], lines: IO[bytes], order: Order, limits: Limits) -> None:
    """Reads `content`, and writes a line into `lines` for each batch of respondents, the last being the summary."""
    gc.freeze()  # what the server had imported is no garbage, and to look at it would be to copy it
    _end_with_the_service()  # without a limit yet: who starts a thread that finds no memory waits for ever
    _keep_to(limits)
    warnings.simplefilter("ignore")  # openpyxl's quote what is in the cells
    try:
        with lines:
            lines.write(_read(content, lines, order).model_dump_json().encode())
    except MemoryError:
        os._exit(BEYOND_LIMITS)
    except OSError as error:
        os._exit({errno.EFBIG: BEYOND_LIMITS, errno.ENOSPC: NO_ROOM}.get(error.errno or 0, 1))


def _read(content: IO[bytes], lines: IO[bytes], order: Order) -> Summary:
    try:
        return read_file(content.read(), order, lambda batch: lines.write(to_line(batch)))
    except (MemoryError, OSError):
        raise
    except Exception as error:  # its text may quote a cell, so that only its place is told
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Summary(failure=f"{type(error).__name__} at {place.name}:{place.lineno}")


def _keep_to(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.found_bytes, limits.found_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seconds = limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # at the first SIGXCPU, which tells what it was


def _end_with_the_service() -> None:
    service = parent_process()
    assert service is not None  # noqa: S101 - this runs in a process that somebody started

    def watch() -> None:
        wait([service.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
