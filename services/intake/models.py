"""The shapes that the repository takes and gives: rows of this service's schema, and what is about to become one."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.intake.domain.chats import Taken
from shared.events import ContactReceived, Person


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One contact on its way into the database, with everything that must be committed together with it.

    `payload` is the event as it is stored and sent; it is written once, by the request itself, and not in the turn in
    which a whole batch is committed. `answer` is the JSON that is sent, now and whenever the same key comes again.
    """

    event: ContactReceived
    payload: str
    client: str
    answer: str
    idempotency_key: str | None = None
    fingerprint: str = ""
    opens_chat: bool = False

    @property
    def is_line(self) -> bool:
        """Whether it is said in a chat that there is."""
        return self.event.data.chat_id is not None and not self.opens_chat

    @property
    def size(self) -> int:
        """About how many bytes it takes while it waits."""
        return len(self.payload)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: which contacts are kept, and what the chats of its lines have taken after it.

    Another had a key that was used before, or, if it is a line, found no room in its chat.
    """

    kept: set[UUID]
    taken: dict[UUID, Taken]


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as its reader meets it: the code of its case, who opened it, and when the last line was said in it."""

    tracking_code: str
    opened_by: str
    last_line_at: datetime


@dataclass(frozen=True, slots=True)
class ChatLine:
    position: int
    author: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What an agent said, on its way into a chat."""

    id: UUID
    chat_id: UUID
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
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
