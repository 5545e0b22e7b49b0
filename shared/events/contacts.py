"""What `intake` says: a citizen brought something."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.people import Person
from shared.events.streams import STREAMS
from shared.events.words import Channel, ContactOutcome, Words


class ContactData(Data):
    """One utterance of a citizen, from whatever channel, in one form.

    `outcome` is what the channel already did: a booth settles or escalates at once, the others leave it open.
    `programme_number` is sealed (`shared.seal`); only its last four digits are readable.
    """

    contact_id: UUID
    tracking_code: str
    channel: Annotated[str, Words(Channel)]
    chat_id: UUID | None = None
    visit_id: UUID | None = None
    citizen: Person = Person()
    programme_number_sealed: str | None = None
    programme_number_last4: str | None = None
    subject: str = ""
    body: str = ""
    received_at: datetime
    outcome: Annotated[str, Words(ContactOutcome)] = "open"


class ContactReceived(Event[ContactData]):
    """A channel accepted something from a citizen."""

    stream = STREAMS["contacts"]
    type: Literal["contact.received"] = "contact.received"
    dataschema: Literal["urn:satuatap:contact.received:1"] = "urn:satuatap:contact.received:1"
