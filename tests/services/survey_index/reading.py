"""The processes that read files, as a test finds them."""

from contextlib import suppress
from typing import Any

import psutil

from tests.conftest import eventually

FORK_SERVER = "multiprocessing.forkserver"


def readers_of(pid: int) -> list[psutil.Process]:
    """The processes that read files for the process `pid` at this moment: what its fork server has forked."""
    found: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children():
            with suppress(psutil.NoSuchProcess):
                if FORK_SERVER in " ".join(child.cmdline()):
                    found += child.children()
    return found


async def the_reader(pid: int) -> psutil.Process:
    """The process that reads a file for the process `pid`, once it does."""

    async def find_readers() -> list[psutil.Process]:
        return readers_of(pid)

    found: Any = await eventually(find_readers)
    return psutil.Process(found[0].pid)


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, though nobody may have asked yet how."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
