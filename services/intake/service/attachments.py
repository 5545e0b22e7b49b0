"""The files of contacts: how they are kept, and what staff see of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.media import FETCHED_FROM, without_a_token
from services.intake.domain.utterances import Attachment
from services.intake.models.attachments import NewFiles, StoredFile
from services.intake.models.media import Medium
from services.intake.repository import attachments, loose_files, media
from services.intake.schemas.attachments import AttachmentList, AttachmentOut
from services.intake.storage import Store
from shared.consumer.failures import OurFault
from shared.crash import crash_point
from shared.db import Database
from shared.errors import NotFound, Refusal, Unavailable
from shared.events import AttachmentData, ContactData
from shared.telemetry import log


class AttachmentWaiting(Refusal):
    """The file is still to be fetched from where its channel keeps it."""

    status, code, title = 409, "attachment_waiting", "The file is not here yet"


class AttachmentFailed(Refusal):
    """The file could not be fetched, and will not come."""

    status, code, title = 404, "attachment_failed", "The file could not be fetched"


class Attachments:
    """Puts files into the store, writes down whose they are, and reads them. Those of the channels `fetched_from` are
    fetched where a channel tells only of them.
    """

    def __init__(self, *, db: Database, store: Store, fetched_from: Collection[str]) -> None:
        self._db = db
        self._store = store
        self._fetched_from = fetched_from

    async def put(self, files: NewFiles) -> None:
        """Puts the bytes of files into the store, before their rows are committed.

        What nothing follows is found and removed; the next try puts the same files again.
        """
        if files.contents:
            async with self._db.autocommit() as session:
                await loose_files.announce(session, [file_id for file_id, _ in files.contents])
            await self._store.put(files.contents)
            crash_point("intake.files.put")

    async def add(self, session: AsyncSession, files: NewFiles) -> None:
        """Writes down files that are put, and those to be fetched, in the transaction of their contacts."""
        if not files.rows:
            return
        if not await loose_files.take_in(session, [file_id for file_id, _ in files.contents]):
            raise Unavailable("The files were removed before their contact was accepted.")
        await attachments.add(session, files.rows)
        await media.add(session, files.media)

    async def of_contact(self, session: AsyncSession, contact_id: UUID) -> Sequence[StoredFile]:
        """The files of a contact. Raises `NotFound`."""
        files = await attachments.of_contact(session, contact_id)
        if files is None:
            raise NotFound("There is no such contact.")
        return await self._with_reasons(session, files)

    async def content(self, session: AsyncSession, attachment_id: UUID) -> tuple[StoredFile, bytes]:
        """A file and its bytes. Raises `NotFound`, `AttachmentWaiting`, `AttachmentFailed` and `Unavailable`."""
        file = await attachments.find(session, attachment_id)
        if file is None:
            raise NotFound("There is no such file, or not any more.")
        if file.state == "failed":
            raise AttachmentFailed(_sentence(file.reason))
        if file.state == "waiting":
            [file] = await self._with_reasons(session, [file])
            raise AttachmentWaiting(_sentence(file.reason or "it is fetched in a moment"))
        try:
            content = await self._store.get(file.id)
        except OurFault as fault:
            log.error("attachment.unreadable", attachment_id=str(file.id), exc_info=fault)
            raise Unavailable("The store of files does not answer.") from fault
        if content is None:
            log.error("attachment.missing", attachment_id=str(file.id))
            raise NotFound("The bytes of this file are not in the store.")
        return file, content

    async def _with_reasons(self, session: AsyncSession, files: Sequence[StoredFile]) -> list[StoredFile]:
        """The files, with the reason of those that nobody can fetch here while a setting is missing."""
        waiting = [file.id for file in files if file.state == "waiting"]
        channels = await media.channels_of(session, waiting) if waiting else {}
        return [
            replace(file, reason=without_a_token(channel))
            if (channel := channels.get(file.id)) and channel not in self._fetched_from
            else file
            for file in files
        ]


def listed(files: Sequence[StoredFile]) -> AttachmentList:
    """Files as staff see them."""
    return AttachmentList(
        items=[
            AttachmentOut(
                id=file.id,
                name=file.name,
                media_type=file.media_type,
                size=file.size if file.state == "kept" else None,
                state=file.state,
                reason=file.reason,
                received_at=file.received_at,
            )
            for file in files
        ]
    )


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def described(source_id: UUID, name: str, files: Sequence[Attachment]) -> tuple[AttachmentData, ...]:
    """The files of an utterance as its event tells them. Another try gives them the same ids, which follow from where
    it came from and what it is called there.
    """
    return tuple(
        AttachmentData(
            id=uuid5(source_id, f"{name}\n{place}"),
            name=file.name,
            media_type=file.media_type,
            size=len(file.content or b""),
            is_to_come=file.content is None,
        )
        for place, file in enumerate(files)
    )


def new_files(contact: ContactData, account: str, files: Sequence[Attachment]) -> NewFiles:
    """The same files as they are kept."""
    both = list(zip(contact.attachments, files, strict=True))
    return NewFiles(
        rows=[
            StoredFile(
                told.id,
                contact.contact_id,
                place,
                told.name,
                told.media_type,
                told.size,
                contact.received_at,
                "waiting" if told.is_to_come else "kept",
            )
            for place, (told, _) in enumerate(both)
        ],
        contents=[(told.id, file.content) for told, file in both if file.content is not None],
        media=[Medium(told.id, contact.channel, account, file.reference) for told, file in both if told.is_to_come],
    )


def joined(each: Sequence[NewFiles]) -> NewFiles:
    """The files of several contacts."""
    return NewFiles(
        [row for files in each for row in files.rows],
        [content for files in each for content in files.contents],
        [medium for files in each for medium in files.media],
    )


def obtainable(channel: str, files: Sequence[Attachment]) -> Sequence[Attachment]:
    """The files that are there, or can be fetched."""
    return [file for file in files if file.content is not None or (file.reference and channel in FETCHED_FROM)]
