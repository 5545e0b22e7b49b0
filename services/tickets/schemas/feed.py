"""What happens, over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class FeedItemOut(BaseModel):
    """Something that happened to a ticket. `place` is where it stands among all that happened; unit, topic and channel
    are those that the ticket has now. What was said is read at the ticket itself.
    """

    id: UUID
    place: str
    ticket_id: UUID
    version: int
    kind: str
    actor: str
    at: datetime
    unit: str
    topic: str | None
    channel: str


class FeedPage(BaseModel):
    """What happened, in order. `next_after` is where to read on, also when there was nothing yet."""

    items: list[FeedItemOut]
    next_after: str | None
