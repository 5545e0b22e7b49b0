"""Whether somebody is there to answer, asked at the moment in which a line comes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.intake.domain.hours import WEEKDAYS, Hours, Standing, standing
from services.intake.schemas.hours import Closing, IntervalOut, ServiceHoursOut
from services.intake.service.addresses import ChatAddresses

_LOOK_AGAIN_AFTER = timedelta(days=1)
"""Where it never closes, or never opens."""


class ServiceHours:
    """The service hours of the contact centre."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._looked_at = datetime.max.replace(tzinfo=UTC)
        self._standing: Standing

    def now(self, now: datetime) -> ServiceHoursOut:
        """How it stands now, and the week."""
        found = standing(self._hours, now)
        week = [IntervalOut(weekday=WEEKDAYS[i.weekday], opens=i.opens, closes=i.closes) for i in self._hours.week]
        return ServiceHoursOut(
            open=found.is_open,
            closes_at=found.closes_at,
            next_opening=found.next_opening,
            zone=self._hours.zone.key,
            week=week,
        )

    def closing(self, now: datetime, *, address_known: bool) -> Closing | None:
        """What is said to whoever writes now; None while somebody is there."""
        found = self._at(now)
        return None if found.is_open else Closing(next_opening=found.next_opening, wants_address=not address_known)

    def _at(self, now: datetime) -> Standing:
        """How it stands, looked up once until that changes: it is asked for each line of a chat."""
        if now < self._looked_at or now >= self._changes_at():
            self._standing, self._looked_at = standing(self._hours, now), now
        return self._standing

    def _changes_at(self) -> datetime:
        changes_at = self._standing.closes_at if self._standing.is_open else self._standing.next_opening
        return changes_at or self._looked_at + _LOOK_AGAIN_AFTER

    async def closing_in(self, addresses: ChatAddresses, chat_id: UUID, now: datetime) -> Closing | None:
        """The same in a chat, in which an address may be known. While somebody is there it costs no query."""
        if self._at(now).is_open:
            return None
        return self.closing(now, address_known=await addresses.is_known(chat_id))
