"""What `intake` says: a citizen brought something, or a channel tells what became of a message of ours."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.people import Person
from shared.events.streams import STREAMS
from shared.events.words import Channel, ContactOutcome, DeliveryStatus, Words


class AttachmentData(Data):
    """A file that came with a contact: `intake` keeps it under this id. `size` is in bytes.

    One that `is_to_come` is still to be fetched from where its channel keeps it, which may fail: its size is 0.
    """

    id: UUID
    name: str
    media_type: str
    size: int
    is_to_come: bool = False


class ContactData(Data):
    """One utterance of a citizen, from whatever channel, in one form.

    `outcome` is what the channel already did: a booth settles or escalates at once, the others leave it open.
    `nik`, the number of an identity card, and `programme_number` are sealed (`shared.seal`): their last four digits are
    readable, and the blind index is equal for equal numbers of a kind. What a machine wrote `is_automatic`, and must
    not be answered by one. `ticket_id` is the ticket that it answers, where a
    token of ours in it proves that. `sender` is what WhatsApp or LINE, which vouch for it, call whoever said it.
    """

    contact_id: UUID
    tracking_code: str
    channel: Annotated[str, Words(Channel)]
    chat_id: UUID | None = None
    visit_id: UUID | None = None
    citizen: Person = Person()
    programme_number_sealed: str | None = None
    programme_number_last4: str | None = None
    programme_number_index: str | None = None
    nik_sealed: str | None = None
    nik_last4: str | None = None
    nik_index: str | None = None
    subject: str = ""
    body: str = ""
    received_at: datetime
    outcome: Annotated[str, Words(ContactOutcome)] = "open"
    is_automatic: bool = False
    ticket_id: UUID | None = None
    sender: str | None = None
    attachments: tuple[AttachmentData, ...] = ()


class ContactReceived(Event[ContactData]):
    """A channel accepted something from a citizen."""

    stream = STREAMS["contacts"]
    type: Literal["contact.received"] = "contact.received"
    dataschema: Literal["urn:satuatap:contact.received:1"] = "urn:satuatap:contact.received:1"


class DeliveryReportedData(Data):
    """What a channel tells of a message of ours, which it calls `external_id`; `notice_id` where that carries a mark of
    ours. Reports come in any order, several times, or not at all.
    """

    channel: Annotated[str, Words(Channel)]
    account: str
    external_id: str
    notice_id: UUID | None = None
    status: Annotated[str, Words(DeliveryStatus)]
    reason: str = ""
    reported_at: datetime


class DeliveryReported(Event[DeliveryReportedData]):
    """A channel told what became of a message of ours."""

    stream = STREAMS["contacts"]
    type: Literal["delivery.reported"] = "delivery.reported"
    dataschema: Literal["urn:satuatap:delivery.reported:1"] = "urn:satuatap:delivery.reported:1"


class ContactWithdrawnData(Data):
    """Whoever said a contact took it back: its words are to be seen nowhere any more."""

    contact_id: UUID
    withdrawn_at: datetime


class ContactWithdrawn(Event[ContactWithdrawnData]):
    """A citizen withdrew what he had said, as LINE and WhatsApp let him."""

    stream = STREAMS["contacts"]
    type: Literal["contact.withdrawn"] = "contact.withdrawn"
    dataschema: Literal["urn:satuatap:contact.withdrawn:1"] = "urn:satuatap:contact.withdrawn:1"


class ChatUnreadData(Data):
    """What became of the answers in a chat when its quiet time was over: its citizen had not read those of `reply_ids`,
    and had read those of `read_ids`. Both are ids of replies, as `ticket.replied` has them, in their order. Of each it
    is told once; what they say, and to whom, `tickets` has told. An older writer told only of what was not read.
    """

    chat_id: UUID
    tracking_code: str
    reply_ids: tuple[UUID, ...] = ()
    read_ids: tuple[UUID, ...] = ()


class ChatUnread(Event[ChatUnreadData]):
    """A chat was quiet for a while: which answers its citizen had not read by then, and which he had."""

    stream = STREAMS["contacts"]
    type: Literal["chat.unread"] = "chat.unread"
    dataschema: Literal["urn:satuatap:chat.unread:1"] = "urn:satuatap:chat.unread:1"
