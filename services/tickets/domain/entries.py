"""What is said in a case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events import ContactData
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation."""

    id: UUID
    ticket_id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime
    withdrawn_at: datetime | None = None
    """Since when its citizen wants it unsaid; its words are gone."""
    code: str | None = None
    """The tracking code under which a citizen said it; an older release did not keep it."""


def citizen_entry(ticket_id: UUID, contact: ContactData) -> Entry:
    """The line that a contact adds to the conversation of a ticket."""
    return Entry(
        id=new_id(),
        ticket_id=ticket_id,
        author="citizen",
        contact_id=contact.contact_id,
        body=contact.body,
        at=contact.received_at,
        code=contact.tracking_code,
    )


def agent_entry(ticket_id: UUID, body: str, now: datetime) -> Entry:
    """The line with which an agent answers."""
    return Entry(id=new_id(), ticket_id=ticket_id, author="agent", contact_id=None, body=body, at=now)
