"""What is said in a case."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events import ContactData
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation. One that is internal is between members of staff: no citizen is ever told it.

    `said_to` is the ticket that its citizen was answering where that has been merged into this one since.
    """

    id: UUID
    ticket_id: UUID
    author: Literal["citizen", "agent"]
    contact_id: UUID | None
    body: str
    at: datetime
    withdrawn_at: datetime | None = None
    """Since when its citizen wants it unsaid; its words are gone."""
    is_internal: bool = False
    said_to: UUID | None = None
    code: str | None = None
    """The tracking code under which a citizen said it; an older release did not keep it."""


def citizen_entry(ticket_id: UUID, contact: ContactData, said_to: UUID | None = None) -> Entry:
    """The line that a contact adds to the conversation of a ticket."""
    return Entry(
        id=new_id(),
        ticket_id=ticket_id,
        author="citizen",
        contact_id=contact.contact_id,
        body=contact.body,
        at=contact.received_at,
        said_to=said_to,
        code=contact.tracking_code,
    )


def agent_entry(ticket_id: UUID, body: str, now: datetime) -> Entry:
    """The line with which an agent answers."""
    return Entry(id=new_id(), ticket_id=ticket_id, author="agent", contact_id=None, body=body, at=now)


def internal_note(ticket_id: UUID, body: str, now: datetime) -> Entry:
    """The line that an agent writes for his colleagues."""
    return replace(agent_entry(ticket_id, body, now), is_internal=True)
