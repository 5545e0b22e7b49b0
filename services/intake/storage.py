"""Where the files are that came with contacts: outside the database, under names that we give them.

Another kind of store is a class with these three verbs.
"""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from obstore.exceptions import BaseError
from obstore.store import S3Store

from services.intake.settings import IntakeSettings
from shared.consumer.failures import OurFault

_DELETED_AT_ONCE = 1_000
"""As S3 bounds it."""


class Store(ABC):
    """Keeps files by their ids. A file that is put again is the same, whole, whatever ended the first try.

    Each verb raises `OurFault` where the store cannot be used.
    """

    @abstractmethod
    async def put(self, files: Sequence[tuple[UUID, bytes]]) -> None:
        """Keeps files: they survive the end of the machine when it returns."""

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
        with _usable("INTAKE_ATTACHMENTS_DIR cannot be written to"):
            await asyncio.to_thread(self._put, files)

    async def get(self, file_id: UUID) -> bytes | None:
        with _usable("INTAKE_ATTACHMENTS_DIR cannot be read"):
            return await asyncio.to_thread(self._get, file_id)

    async def remove(self, file_ids: Sequence[UUID]) -> None:
        with _usable("INTAKE_ATTACHMENTS_DIR cannot be written to"):
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

    def _get(self, file_id: UUID) -> bytes | None:
        try:
            return self._place(file_id).read_bytes()
        except FileNotFoundError:
            return None

    def _remove(self, file_ids: Sequence[UUID]) -> None:
        for file_id in file_ids:
            place = self._place(file_id)
            for part in place.parent.glob(f"{place.name}.*"):  # left by whoever ended while he wrote
                part.unlink(missing_ok=True)
            place.unlink(missing_ok=True)

    def _place(self, file_id: UUID) -> Path:
        """One of 256 folders, so that none grows without end."""
        return self._folder / file_id.hex[-2:] / file_id.hex


class S3(Store):
    """Files in a bucket, of Amazon or of any server that speaks as S3 does."""

    def __init__(self, settings: IntakeSettings) -> None:
        endpoint = str(settings.bucket_endpoint).rstrip("/") if settings.bucket_endpoint else None
        self._bucket = S3Store(
            settings.bucket,
            endpoint=endpoint,
            region=settings.bucket_region,
            access_key_id=settings.bucket_key.get_secret_value(),
            secret_access_key=settings.bucket_secret.get_secret_value(),
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http:")),
                "connect_timeout": "5s",
                "timeout": "30s",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
        )

    async def put(self, files: Sequence[tuple[UUID, bytes]]) -> None:
        with _usable("The bucket of INTAKE_BUCKET takes no files"):
            for file_id, content in files:
                # in one request: the parts of one that was never ended would stay, and be in no list of files
                await self._bucket.put_async(file_id.hex, content, use_multipart=False)

    async def get(self, file_id: UUID) -> bytes | None:
        with _usable("The bucket of INTAKE_BUCKET cannot be read"):
            try:
                found = await self._bucket.get_async(file_id.hex)
            except FileNotFoundError:
                return None
            return bytes(await found.bytes_async())

    async def remove(self, file_ids: Sequence[UUID]) -> None:
        with _usable("From the bucket of INTAKE_BUCKET nothing can be removed"):
            for start in range(0, len(file_ids), _DELETED_AT_ONCE):
                await self._bucket.delete_async([each.hex for each in file_ids[start : start + _DELETED_AT_ONCE]])


def store_of(settings: IntakeSettings) -> Store:
    """The store that the settings choose."""
    return S3(settings) if settings.bucket else Directory(settings.attachments_dir)


@contextmanager
def _usable(otherwise: str) -> Iterator[None]:
    """Says that it is our fault, and what is wrong, where a store cannot be used."""
    try:
        yield
    except (OSError, BaseError) as error:
        raise OurFault(f"{otherwise} ({type(error).__name__}).") from error


def _sync(folder: Path) -> None:
    """Has the names in a folder survive the end of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
