"""Makes contacts of what channels brought: several at once, all of them or none, and each once."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import UNLIMITED
from services.intake.domain.utterances import Attachment, Renaming, Utterance, Withdrawal
from services.intake.models.attachments import NewFiles
from services.intake.models.contacts import NewContact
from services.intake.models.raw import Raw
from services.intake.models.threads import Source, Thread
from services.intake.repository import contacts, threads, withdrawals
from services.intake.repository.threads import Name
from services.intake.service.attachments import Attachments, described, joined, new_files, obtainable
from services.intake.service.contacts import sealed
from services.intake.service.withdrawals import withdraw
from shared import idempotency
from shared.events import ContactData, ContactReceived, Trace
from shared.ids import new_id, new_tracking_code
from shared.seal import Seal

_AT_A_STRETCH = 50
_VOUCHING = frozenset({"whatsapp", "line"})
"""The channels that know by an id of their own who writes."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An utterance, and what it was in."""

    raw: Raw
    utterance: Utterance

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same as another, as the table of keys has it: who brings it, and how he calls it."""
        return f"{self.raw.channel} {self.utterance.account}", self.utterance.external_id

    @property
    def source_name(self) -> tuple[str, str, str]:
        """What names it among all that was said by any channel."""
        return self.raw.channel, self.utterance.account, self.utterance.external_id

    @property
    def files(self) -> Sequence[Attachment]:
        """What came with it, or can be fetched."""
        return obtainable(self.raw.channel, self.utterance.attachments)

    def named(self, names: Sequence[str]) -> list[Name]:
        """The names of conversations of its channel and account."""
        return [(self.raw.channel, self.utterance.account, name) for name in names]


class Receiver:
    """Receives utterances of every channel. A conversation goes on while it was silent for `thread_lasts` at most."""

    def __init__(self, *, seal: Seal, thread_lasts: timedelta, attachments: Attachments) -> None:
        self._seal = seal
        self._attachments = attachments
        self._thread_lasts = thread_lasts

    async def receive(self, session: AsyncSession, incoming: Sequence[Incoming], now: datetime) -> list[NewContact]:
        """Makes a contact of each utterance that did not come before, with its event and its conversation.

        The caller's transaction keeps all of them or none. Answers the new ones, in the order in which they came.
        """
        names = {name for each in incoming for name in each.named(each.utterance.goes_on_with + each.utterance.names)}
        known = await threads.hold(session, names)
        new = await self._new(session, incoming)
        made = []
        for place, pair in enumerate(self._contacts(new, known, now), start=1):
            made.append(pair)
            if place % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)  # whoever waits in a chat has his turn
        await self._write(session, [contact for contact, _ in made])
        await threads.save(session, list(_thread_names(made)))
        await threads.add_sources(session, [_source(contact, each) for contact, each in made])
        files = joined([_files(contact, each) for contact, each in made])
        await self._attachments.put(files)
        await self._attachments.add(session, files)
        await self._withdraw(session, new, now)
        return [contact for contact, _ in made]

    async def _withdraw(self, session: AsyncSession, new: Sequence[Incoming], now: datetime) -> None:
        """Takes back what was withdrawn before it came."""
        unsaid = await withdrawals.among(session, {each.source_name for each in new})
        early = [each for each in new if each.source_name in unsaid]
        await withdraw(
            session, [(each.raw, Withdrawal(each.utterance.account, each.utterance.external_id)) for each in early], now
        )

    async def rename(self, session: AsyncSession, renamings: Sequence[tuple[Raw, Renaming]]) -> None:
        """Lets conversations go by another name, too."""
        if not renamings:
            return
        pairs = [
            ((raw.channel, each.account, each.before), (raw.channel, each.account, each.after))
            for raw, each in renamings
        ]
        known = await threads.hold(session, {name for pair in pairs for name in pair})
        for before, after in pairs:
            if before in known:
                known[after] = known[before]
        await threads.save(
            session, [(after, known[after].chat_id, known[after].last_line_at) for _, after in pairs if after in known]
        )

    async def _new(self, session: AsyncSession, incoming: Sequence[Incoming]) -> list[Incoming]:
        """Those that came for the first time, also among themselves. Conversations are held already, so that of one
        conversation nothing comes in between.
        """
        first: dict[tuple[str, str], Incoming] = {}
        for each in incoming:
            first.setdefault(each.key, each)
        before = await idempotency.first_answers(session, "intake", list(first)) if first else {}
        return [each for key, each in first.items() if key not in before]

    def _contacts(
        self, incoming: Sequence[Incoming], known: dict[Name, Thread], now: datetime
    ) -> Iterator[tuple[NewContact, Incoming]]:
        """The contact of each. One that begins a conversation is found by those of its batch that go on with it."""
        for each in incoming:
            utterance = each.utterance
            going_on = each.named(utterance.goes_on_with)
            thread = next((known[name] for name in going_on if name in known and self._lasts(known[name], now)), None)
            contact = self._contact(each, thread, now)
            data = contact.event.data
            if data.chat_id:
                now_known = Thread(data.chat_id, data.tracking_code, now)
                known.update(dict.fromkeys(each.named(utterance.names), now_known))
            yield contact, each

    def _lasts(self, thread: Thread, now: datetime) -> bool:
        return now - thread.last_line_at <= self._thread_lasts

    def _contact(self, incoming: Incoming, thread: Thread | None, now: datetime) -> NewContact:
        raw, utterance = incoming.raw, incoming.utterance
        contact_id = new_id()
        chat_id = thread.chat_id if thread else contact_id if utterance.names else None
        data = ContactData(
            contact_id=contact_id,
            tracking_code=thread.tracking_code if thread else new_tracking_code(),
            channel=raw.channel,
            chat_id=chat_id,
            citizen=utterance.citizen,
            subject=utterance.subject,
            body=utterance.body,
            received_at=raw.received_at,
            is_automatic=utterance.is_automatic,
            ticket_id=utterance.ticket_id,
            sender=utterance.sender if raw.channel in _VOUCHING else None,
            attachments=described(raw.id, utterance.external_id, incoming.files),
            **sealed(self._seal, programme_number=utterance.programme_number),
        )
        trace = Trace(raw.correlation_id, raw.traceparent)
        event = ContactReceived.of(data, subject=chat_id or contact_id, now=now, trace=trace)
        client, key = incoming.key
        return NewContact(
            event=event,
            payload=event.encode(),
            client=client,
            answer=orjson.dumps({"contact_id": contact_id}).decode(),
            idempotency_key=key,
            opens_chat=chat_id == contact_id,
        )

    async def _write(self, session: AsyncSession, made: Sequence[NewContact]) -> None:
        """Writes contacts. A line follows the statement that opened its chat: it does not see what that one writes."""
        for batch in (
            [contact for contact in made if not contact.is_chat_line],
            [contact for contact in made if contact.is_chat_line],
        ):
            if batch:
                accepted = await contacts.accept(session, batch, UNLIMITED)
                if len(accepted.contact_ids) < len(batch):
                    raise CameMeanwhile


class CameMeanwhile(Exception):
    """The same utterance was received by somebody else since it was looked for. The next look finds it."""


def _thread_names(made: Sequence[tuple[NewContact, Incoming]]) -> Iterator[tuple[Name, UUID, datetime]]:
    for contact, incoming in made:
        data = contact.event.data
        if data.chat_id:
            for name in incoming.named(incoming.utterance.names):
                yield name, data.chat_id, data.received_at


def _source(contact: NewContact, incoming: Incoming) -> Source:
    return Source(
        contact_id=contact.event.data.contact_id,
        raw_id=incoming.raw.id,
        channel=incoming.raw.channel,
        account=incoming.utterance.account,
        external_id=incoming.utterance.external_id,
        sender=incoming.utterance.sender,
        received_at=incoming.raw.received_at,
    )


def _files(contact: NewContact, incoming: Incoming) -> NewFiles:
    return new_files(contact.event.data, incoming.utterance.account, incoming.files)
