"""Makes a contact of what was sent by a form or in a chat, ready to be accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from services.intake.models.contacts import NewContact
from services.intake.schemas.chats import AddressIn, ChatAccepted, ChatIn, MessageAccepted, MessageIn
from services.intake.schemas.citizens import CitizenIn
from services.intake.schemas.contacts import Accepted, ContactIn
from services.intake.schemas.hours import Closing
from shared.events import AttachmentData, ContactData, ContactReceived, Person, Trace
from shared.ids import new_id, new_tracking_code
from shared.seal import Seal
from shared.signing import Capabilities

_LONG_ENOUGH_TO_SHOW_FOUR = 8


class Numbers(TypedDict):
    """The fields of a contact that say the citizen's numbers."""

    nik_sealed: str | None
    nik_last4: str | None
    nik_index: str | None
    programme_number_sealed: str | None
    programme_number_last4: str | None
    programme_number_index: str | None


class Citizen(Numbers):
    """The fields of a contact that say who it is."""

    citizen: Person


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brought a contact, when, and by which request."""

    client: str
    trace: Trace
    now: datetime
    idempotency_key: str | None = None
    fingerprint: str = ""


class Contacts:
    """Makes contacts of what came by each channel. It accepts none: that is the acceptor's business."""

    def __init__(self, *, seal: Seal, chat_tokens: Capabilities) -> None:
        self._seal = seal
        self._chat_tokens = chat_tokens

    def from_form(self, form: ContactIn, origin: Origin, attachments: tuple[AttachmentData, ...] = ()) -> NewContact:
        """Makes a contact of a web form: a case of its own."""
        contact_id, tracking_code = new_id(), new_tracking_code()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=tracking_code,
            channel="form",
            subject=form.subject,
            body=form.body,
            received_at=origin.now,
            attachments=attachments,
            **self.citizen(form),
        )
        answer = Accepted(contact_id=contact_id, tracking_code=tracking_code)
        return _new_contact(data, answer, origin)

    def from_reply(
        self, ticket_id: UUID, body: str, origin: Origin, attachments: tuple[AttachmentData, ...] = ()
    ) -> NewContact:
        """Makes a contact of an answer that proves which ticket it is about. Its code counts only if there is none."""
        contact_id, tracking_code = new_id(), new_tracking_code()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=tracking_code,
            channel="form",
            ticket_id=ticket_id,
            body=body,
            received_at=origin.now,
            attachments=attachments,
        )
        return _new_contact(data, Accepted(contact_id=contact_id, tracking_code=tracking_code), origin)

    def from_new_chat(self, form: ChatIn, origin: Origin, closed: Closing | None = None) -> NewContact:
        """Makes a contact of the first line of a chat. It gives the chat its id. The answer says what is `closed`."""
        contact_id, tracking_code = new_id(), new_tracking_code()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=tracking_code,
            channel="chat",
            chat_id=contact_id,
            subject=form.subject,
            body=form.body,
            received_at=origin.now,
            **self.citizen(form),
        )
        answer = ChatAccepted(
            contact_id=contact_id,
            tracking_code=tracking_code,
            chat_id=contact_id,
            chat_token=self._chat_tokens.issue(contact_id),
            closed=closed,
        )
        return _new_contact(data, answer, origin, opens_chat=True)

    def from_message(
        self, chat_id: UUID, tracking_code: str, form: MessageIn, origin: Origin, closed: Closing | None = None
    ) -> NewContact:
        """Makes a contact of a further line of a chat: it belongs to the case that the chat opened."""
        return self._going_on(chat_id, tracking_code, origin, closed, body=form.body)

    def from_address(self, chat_id: UUID, tracking_code: str, form: AddressIn, origin: Origin) -> NewContact:
        """Makes a contact of an address that was left in a chat, without a word: so its case learns it."""
        who = Person(email=form.email, phone=form.phone)
        return self._going_on(chat_id, tracking_code, origin, None, citizen=who)

    def _going_on(
        self, chat_id: UUID, tracking_code: str, origin: Origin, closed: Closing | None, **said: Any
    ) -> NewContact:
        contact_id = new_id()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=tracking_code,
            channel="chat",
            chat_id=chat_id,
            received_at=origin.now,
            **said,
        )
        answer = MessageAccepted(contact_id=contact_id, tracking_code=tracking_code, chat_id=chat_id, closed=closed)
        return _new_contact(data, answer, origin)

    def citizen(self, form: CitizenIn) -> Citizen:
        """Says who the citizen is, with his numbers sealed."""
        return {
            "citizen": Person(name=form.name, email=form.email, phone=form.phone),
            **self.numbers(form),
        }

    def numbers(self, form: CitizenIn) -> Numbers:
        """The citizen's numbers, sealed."""
        return sealed(self._seal, nik=form.nik, programme_number=form.programme_number)


def sealed(seal: Seal, *, nik: str | None = None, programme_number: str | None = None) -> Numbers:
    """Seals a citizen's numbers, and says the last four digits of each where they do not tell it, and its index."""
    return {
        "nik_sealed": seal.close(nik) if nik else None,
        "nik_last4": _last4(nik),
        "nik_index": seal.index("nik", nik) if nik else None,
        "programme_number_sealed": seal.close(programme_number) if programme_number else None,
        "programme_number_last4": _last4(programme_number),
        "programme_number_index": seal.index("programme_number", programme_number) if programme_number else None,
    }


def _last4(number: str | None) -> str | None:
    return number[-4:] if number and len(number) >= _LONG_ENOUGH_TO_SHOW_FOUR else None


def _new_contact(data: ContactData, answer: Accepted, origin: Origin, *, opens_chat: bool = False) -> NewContact:
    subject = data.chat_id or data.contact_id
    event = ContactReceived.of(data, subject=subject, now=origin.now, trace=origin.trace)
    return NewContact(
        event=event,
        payload=event.encode(),
        client=origin.client,
        answer=answer.model_dump_json(),
        idempotency_key=origin.idempotency_key,
        fingerprint=origin.fingerprint,
        opens_chat=opens_chat,
    )
