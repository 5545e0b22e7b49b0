"""What the ledger of contacts finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ticketed:
    """A contact in a ticket, as tickets told. Without `contact_id` it is the first of the case of `tracking_code`."""

    contact_id: UUID | None
    tracking_code: str
    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class GapNames:
    """How many of a kind are not as they should be in a channel, and the names of the first of them."""

    channel: str
    count: int
    names: Sequence[str]
