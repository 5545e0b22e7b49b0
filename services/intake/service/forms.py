"""The web form of those who have no front end: what it takes, once, and what the page after it tells."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import UNLIMITED
from services.intake.domain.utterances import Attachment
from services.intake.models.contacts import NewContact
from services.intake.repository import contacts as stored
from services.intake.schemas.contacts import ContactIn
from services.intake.service.acceptance import Acceptor
from services.intake.service.attachments import Attachments, described, new_files
from services.intake.service.contacts import Contacts, Origin
from shared import idempotency
from shared.consumer.failures import Fault, fault_of
from shared.db import Database, after_commit
from shared.errors import NotFound, Unavailable
from shared.events import AttachmentData
from shared.fingerprints import fingerprint
from shared.privacy import masked_address
from shared.signing import Capabilities
from shared.telemetry import ACCEPTED, log

CLIENT = "form"
"""Who brings what nobody signed: each form has a key of its own beside that."""
_AT_ONCE = 4
_LONGEST_WAIT_SECONDS = 8.0
_FILES = UUID("6c1f3c1e-5d0a-4f39-9b1c-3f1f0b9a7d52")
"""What the ids of files of forms begin from; no other way in has it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the page after the form tells: the code, and by which way we will tell, masked."""

    tracking_code: str
    email: str | None
    phone: str | None


class Forms:
    """Takes forms, with files of up to `most_file_bytes` each. `links` names the page after a form, for the one who
    sent it alone.
    """

    def __init__(
        self,
        *,
        db: Database,
        contacts: Contacts,
        acceptor: Acceptor,
        attachments: Attachments,
        links: Capabilities,
        most_file_bytes: int,
    ) -> None:
        self._db = db
        self._contacts = contacts
        self._acceptor = acceptor
        self._attachments = attachments
        self._links = links
        self.most_file_bytes = most_file_bytes
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def turn(self, files: int) -> AsyncIterator[None]:
        """Lets a few forms with files be in memory at once; the others wait on the disk. Raises `Unavailable` when too
        many wait.
        """
        if not files:
            yield
            return
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable("More files are arriving than can be kept right now.") from None
        try:
            yield
        finally:
            self._turns.release()

    async def send(self, form: ContactIn, origin: Origin, files: Sequence[Attachment]) -> str:
        """Accepts a form, and answers the name of the page after it. The same form sent again gets the same page.

        Raises `IdempotencyKeyReused` where the form was sent before and said something else, and `Unavailable`.
        """
        return await self._send(self._contacts.from_form(form, origin, _told(origin, files)), files)

    async def reply(self, ticket_id: UUID, body: str, origin: Origin, files: Sequence[Attachment]) -> str:
        """Accepts what a citizen answers about his case, as `send` does a form."""
        return await self._send(self._contacts.from_reply(ticket_id, body, origin, _told(origin, files)), files)

    async def _send(self, contact: NewContact, files: Sequence[Attachment]) -> str:
        try:
            answer = await (self._accept_with(files, contact) if files else self._acceptor.accept(contact))
        except Exception as error:
            if fault_of(error) is Fault.ITS_OWN:
                raise
            raise Unavailable("Nothing of it was kept. Please send it again.") from error
        return self._links.issue(UUID(orjson.loads(answer)["contact_id"]))

    async def _accept_with(self, files: Sequence[Attachment], contact: NewContact) -> str:
        """Accepts a form with its files, all of it or nothing, and answers as the acceptor does, whose shared commit
        stays one statement for those without.
        """
        kept = new_files(contact.event.data, "", files)
        await self._attachments.put(kept)
        async with self._db.transaction() as session:
            accepted = await stored.accept(session, [contact], UNLIMITED)
            if not accepted.contact_ids:
                named = contact.client, contact.idempotency_key or ""
                first = (await idempotency.first_answers(session, "intake", [named]))[named]
                return first.to(contact.fingerprint).answer
            await self._attachments.add(session, kept)
            after_commit(session, self._db.outbox_bell.ring)
        ACCEPTED.labels("form").inc()
        log.info("form.accepted", files=len(files), correlation_id=contact.event.correlationid)
        return contact.answer

    async def receipt(self, session: AsyncSession, link: str) -> Receipt:
        """What the page of this name tells. Raises `NotFound`."""
        contact_id = self._links.read(link)
        sent = await stored.find_form(session, contact_id) if contact_id else None
        if sent is None:
            raise NotFound("There is no such page.")
        return Receipt(sent.tracking_code, _masked(sent.email), _masked(sent.phone))


def mark_of(path: str, values: Mapping[str, str], files: Sequence[Attachment]) -> str:
    """What a form says that was sent to a path, as the table of keys has it."""
    digests = [[file.name, hashlib.sha256(file.content or b"").hexdigest()] for file in files]
    return fingerprint(f"POST {path}", orjson.dumps({**values, **({"files": digests} if digests else {})}))


def _told(origin: Origin, files: Sequence[Attachment]) -> tuple[AttachmentData, ...]:
    return described(_FILES, f"{origin.idempotency_key}\n{origin.fingerprint}", files)


def _masked(address: str | None) -> str | None:
    return masked_address(address) if address else None
