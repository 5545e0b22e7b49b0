"""What was not read in a chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Unread:
    """Answers that the citizen of a chat has not read, in their order."""

    chat_id: UUID
    tracking_code: str
    reply_ids: Sequence[UUID]
