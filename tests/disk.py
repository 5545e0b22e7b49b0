"""A small disk of its own, which a test may fill."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_CHUNK = bytes(2**20)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk at `folder`, in memory. Skips the test where none can be had."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this system lets nobody mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[int]:
    """Fills `disk` until the block ends. What becomes free meanwhile, `take_everything` takes again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as stream:
        try:
            take_everything(stream.fileno())
            yield stream.fileno()
        finally:
            filler.unlink()


def take_everything(descriptor: int) -> None:
    with suppress(OSError):
        while True:
            os.write(descriptor, _CHUNK)
