"""A file that came with a contact, without its bytes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A row of `attachments`. Its bytes are in the store under `id`; `place` is where it stood among its neighbours."""

    id: UUID
    contact_id: UUID
    place: int
    name: str
    media_type: str
    size: int
    received_at: datetime
