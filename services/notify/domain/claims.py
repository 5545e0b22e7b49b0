"""What became of the notices of a claim whose courier died, as far as its notes tell."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.domain.delivery import Acceptance, Doubt, NoHandover, Outcome

DIED_WHILE_SENDING = Doubt("the courier died while sending")
DIED_BEFORE_ITS_TURN = NoHandover("the courier died before its turn")


@dataclass(frozen=True, slots=True)
class Handover:
    """That the provider took a notice, noted before the next message was handed over."""

    provider_id: str | None
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What a courier has in its hands, and its notes on how far it came.

    `under_way` are the notices of the message that it was handing over, since `began_at`. `is_complete`: every note
    that was written is there. Notes do not wait for the disk, so that is sure only while PostgreSQL is the one under
    which the notices were claimed; after it fell, or another took its place, the last ones may be missing.
    """

    id: UUID
    worker: str
    under_way: Set[UUID]
    began_at: datetime | None
    handovers: Mapping[UUID, Handover]
    is_complete: bool

    def became_of(self, notice_id: UUID) -> Outcome:
        """What became of one of its notices whose ending is not recorded."""
        if handover := self.handovers.get(notice_id):
            return Acceptance(handover.provider_id)
        if notice_id in self.under_way or not self.is_complete:
            return DIED_WHILE_SENDING
        return DIED_BEFORE_ITS_TURN
