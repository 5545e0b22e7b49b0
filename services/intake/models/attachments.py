"""A file that came with a contact, without its bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.intake.models.media import Medium

State = Literal["waiting", "kept", "failed"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A row of `attachments`. Its bytes are in the store under `id` when it is kept; `place` is where it stood among
    its neighbours, `reason` says for people why it is not kept, or not yet.
    """

    id: UUID
    contact_id: UUID
    place: int
    name: str
    media_type: str
    size: int
    received_at: datetime
    state: State = "kept"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Files of new contacts: their rows, the bytes of those that came with them, and where to fetch the others."""

    rows: Sequence[StoredFile]
    contents: Sequence[tuple[UUID, bytes]]
    media: Sequence[Medium]
