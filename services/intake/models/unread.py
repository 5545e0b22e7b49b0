"""What was read in a chat, and what not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers in a chat that its citizen has not read, and others that he has, in their order."""

    chat_id: UUID
    tracking_code: str
    unread_ids: Sequence[UUID]
    read_ids: Sequence[UUID]
