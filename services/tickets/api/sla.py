"""The deadlines of a ticket."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Query, Response

from services.tickets.api.parameters import AgentsAct, Reader, changed
from services.tickets.api.verbs import OF_A_VERB
from services.tickets.domain.calendars import HOLIDAYS_VERSION
from services.tickets.domain.explaining import Language, sentences
from services.tickets.schemas.sla import ClockOut, DayOut, PauseOut, SetDueIn, SetPolicyIn, SlaOut
from services.tickets.schemas.tickets import TicketOut
from services.tickets.service import sla
from services.tickets.service.sla import Checked
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

router = APIRouter(prefix="/v1", tags=["tickets"], route_class=KeyedRoute)


@router.get("/tickets/{ticket_id}/sla", responses=refusals(NotFound))
async def explain_sla(
    response: Response,
    session: Reading,
    sees: Reader,
    now: Now,
    ticket_id: UUID,
    lang: Annotated[Language | None, Query(description="Of the words; else what `Accept-Language` prefers")] = None,
    accept_language: Annotated[str, Header(max_length=1_000)] = "id",
) -> SlaOut:
    """How each deadline of a ticket comes about: every step of its sum in words, and every day and pause in figures.

    The sum is done again from all that happened to the ticket: `agrees` says whether that gives the same deadline.
    """
    case, checked = await sla.explained(session, sees, ticket_id, now)
    language = lang or _preferred(accept_language)
    response.headers["Content-Language"] = language
    return SlaOut(
        ticket_id=ticket_id,
        policy=case.resolution.policy.name,
        policy_version=case.resolution.policy.version,
        zone=case.ticket.zone,
        priority=case.resolution.priority,
        clocks=[_clock(each, language, ZoneInfo(case.ticket.zone)) for each in checked],
    )


@router.post("/tickets/{ticket_id}/set-due", responses=refusals(*OF_A_VERB))
async def set_due(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: SetDueIn,
) -> TicketOut:
    """Fixes by when something is due, whatever its policy says; with `due_at` null its policy says so again."""
    case = await sla.fix_due(
        session,
        ticket_id,
        act,
        clock=form.clock,
        due_at=form.due_at,
        reason=form.reason,
    )
    return changed(response, act, case)


@router.post("/tickets/{ticket_id}/set-policy", responses=refusals(*OF_A_VERB))
async def set_policy(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: SetPolicyIn,
) -> TicketOut:
    """Puts the ticket under another policy, as for another class of complaints. Its clocks keep when they began and
    stood still; those that the policy does not have are dropped.
    """
    case = await sla.put_under(session, ticket_id, act, policy=form.policy)
    return changed(response, act, case)


def _preferred(accept_language: str) -> Language:
    """English for whoever puts it before Indonesian; else Indonesian."""
    for asked in accept_language.split(","):
        match asked.strip().lower()[:2]:
            case "id":
                return "id"
            case "en":
                return "en"
    return "id"


def _clock(checked: Checked, language: Language, zone: ZoneInfo) -> ClockOut:
    told, clock = checked.explanation, checked.explanation.clock

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    return ClockOut(
        kind=clock.kind,
        state=told.standing,
        target=clock.term.target_of(clock.priority),
        measure=clock.term.measure,
        calendar=clock.calendar.name,
        calendar_version=clock.calendar.version,
        holidays=HOLIDAYS_VERSION,
        started_at=clock.started_at.astimezone(zone),
        due_at=clock.due_at.astimezone(zone),
        fixed_at=local(clock.fixed_at),
        paused_at=local(clock.paused_at),
        stopped_at=local(clock.stopped_at),
        breached_at=local(clock.breached_at),
        remaining_seconds=_seconds(told.left) if told.left is not None else None,
        pauses=[
            PauseOut(start=pause.start.astimezone(zone), end=local(pause.end), working_seconds=_seconds(pause.working))
            for pause in told.pauses
        ],
        days=[
            DayOut(day=day.day, counts=day.counts, working_seconds=_seconds(day.working), why=day.why, name=day.name)
            for day in told.days
        ],
        estimated_years=list(told.estimated),
        recomputed_due_at=local(checked.due_again),
        agrees=checked.agrees,
        words=sentences(told, language),
    )


def _seconds(amount: timedelta) -> int:
    return amount // timedelta(seconds=1)
