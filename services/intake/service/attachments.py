"""Keeps the files that come with contacts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Attachment
from services.intake.models.attachments import KeptFile
from services.intake.repository import attachments
from services.intake.storage import Store
from shared.events import AttachmentData, ContactData


class Attachments:
    """Puts files into the store, and writes down whose they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, session: AsyncSession, files: Sequence[tuple[KeptFile, bytes]]) -> None:
        """Keeps files, and then their rows with the transaction of their contacts.

        If it is undone, the next try puts the same files again.
        """
        if files:
            await self._store.put([(file.id, content) for file, content in files])
            await attachments.add(session, [file for file, _ in files])

    async def forget(self, session: AsyncSession, before: datetime, limit: int) -> int:
        """Removes up to `limit` files from before a moment. How many."""
        forgotten = await attachments.forget(session, before, limit)
        await self._store.remove(forgotten)
        return len(forgotten)


def described(raw_id: UUID, external_id: str, files: Sequence[Attachment]) -> tuple[AttachmentData, ...]:
    """The files of an utterance as its event tells them. Another try gives them the same ids, which follow from it."""
    return tuple(
        AttachmentData(
            id=uuid5(raw_id, f"{external_id}\n{place}"),
            name=file.name,
            media_type=file.media_type,
            size=len(content),
        )
        for place, (file, content) in enumerate(_brought(files))
    )


def to_keep(contact: ContactData, files: Sequence[Attachment]) -> list[tuple[KeptFile, bytes]]:
    """The same files as they are kept, each with its bytes."""
    kept = []
    for place, (told, (_, content)) in enumerate(zip(contact.attachments, _brought(files), strict=True)):
        row = KeptFile(told.id, contact.contact_id, place, told.name, told.media_type, told.size, contact.received_at)
        kept.append((row, content))
    return kept


def _brought(files: Sequence[Attachment]) -> list[tuple[Attachment, bytes]]:
    return [(file, file.content) for file in files if file.content is not None]
