"""What the clocks of many tickets come to: timers that are due are fired, and clocks follow their calendar."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.clocks import Clock
from services.tickets.domain.completeness import InfoRequest
from services.tickets.domain.deadlines import recompute
from services.tickets.domain.escalation import Chart, fire
from services.tickets.domain.happenings import InfoReceived
from services.tickets.domain.policies import SILENCE
from services.tickets.domain.thresholds import STEP, Timer
from services.tickets.repository import calendars, cases, clocks, escalation, info_requests, timers, units
from services.tickets.service.write import write
from shared.events import Trace
from shared.visibility import EVERYTHING

CLOCK = "clock"
"""Who did what a deadline did, as the audit trail tells it."""


async def fire_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[Timer]:
    """Fires the timers that are due of so many tickets at most, each once. Those that it looked after."""
    held = await _held(session, await timers.due_tickets(session, now, limit))
    if not held:
        return []
    due = await timers.due_of(session, list(held), now)
    chart, asked = await _chart(session, held, due), await _unanswered(session, held, due)
    changes = list(_fired(held, due, chart, asked, now))
    await write(session, changes)
    await info_requests.update_answered(session, _answered_in(changes), now)
    await timers.fired(session, due, now)
    return due


async def follow_calendars(session: AsyncSession, now: datetime, limit: int) -> int:
    """Computes the clocks of so many tickets at most anew that run by an older version of their calendar. How many."""
    held = await _held(session, await clocks.stale_tickets(session, limit))
    if held:
        in_force = await calendars.in_force(session)
        await write(session, [change for case in held.values() for change in _followed(case, in_force.values(), now)])
    return len(held)


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next timer is due; None if there is none."""
    return await timers.next_due(session)


async def _held(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Case]:
    return {case.ticket.id: case for case in await cases.lock(session, EVERYTHING, ids)} if ids else {}


async def _chart(session: AsyncSession, held: Mapping[UUID, Case], due: Sequence[Timer]) -> Chart:
    """Where the steps lead that may be taken, and whom to tell there."""
    going = [held[timer.ticket_id] for timer in due if timer.kind.startswith(STEP)]
    if not going:
        return Chart({}, ())
    above = {step.unit for case in going for clock in case.clocks for step in clock.term.chain if step.unit}
    known = await units.load(session, sorted(above))
    return Chart(known, await escalation.of_units(session, [*known, *(case.unit.slug for case in going)]))


async def _unanswered(
    session: AsyncSession, held: Mapping[UUID, Case], due: Sequence[Timer]
) -> Mapping[UUID, Sequence[InfoRequest]]:
    """What the citizens were asked for who have not answered, by ticket."""
    silent = [held[timer.ticket_id].ticket for timer in due if timer.clock == SILENCE]
    asked: dict[UUID, list[InfoRequest]] = {}
    for request in await info_requests.of_tickets(session, silent):
        if request.answered_at is None:
            asked.setdefault(request.ticket_id, []).append(request)
    return asked


def _fired(
    held: dict[UUID, Case],
    due: Sequence[Timer],
    chart: Chart,
    asked: Mapping[UUID, Sequence[InfoRequest]],
    now: datetime,
) -> Iterator[Change]:
    for timer in due:
        case = held[timer.ticket_id]
        for change in fire(case, timer, chart, asked.get(case.ticket.id, ()), _act(case, now)):
            held[timer.ticket_id] = change.after
            yield change


def _answered_in(changes: Sequence[Change]) -> list[UUID]:
    """The questions that were answered elsewhere."""
    what = (happened.happening for change in changes for happened in change.happened)
    return [happening.reply_id for happening in what if isinstance(happening, InfoReceived)]


def _followed(case: Case, in_force: Iterable[Calendar], now: datetime) -> Iterator[Change]:
    """A change for each calendar of which a clock that runs has an older version."""
    for calendar in in_force:
        if any(_is_behind(clock, calendar) for clock in case.clocks):
            change = recompute(case, calendar, _act(case, now))
            case = change.after
            yield change


def _is_behind(clock: Clock, calendar: Calendar) -> bool:
    is_older = clock.calendar.name == calendar.name and clock.calendar.version < calendar.version
    return is_older and clock.stopped_at is None


def _act(case: Case, now: datetime) -> Act:
    return Act(CLOCK, Trace(case.ticket.correlation_id), now, EVERYTHING)
