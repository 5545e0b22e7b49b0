"""A file that a channel told only by reference."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Medium:
    """A row of `media`: which file it is to become, and what the other side calls it. `tries` counts the present one,
    too.
    """

    attachment_id: UUID
    channel: str
    account: str
    reference: str
    tries: int = 0
