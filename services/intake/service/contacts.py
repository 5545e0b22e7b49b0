"""What was sent by a form or in a chat becomes a Contact, ready to be kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from services.intake.models import Acceptance
from services.intake.schemas import (
    Accepted,
    ChatAccepted,
    ChatIn,
    CitizenIn,
    ContactIn,
    MessageAccepted,
    MessageIn,
)
from shared.events import ContactData, ContactReceived, Person, Trace
from shared.ids import new_id, new_tracking_code
from shared.seal import Capabilities, Seal

_LONG_ENOUGH_TO_SHOW_FOUR = 8


class Citizen(TypedDict):
    """The fields of a Contact that say who it is."""

    citizen: Person
    programme_number_sealed: str | None
    programme_number_last4: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brought a contact, when, and by which request."""

    client: str
    trace: Trace
    now: datetime
    idempotency_key: str | None = None
    fingerprint: str = ""


class Contacts:
    """Makes a Contact of what came by each channel. It keeps nothing: that is the acceptor's business."""

    def __init__(self, *, seal: Seal, chat_tokens: Capabilities) -> None:
        self._seal = seal
        self._chat_tokens = chat_tokens

    def form(self, form: ContactIn, origin: Origin) -> Acceptance:
        """A web form: a case of its own."""
        contact_id, code = new_id(), new_tracking_code()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=code,
            channel="form",
            subject=form.subject,
            body=form.body,
            received_at=origin.now,
            **self.citizen(form),
        )
        answer = Accepted(contact_id=contact_id, tracking_code=code)
        return _acceptance(data, answer, origin)

    def open_chat(self, form: ChatIn, origin: Origin) -> Acceptance:
        """The first line of a chat. Its contact gives the chat its id."""
        contact_id, code = new_id(), new_tracking_code()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=code,
            channel="chat",
            chat_id=contact_id,
            subject=form.subject,
            body=form.body,
            received_at=origin.now,
            **self.citizen(form),
        )
        answer = ChatAccepted(
            contact_id=contact_id,
            tracking_code=code,
            chat_id=contact_id,
            chat_token=self._chat_tokens.issue(contact_id),
        )
        return _acceptance(data, answer, origin, opens_chat=True)

    def message(self, chat_id: UUID, code: str, form: MessageIn, origin: Origin) -> Acceptance:
        """A further line of a chat: it belongs to the case that the chat opened."""
        contact_id = new_id()
        data = ContactData(
            contact_id=contact_id,
            tracking_code=code,
            channel="chat",
            chat_id=chat_id,
            body=form.body,
            received_at=origin.now,
        )
        answer = MessageAccepted(contact_id=contact_id, tracking_code=code, chat_id=chat_id)
        return _acceptance(data, answer, origin)

    def citizen(self, form: CitizenIn) -> Citizen:
        """Who it is, with the programme number sealed."""
        number = form.programme_number
        readable = number is not None and len(number) >= _LONG_ENOUGH_TO_SHOW_FOUR
        return {
            "citizen": Person(name=form.name, email=form.email, phone=form.phone),
            "programme_number_sealed": self._seal.close(number) if number else None,
            "programme_number_last4": number[-4:] if number and readable else None,
        }


def _acceptance(data: ContactData, answer: Accepted, origin: Origin, *, opens_chat: bool = False) -> Acceptance:
    event = ContactReceived.of(
        data,
        subject=data.chat_id or data.contact_id,
        now=origin.now,
        trace=origin.trace,
    )
    return Acceptance(
        event=event,
        payload=event.encode(),
        client=origin.client,
        answer=answer.model_dump_json(),
        idempotency_key=origin.idempotency_key,
        fingerprint=origin.fingerprint,
        opens_chat=opens_chat,
    )
