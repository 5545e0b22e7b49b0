"""When there is work: calendars, looked up and edited."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.tickets.api.parameters import READER, SUPERVISOR, IfMatch, version_in
from services.tickets.domain.calendars import Calendar, SpecialDay
from services.tickets.domain.units import LONGEST_SLUG, SLUG
from services.tickets.domain.weeks import day_of, told_day, told_week, week_of
from services.tickets.schemas.calendars import (
    CalendarImported,
    CalendarIn,
    CalendarOut,
    CalendarPage,
    PassedOverOut,
    SpecialDayOut,
)
from services.tickets.service import calendars
from shared.caller import Caller
from shared.errors import NotFound, VersionConflict
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

CalendarName = Annotated[str, Path(alias="name", pattern=SLUG, max_length=LONGEST_SLUG, description="As `indonesia`")]
Supervisor = Annotated[Caller, Depends(SUPERVISOR)]
_ICALENDAR = {"requestBody": {"required": True, "content": {"text/calendar": {"schema": {"type": "string"}}}}}
router = APIRouter(prefix="/v1", tags=["calendars"], route_class=KeyedRoute)


@router.get("/calendars", dependencies=[Depends(READER)])
async def list_calendars(session: Reading) -> CalendarPage:
    """Every calendar as it is now, by its name."""
    return CalendarPage(items=[_calendar(calendar) for calendar in await calendars.list_calendars(session)])


@router.get("/calendars/{name}", dependencies=[Depends(READER)], responses=refusals(NotFound))
async def get_calendar(response: Response, session: Reading, name: CalendarName) -> CalendarOut:
    """One calendar as it is now."""
    return _tagged(response, await calendars.get_calendar(session, name))


@router.put("/calendars/{name}", responses=refusals(VersionConflict))
async def put_calendar(
    response: Response,
    session: Transaction,
    now: Now,
    caller: Supervisor,
    name: CalendarName,
    form: CalendarIn,
    if_match: IfMatch = None,
) -> CalendarOut:
    """Adds a calendar (`If-Match: "0"`: only if there is none), or edits it. Clocks that run by it are computed anew
    within seconds; the trail of each ticket says which moved, from when to when.
    """
    calendar = Calendar(
        name=name,
        version=0,
        zone=form.zone,
        week=week_of(form.week.model_dump()),
        days_off=frozenset(form.days_off),
        special={
            special.date: SpecialDay(special.name, None if special.hours is None else day_of(special.hours))
            for special in sorted(form.special, key=lambda each: each.date)
        },
    )
    kept = await calendars.keep(session, calendar, by=caller.subject, now=now, version=version_in(if_match))
    return _tagged(response, kept)


@router.post("/calendars/{name}:import", openapi_extra=_ICALENDAR, responses=refusals(NotFound, VersionConflict))
async def import_days(
    request: Request,
    response: Response,
    session: Transaction,
    now: Now,
    caller: Supervisor,
    name: CalendarName,
    leave_out: Annotated[
        list[date], Query(max_length=200, description="Days of the file that are no days off, such as observances")
    ] = [],  # noqa: B006 - FastAPI copies it
    if_match: IfMatch = None,
) -> CalendarImported:
    """Adds the whole days of an iCalendar file (RFC 5545) as days off; what the calendar says of a day already stays.

    A date is that day in the calendar's zone. Days that recur are added for five years. Events that have an hour are
    no days off: they are listed in `passed_over`.
    """
    calendar, found = await calendars.import_days(
        session,
        name,
        await request.body(),
        left_out=leave_out,
        by=caller.subject,
        now=now,
        version=version_in(if_match),
    )
    return CalendarImported(
        calendar=_tagged(response, calendar),
        days=sorted(found.days.keys() - set(leave_out)),
        passed_over=[PassedOverOut(event=each.event, why=each.why) for each in found.passed_over],
    )


def _tagged(response: Response, calendar: Calendar) -> CalendarOut:
    response.headers["ETag"] = f'"{calendar.version}"'
    return _calendar(calendar)


def _calendar(calendar: Calendar) -> CalendarOut:
    return CalendarOut(
        name=calendar.name,
        version=calendar.version,
        zone=calendar.zone,
        week=told_week(calendar.week),
        days_off=sorted(calendar.days_off),
        special=[
            SpecialDayOut(date=day, name=special.name, hours=_hours(special))
            for day, special in calendar.special.items()
        ],
    )


def _hours(special: SpecialDay) -> list[str] | None:
    return None if special.slots is None else told_day(special.slots)
