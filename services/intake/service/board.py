"""What a screen at a booth shows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth, BoothService, label_of
from services.intake.domain.queues import estimate
from services.intake.models.queues import Call, Waiting
from services.intake.repository import queues
from services.intake.schemas.board import BoardOut, NowServing, ServiceBoard, WaitRange
from services.intake.service.booths import Booths
from services.intake.service.visits import ordered

_CALLS_LOOKED_AT = 200
_PAUSES_LOOKED_AT = 21
_SHOWN = 20


class Boards:
    """Makes the boards of booths from what is in the database: no copy of it grows old."""

    def __init__(self, *, booths: Booths) -> None:
        self._booths = booths

    async def show(self, session: AsyncSession, name: str, now: datetime) -> BoardOut:
        """The board of a booth as it is now."""
        booth = await self._booths.find(session, name)
        day, midnight = booth.day(now), booth.midnight_before(now)
        called = await queues.called(session, name, midnight)
        calls = await queues.first_calls(session, name, midnight, _CALLS_LOOKED_AT)
        waiting = await queues.waiting(session, name, day, overnight=booth.policy.keeps_overnight)
        return BoardOut(
            booth=name,
            day=day,
            at=now,
            empties_at=booth.midnight_after(day).astimezone(UTC),
            now_serving=[
                NowServing(
                    label=label_of(each.series, each.number),
                    service=each.service,
                    counter=each.counter,
                    called_at=each.last_called_at,
                )
                for each in called
            ],
            services=[await self._service(session, booth, service, waiting, calls, now) for service in booth.services],
        )

    async def _service(
        self,
        session: AsyncSession,
        booth: Booth,
        service: BoothService,
        waiting: Sequence[Waiting],
        calls: Sequence[Call],
        now: datetime,
    ) -> ServiceBoard:
        here = await ordered(session, booth, [each for each in waiting if each.service == service.name], now)
        not_called = [each.call_due_at for each in here if each.called_at is None]
        last_calls = [call.at for call in calls if call.service == service.name][:_PAUSES_LOOKED_AT]
        return ServiceBoard(
            service=service.name,
            is_open=service.is_open and now < booth.closing(booth.day(now)),
            waiting=len(here),
            next=[label_of(each.series, each.number) for each in here[:_SHOWN]],
            due_soon=sum(due - booth.policy.warn_before <= now < due for due in not_called),
            overdue=sum(due <= now for due in not_called),
            estimate=_range(estimate(len(here), last_calls)),
        )


def _range(found: tuple[timedelta, timedelta] | None) -> WaitRange | None:
    if found is None:
        return None
    low, high = found
    return WaitRange(from_seconds=round(low.total_seconds()), to_seconds=round(high.total_seconds()))
