"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.notify.domain.delivery import Decision, Status
from shared.http import Model, example


class NoticeOut(BaseModel):
    """What a citizen was, is being, or could not be told. The address is masked, and not shown of whom it is
    hidden who he is; the text is not shown here.
    """

    id: UUID
    ticket_id: UUID
    tracking_code: str
    reason: str
    kind: Literal["email", "sms"] | None
    to: str | None
    status: Status
    attempts: int
    error: str | None
    created_at: datetime
    ended_at: datetime | None


class NoticePage(BaseModel):
    items: list[NoticeOut]
    next_cursor: str | None


class DecisionIn(Model):
    """A person's word on a notice of which nobody knows whether it arrived, or that failed or is held."""

    model_config = example(decision="send_again")
    decision: Decision = Field(description="`send_again` may tell the citizen twice")


class DecisionsIn(DecisionIn):
    """The same word on many."""

    model_config = example(decision="arrived", notices=["019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f"])
    notices: list[UUID] = Field(min_length=1, max_length=1_000, description="Their ids, from `GET /v1/notices`")


class UndecidedOut(BaseModel):
    """A notice about which that could not be decided, and why."""

    id: UUID
    code: str
    detail: str


class DecisionsOut(BaseModel):
    decided: list[NoticeOut]
    undecided: list[UndecidedOut]

    @property
    def about(self) -> list[UUID]:
        """What the access trail has a row of each of (`shared.trail`)."""
        return [notice.id for notice in self.decided]
