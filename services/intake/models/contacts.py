"""A contact before its commit, and what the commit of many of them came to."""

from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.chats import ChatUsage
from shared.events import ContactReceived


@dataclass(frozen=True, slots=True)
class NewContact:
    """One contact that is to be accepted, with everything that must be committed together with it.

    `payload` is the event as it is stored and sent; it is written by the request itself, and not in the turn in which a
    whole batch is committed. `answer` is the JSON that is sent, now and whenever the same key comes again.
    """

    event: ContactReceived
    payload: str
    client: str
    answer: str
    idempotency_key: str | None = None
    fingerprint: str = ""
    opens_chat: bool = False

    @property
    def is_chat_line(self) -> bool:
        """Whether it is a further line of a chat that was opened before."""
        return self.event.data.chat_id is not None and not self.opens_chat

    @property
    def size(self) -> int:
        """About how many bytes it takes while it waits."""
        return len(self.payload)


@dataclass(frozen=True, slots=True)
class AcceptedBatch:
    """Which contacts of a batch are accepted, and what the chats of its lines have taken after it.

    Any other contact had a key that was used before, or, if it is a line, found no room in its chat.
    """

    contact_ids: set[UUID]
    chat_usages: dict[UUID, ChatUsage]


@dataclass(frozen=True, slots=True)
class SentForm:
    """A web form that was accepted: the code of its case, and how its citizen is told."""

    tracking_code: str
    email: str | None
    phone: str | None
