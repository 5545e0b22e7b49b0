"""What a dispenser printed while it was offline."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.domain.dispensers import Paper, SyncOutcome
from services.intake.domain.queues import Priority
from services.intake.schemas.booths import DeviceName, ServiceName
from shared.http import Model, example

_MOST = 2**31 - 1


class PaperIn(Model):
    """A paper. `sequence` counts every paper of the dispenser for ever; `at` is by the dispenser's clock."""

    sequence: int = Field(ge=1, le=_MOST)
    number: int = Field(ge=1, le=1_000_000)
    service: ServiceName | None = None
    at: AwareDatetime
    priority: Priority | None = None

    def paper(self) -> Paper:
        """The paper."""
        return Paper(self.sequence, self.number, self.service, self.at, self.priority)


class SyncIn(Model):
    """What a dispenser printed by itself. `sent_at` is what its clock says now: ours corrects it."""

    model_config = example(
        device="D2",
        sent_at="2026-03-13T10:20:00+07:00",
        visits=[{"sequence": 1, "number": 1, "service": "pengaduan", "at": "2026-03-13T10:02:00+07:00"}],
    )
    device: DeviceName
    sent_at: AwareDatetime
    visits: Annotated[tuple[PaperIn, ...], Field(min_length=1, max_length=500)]


class SyncedOut(BaseModel):
    """What became of a paper.

    `taken`: it is in the queue. `repeated`: it was before. `collided`: it is in the queue, and so is another paper
    with its number. `contradicted`: that sequence named another paper before, which stays. `refused`: why says
    `reason`.
    """

    sequence: int
    outcome: SyncOutcome
    visit_id: UUID | None = None
    label: str | None = None
    reason: str | None = None


class SyncOut(BaseModel):
    """What became of each paper, in the order in which they were sent.

    `missing_sequences` are those that the dispenser never brought, of its last thousand.
    """

    items: list[SyncedOut]
    missing_sequences: list[int]
