"""A visit to a booth, and how it was sent on from one service to another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.events import Person


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a booth, from its number to its end.

    `day` is the booth's own. `series` and `number` are what the paper says, and never change; `first_service` is what
    the visitor took it for, `service` where he waits or is served now. `called_at` is the first call of all,
    `service_called_at` the first to that service. He may be called (again) from `callable_at` on. `contact_id`
    appears when an officer ends the visit.
    """

    id: UUID
    booth: str
    day: date
    number: int
    tracking_code: str
    status: str
    name: str | None
    email: str | None
    phone: str | None
    programme_number_sealed: str | None
    programme_number_last4: str | None
    subject: str
    body: str
    taken_at: datetime
    call_due_at: datetime
    called_at: datetime | None = None
    called_by: str | None = None
    ended_at: datetime | None = None
    contact_id: UUID | None = None
    series: str = ""
    copy: int = 0
    first_service: str = ""
    service: str = ""
    priority: str | None = None
    place_at: datetime | None = None
    queued_at: datetime | None = None
    service_called_at: datetime | None = None
    last_called_at: datetime | None = None
    calls: int = 0
    callable_at: datetime | None = None
    counter: str | None = None
    arrived_at: datetime | None = None
    swept_at: datetime | None = None
    warned_at: datetime | None = None
    prints: int = 1
    device: str | None = None
    device_sequence: int | None = None
    nik_sealed: str | None = None
    nik_last4: str | None = None
    nik_index: str | None = None
    programme_number_index: str | None = None

    @property
    def citizen(self) -> Person:
        """Who the visitor is, as far as he said."""
        return Person(name=self.name, email=self.email, phone=self.phone)

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """His place in the queue among those of his kind."""
        return self.place_at or self.taken_at, self.number, self.id


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a visitor was sent on: since when he had waited at `from_service`, and when he was called there first."""

    visit_id: UUID
    at: datetime
    from_service: str
    to_service: str
    queued_at: datetime
    called_at: datetime | None
    moved_by: str


@dataclass(frozen=True, slots=True)
class QueueNumber:
    """A number that was taken, and its place in the queue."""

    number: int
    at: datetime
