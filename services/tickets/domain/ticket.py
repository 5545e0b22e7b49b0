"""A case: how it stands, and who handles it. Verbs change it (`verbs.py`); nothing else assigns a status."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.errors import FieldError, VersionConflict

Status = Literal["open", "escalated", "answered", "resolved"]
Category = Literal["open", "waiting", "resolved"]

CATEGORY: dict[Status, Category] = {
    "open": "open",
    "escalated": "open",
    "answered": "waiting",
    "resolved": "resolved",
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """One case. `version` grows with every change; `channel` is a word of intake's, perhaps of a newer release; `unit`
    is the slug of who handles it. `occasions` is how often its citizen came with it; a chat is one, whatever is said.
    """

    id: UUID
    tracking_code: str
    contact_id: UUID
    chat_id: UUID | None
    channel: str
    status: Status
    topic: str | None
    unit: str
    subject: str
    citizen_id: UUID
    zone: str
    opened_at: datetime
    correlation_id: str
    first_replied_at: datetime | None = None
    resolved_at: datetime | None = None
    escalation_level: int = 0
    version: int = 1
    occasions: int = 1

    @property
    def status_category(self) -> Category:
        return CATEGORY[self.status]

    def in_zone(self) -> "Ticket":
        """The same case with its moments told in the unit's zone, for people to read."""
        zone = ZoneInfo(self.zone)
        return replace(
            self,
            opened_at=self.opened_at.astimezone(zone),
            first_replied_at=self.first_replied_at.astimezone(zone) if self.first_replied_at else None,
            resolved_at=self.resolved_at.astimezone(zone) if self.resolved_at else None,
        )

    def check_version(self, expected: int | None) -> None:
        """Raises `VersionConflict` if somebody changed it since `expected` was read."""
        if expected is not None and expected != self.version:
            raise VersionConflict(
                "Somebody changed this ticket since you read it. Read it again, and decide again.",
                errors=[FieldError("If-Match", "names an older version", f'"{self.version}"')],
            )
