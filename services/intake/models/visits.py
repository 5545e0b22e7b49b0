"""A visit to a booth."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.events import Person


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a booth, from its number to its end. `day` is the booth's own; `contact_id` appears at the end."""

    id: UUID
    booth: str
    day: date
    number: int
    tracking_code: str
    status: str
    citizen: Person
    programme_number_sealed: str | None
    programme_number_last4: str | None
    subject: str
    body: str
    taken_at: datetime
    call_due_at: datetime
    called_at: datetime | None = None
    ended_at: datetime | None = None
    contact_id: UUID | None = None
