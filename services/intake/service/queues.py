"""Whose turn it is at a booth: visitors are called, called again, sent on, and sent away at the end of the day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth, Policy
from services.intake.domain.queues import (
    AlreadyWaitsThere,
    ReturnedTooLate,
    VisitNotAtTurn,
    VisitNotWaiting,
    check_calls,
    is_no_show,
    may_return,
)
from services.intake.domain.visits import VisitEnded
from services.intake.models.visits import Transfer, Visit
from services.intake.repository import queues, visits
from services.intake.schemas.visits import VisitOut
from services.intake.service.booths import Booths
from services.intake.service.visits import locked_visit, ordered, visit_out
from shared.errors import NotFound


class QueueEmpty(NotFound):
    """Nobody is waiting at this booth."""

    code, title = "queue_empty", "Nobody is waiting"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who calls, and from which counter, if he says so."""

    officer: str
    counter: str | None = None


class Queues:
    """The verbs by which a visitor gets his turn. Each runs in the caller's transaction."""

    def __init__(self, *, booths: Booths) -> None:
        self._booths = booths

    async def call_next(
        self, session: AsyncSession, name: str, desk: Desk, now: datetime, *, another: bool = False
    ) -> VisitOut:
        """Calls the visitor whose turn it is, unless one whom the officer called is still there.

        With `another`, calls one more all the same. Raises `QueueEmpty`, and `Invalid` for an unknown counter.
        """
        booth = await self._booths.find(session, name)
        services = booth.services_at(desk.counter)
        await queues.lock_officer(session, name, desk.officer)
        visit = None if another else await visits.called_by(session, name, booth.day(now), desk.officer)
        visit = visit or await self._call_first(session, booth, services, desk, now)
        if visit is None:
            raise QueueEmpty("No visitor is waiting at this booth.")
        return visit_out(visit)

    async def _call_first(
        self, session: AsyncSession, booth: Booth, services: set[str] | None, desk: Desk, now: datetime
    ) -> Visit | None:
        await queues.lock_queue(session, booth.name)
        overnight = booth.policy.keeps_overnight
        waiting = [
            each
            for each in await queues.waiting(session, booth.name, booth.day(now), overnight=overnight)
            if (services is None or each.service in services) and (each.callable_at is None or each.callable_at <= now)
        ]
        for each in await ordered(session, booth, waiting, now):
            visit = await visits.lock_visit(session, each.id)
            if visit and visit.status == "waiting":  # nobody called him by hand meanwhile
                return await self._save(session, _called(visit, desk, now))
        return None

    async def call(self, session: AsyncSession, visit_id: UUID, desk: Desk, now: datetime) -> VisitOut:
        """Calls this visitor before it is his turn.

        Raises `NotFound`, `VisitNotWaiting`, `CalledTooEarly`, and `Invalid` for an unknown counter.
        """
        visit = await locked_visit(session, visit_id)
        booth = await self._booths.find(session, visit.booth)
        booth.services_at(desk.counter)
        if visit.status != "waiting":
            raise VisitNotWaiting("Somebody else called the visitor, or the visit has ended. Call the next one.")
        check_calls(visit.calls, visit.last_called_at, booth.policy, now)
        return visit_out(await self._save(session, _called(visit, desk, now)))

    async def recall(self, session: AsyncSession, visit_id: UUID, desk: Desk, now: datetime) -> VisitOut:
        """Calls a visitor again who was called and has not come. Raises as `call`, and `VisitNotAtTurn`."""
        visit, booth = await self._at_turn(session, visit_id)
        booth.services_at(desk.counter)
        check_calls(max(visit.calls, 1), visit.last_called_at or visit.called_at, booth.policy, now)
        desk = replace(desk, counter=desk.counter or visit.counter)
        return visit_out(await self._save(session, _called(visit, desk, now)))

    async def arrive(self, session: AsyncSession, visit_id: UUID, now: datetime) -> VisitOut:
        """Notes that the visitor stands at the counter: the end of the day does not send him away.

        Raises `NotFound` and `VisitNotAtTurn`.
        """
        visit = await locked_visit(session, visit_id)
        if visit.status != "called":
            raise VisitNotAtTurn("The visitor is not called just now.")
        return visit_out(await self._save(session, replace(visit, arrived_at=visit.arrived_at or now)))

    async def no_show(self, session: AsyncSession, visit_id: UUID, officer: str, now: datetime) -> VisitOut:
        """Notes that the visitor did not come. He waits at his old place, or, called often enough, is a no-show.

        Only who called him last can know. Raises `NotFound` and `VisitNotAtTurn`.
        """
        visit, booth = await self._at_turn(session, visit_id)
        if visit.called_by != officer:
            raise VisitNotAtTurn("Somebody else called the visitor meanwhile.")
        calls, last = max(visit.calls, 1), visit.last_called_at or visit.called_at or now
        if is_no_show(calls, booth.policy):
            visit = replace(visit, status="no_show", ended_at=now)
        else:
            visit = replace(visit, status="waiting", calls=calls, callable_at=last + booth.policy.between_calls)
        return visit_out(await self._save(session, visit))

    async def come_back(self, session: AsyncSession, visit_id: UUID, now: datetime) -> VisitOut:
        """Lets a no-show wait again at his old place, within the grace of the booth.

        Raises `NotFound` and `ReturnedTooLate`.
        """
        visit = await locked_visit(session, visit_id)
        booth = await self._booths.find(session, visit.booth)
        in_time = may_return(visit.ended_at, booth.policy, now) and now < booth.closing(visit.day)
        if visit.status != "no_show" or not in_time:
            raise ReturnedTooLate("Take a new number.")
        back = replace(visit, status="waiting", ended_at=None, swept_at=None, calls=0, callable_at=None)
        return visit_out(await self._save(session, back))

    async def transfer(
        self, session: AsyncSession, visit_id: UUID, service: str, officer: str, now: datetime
    ) -> VisitOut:
        """Sends a visitor on to another service, where he keeps his number and his place by the time he came.

        Raises `NotFound`, `VisitEnded`, `ServiceClosed`, `AlreadyWaitsThere` and `Invalid`; then he is where he was.
        """
        visit = await locked_visit(session, visit_id)
        if visit.status not in ("waiting", "called"):
            raise VisitEnded("Who has gone cannot be sent on.")
        to = (await self._booths.find(session, visit.booth)).open_service(service)
        await self._check_not_there(session, visit, to.name)
        moved = Transfer(
            visit_id=visit.id,
            at=now,
            from_service=visit.service,
            to_service=to.name,
            queued_at=visit.queued_at or visit.taken_at,
            called_at=visit.service_called_at,
            moved_by=officer,
        )
        await visits.add_transfer(session, moved)
        visit = await self._save(session, _queued_at(visit, to.name, now))
        return visit_out(visit, await visits.transfers(session, [visit.id]))

    async def _check_not_there(self, session: AsyncSession, visit: Visit, service: str) -> None:
        who = {"phone": visit.phone, "email": visit.email}
        if service == visit.service or await queues.waits_at(session, visit.booth, visit.day, service, **who):
            raise AlreadyWaitsThere("The same person waits at that service already.")

    async def _save(self, session: AsyncSession, visit: Visit) -> Visit:
        await visits.save_visit(session, visit)
        self._booths.changed(session, visit.booth)
        return visit

    async def _at_turn(self, session: AsyncSession, visit_id: UUID) -> tuple[Visit, Booth]:
        """A visitor who was called and has not come, and his booth. Raises `NotFound` and `VisitNotAtTurn`."""
        visit = await locked_visit(session, visit_id)
        if visit.status != "called" or visit.arrived_at is not None:
            raise VisitNotAtTurn("The visitor is not called just now, or stands at the counter.")
        return visit, await self._booths.find(session, visit.booth)

    async def end_days(self, session: AsyncSession, now: datetime) -> dict[str, int]:
        """Sends away who was not served on days that are over. How many, by what became of them."""
        days = await queues.open_days(session)
        booths = await self._booths.find_each(session, {each.booth for each in days})
        over = [each for each in days if now >= booths[each.booth].closing(each.day)]
        keeping = [each for each in over if booths[each.booth].keeps(each.day, now)]
        return await queues.sweep(session, [each for each in over if each not in keeping], keeping, now)

    async def warn(self, session: AsyncSession, now: datetime) -> int:
        """Marks who is soon to be called at the latest. How many were not marked before."""
        return await queues.warn(session, Policy().warn_before // timedelta(seconds=1), now)


def _called(visit: Visit, desk: Desk, now: datetime) -> Visit:
    return replace(
        visit,
        status="called",
        called_at=visit.called_at or now,
        service_called_at=visit.service_called_at or now,
        last_called_at=now,
        calls=visit.calls + 1,
        callable_at=None,
        called_by=desk.officer,
        counter=desk.counter,
    )


def _queued_at(visit: Visit, service: str, now: datetime) -> Visit:
    return replace(
        visit,
        status="waiting",
        service=service,
        queued_at=now,
        service_called_at=None,
        calls=0,
        callable_at=None,
        counter=None,
        arrived_at=None,
    )
