"""What a citizen sees of his case, over HTTP."""

from datetime import datetime

from pydantic import BaseModel

from services.tickets.domain.status import Category
from services.tickets.schemas.tickets import KnownStatus


class TrackingStep(BaseModel):
    """Something that happened to a case; `text` says it to the citizen. So many `times` in a row, the last one `at`."""

    step: str
    text: str
    at: datetime
    times: int


class Tracking(BaseModel):
    """What the citizen sees who knows the tracking code: how the case stands, what happened and what is `asked` of him,
    in words; and no personal data.
    """

    tracking_code: str
    status: KnownStatus
    status_category: Category
    channel: str
    topic: str | None
    unit: str
    unit_name: str
    opened_at: datetime
    resolution_due_at: datetime
    first_replied_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int
    status_text: str
    asked: str | None
    steps: list[TrackingStep]
