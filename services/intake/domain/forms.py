"""Which files the web form takes."""

from collections.abc import Sequence
from typing import Literal

MOST_FILES = 5
MOST_FILES_BYTES = 10 * 1024 * 1024
"""All files of a form together."""

FilesFault = Literal["too_many", "too_large"]


def fault_of(sizes: Sequence[int], most_bytes_each: int) -> FilesFault | None:
    """What is wrong with files of these sizes, if anything."""
    if sum(sizes) > MOST_FILES_BYTES or any(size > most_bytes_each for size in sizes):
        return "too_large"
    return "too_many" if len(sizes) > MOST_FILES else None
