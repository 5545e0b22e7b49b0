"""Where the files are that came with contacts: outside the database, under names that we give them.

Another kind of store is a class with these three verbs.
"""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from shared.consumer.failures import OurFault


class Store(ABC):
    """Keeps files by their ids. A file that is put again is the same, whole, whatever ended the first try."""

    @abstractmethod
    async def put(self, files: Sequence[tuple[UUID, bytes]]) -> None:
        """Keeps files: they survive the end of the machine when it returns. Raises `OurFault`."""

    @abstractmethod
    async def get(self, file_id: UUID) -> bytes | None:
        """What is in a file, or None if there is none of this name."""

    @abstractmethod
    async def remove(self, file_ids: Sequence[UUID]) -> None:
        """Removes files; those that are not there are passed over."""


class Directory(Store):
    """Files in a directory of this machine, or of one that all machines see. It is made when the first file comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, files: Sequence[tuple[UUID, bytes]]) -> None:
        try:
            await asyncio.to_thread(self._put, files)
        except OSError as error:
            raise OurFault(f"INTAKE_ATTACHMENTS_DIR cannot be written to ({type(error).__name__}).") from error

    async def get(self, file_id: UUID) -> bytes | None:
        try:
            return await asyncio.to_thread(self._place(file_id).read_bytes)
        except FileNotFoundError:
            return None

    async def remove(self, file_ids: Sequence[UUID]) -> None:
        await asyncio.to_thread(self._remove, file_ids)

    def _put(self, files: Sequence[tuple[UUID, bytes]]) -> None:
        for file_id, content in files:
            place = self._place(file_id)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = place.with_suffix(f".{uuid4().hex}")  # its own: the same file may be put twice at once
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
            _sync(place.parent)

    def _remove(self, file_ids: Sequence[UUID]) -> None:
        for file_id in file_ids:
            place = self._place(file_id)
            for part in place.parent.glob(f"{place.name}.*"):  # left by whoever ended while he wrote
                part.unlink(missing_ok=True)
            place.unlink(missing_ok=True)

    def _place(self, file_id: UUID) -> Path:
        """One of 256 folders, so that none grows without end."""
        return self._folder / file_id.hex[-2:] / file_id.hex


def _sync(folder: Path) -> None:
    """Has the names in a folder survive the end of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
