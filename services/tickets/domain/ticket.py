"""A case, and the verbs that change it. Each verb may refuse; nothing assigns a status."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.errors import Conflict, FieldError, VersionConflict
from shared.events import Person

Status = Literal["open", "escalated", "answered", "resolved"]
Category = Literal["open", "waiting", "resolved"]

CATEGORY: dict[Status, Category] = {
    "open": "open",
    "escalated": "open",
    "answered": "waiting",
    "resolved": "resolved",
}
HIGHEST_LEVEL = 3
_UNKNOWN = Person()


class TicketResolved(Conflict):
    """A settled case takes no more verbs of the desk; the citizen may open it again by writing."""

    code, title = "ticket_resolved", "The ticket is resolved"
    fault = FieldError("ticket_id", "is resolved", "a ticket that is open")


class HighestLevel(Conflict):
    """There is nobody above."""

    code, title = "highest_level", "The ticket cannot go higher"
    fault = FieldError("ticket_id", "is at the highest level", "a ticket below it")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One case. `version` grows with every change; `channel` is a word of intake's, perhaps of a newer release."""

    id: UUID
    tracking_code: str
    contact_id: UUID
    chat_id: UUID | None
    channel: str
    status: Status
    topic: str | None
    unit: str
    subject: str
    citizen: Person
    programme_number_sealed: str | None
    programme_number_last4: str | None
    policy_name: str
    policy_version: int
    zone: str
    opened_at: datetime
    resolution_due_at: datetime
    correlation_id: str
    first_replied_at: datetime | None = None
    resolved_at: datetime | None = None
    escalation_level: int = 0
    version: int = 1

    @property
    def status_category(self) -> Category:
        return CATEGORY[self.status]

    def in_zone(self) -> "Ticket":
        """The same case with its moments told in the unit's zone, for people to read."""
        zone = ZoneInfo(self.zone)
        return replace(
            self,
            opened_at=self.opened_at.astimezone(zone),
            resolution_due_at=self.resolution_due_at.astimezone(zone),
            first_replied_at=self.first_replied_at.astimezone(zone) if self.first_replied_at else None,
            resolved_at=self.resolved_at.astimezone(zone) if self.resolved_at else None,
        )

    def replied(self, now: datetime) -> "Ticket":
        """An agent answered: now the citizen's word is awaited."""
        self._check_open()
        return self._next(status="answered", first_replied_at=self.first_replied_at or now)

    def escalated(self, unit: str | None) -> "Ticket":
        """One level up, perhaps to another unit. The clock runs on from the filing."""
        self._check_open()
        if self.escalation_level >= HIGHEST_LEVEL:
            raise HighestLevel(f"Level {HIGHEST_LEVEL} is the highest.")
        return self._next(status="escalated", escalation_level=self.escalation_level + 1, unit=unit or self.unit)

    def resolved(self, now: datetime) -> "Ticket":
        """Settled."""
        self._check_open()
        return self._next(status="resolved", resolved_at=now)

    def joined(
        self,
        topic: str | None,
        unit: str,
        citizen: Person = _UNKNOWN,
        *,
        subject: str = "",
        programme_number_sealed: str | None = None,
        programme_number_last4: str | None = None,
    ) -> "Ticket":
        """The citizen said more. A settled or answered case is open again.

        What was not known is taken from what he says now; what was known stays. A case without a topic may get one,
        unless a person has sent it somewhere already.
        """
        known = self.citizen
        routed = replace(
            self,
            citizen=Person(
                name=known.name or citizen.name, email=known.email or citizen.email, phone=known.phone or citizen.phone
            ),
            subject=self.subject or subject,
            programme_number_sealed=self.programme_number_sealed or programme_number_sealed,
            programme_number_last4=self.programme_number_last4 or programme_number_last4,
        )
        if not self.topic and topic and not self.escalation_level:
            routed = replace(routed, topic=topic, unit=unit)
        if self.status_category == "open":
            return routed._next()
        status: Status = "escalated" if self.escalation_level else "open"
        return routed._next(status=status, resolved_at=None)

    def check_version(self, expected: int | None) -> None:
        """Raises `VersionConflict` if somebody changed it since `expected` was read."""
        if expected is not None and expected != self.version:
            raise VersionConflict(
                "Somebody changed this ticket since you read it. Read it again, and decide again.",
                errors=[FieldError("If-Match", "names an older version", f'"{self.version}"')],
            )

    def _check_open(self) -> None:
        if self.status == "resolved":
            raise TicketResolved("It was resolved before.")

    def _next(self, **changes: object) -> "Ticket":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
