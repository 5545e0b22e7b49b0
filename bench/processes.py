"""What the processes of a house have used of the processors."""

from contextlib import suppress

import psutil

from services.local.house import House


def cpu_seconds(house: House) -> dict[str, float]:
    """The CPU seconds of each process of the house since it began, those of its children with it."""
    seconds = {}
    for name, pid in house.supervisor.pids().items():
        process = psutil.Process(pid)
        times = [process.cpu_times()]
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a worker of PostgreSQL that has ended since
                times.append(child.cpu_times())
        seconds[name] = sum(t.user + t.system for t in times) + times[0].children_user + times[0].children_system
    return seconds
