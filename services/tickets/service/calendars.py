"""Calendars are looked up and edited. Each edit is a version; the clocks that run by it are computed anew soon after
(`jobs/clocks.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar, SpecialDay
from services.tickets.domain.ical import DaysOff, NotICalendar, days_off
from services.tickets.domain.policies import Policy
from services.tickets.repository import calendars, policies
from services.tickets.service.lasting import check_ends
from shared.errors import FieldError, Invalid, NotFound, VersionConflict


async def list_calendars(session: AsyncSession) -> Sequence[Calendar]:
    """Every calendar as it is now, by its name."""
    return list((await calendars.in_force(session)).values())


async def get_calendar(session: AsyncSession, name: str) -> Calendar:
    """The calendar of this name as it is now. Raises `NotFound`."""
    found = await calendars.get(session, name)
    if found is None:
        fault = FieldError("name", "is not known", "the name of one of GET /v1/calendars")
        raise NotFound("There is no such calendar.", errors=[fault])
    return found


async def keep(session: AsyncSession, calendar: Calendar, *, by: str, now: datetime, version: int | None) -> Calendar:
    """Adds a calendar, or edits it. Raises `VersionConflict`, and `Invalid` for one without an open hour, or by which a
    policy in force would never come to an end.
    """
    await calendars.hold(session)
    was = await calendars.get(session, calendar.name)
    _check_version(was, version)
    if not any(calendar.week):
        fault = FieldError("week", "has no open hour", 'hours on at least one day, such as {"mon": ["08:00-16:00"]}')
        raise Invalid("A calendar needs an hour in the week at which there is work.", errors=[fault])
    for policy in await policies.in_force(session):
        check_ends(_by(policy, calendar), now, "week")
    return await _written(session, was, calendar, by, now)


async def import_days(
    session: AsyncSession,
    name: str,
    content: bytes,
    *,
    left_out: Sequence[date],
    by: str,
    now: datetime,
    version: int | None,
) -> tuple[Calendar, DaysOff]:
    """Adds the whole days of an iCalendar file to the special days, as days off, but those left out; what the calendar
    says of a day already stays. Raises `NotFound`, `VersionConflict`, `Invalid`.
    """
    await calendars.hold(session)
    was = await get_calendar(session, name)
    _check_version(was, version)
    try:
        found = days_off(content, now.astimezone(was.tz).date())
    except NotICalendar as error:
        fault = FieldError("body", "cannot be read as iCalendar (RFC 5545)", str(error))
        raise Invalid("The file is not understood.", errors=[fault]) from None
    new = {day: SpecialDay(called, ()) for day, called in found.days.items() if day not in left_out}
    return await _written(session, was, replace(was, special=_sorted({**new, **was.special})), by, now), found


async def _written(session: AsyncSession, was: Calendar | None, calendar: Calendar, by: str, now: datetime) -> Calendar:
    now_is = replace(calendar, version=was.version if was else 0)
    if now_is == was:
        return was
    now_is = replace(now_is, version=now_is.version + 1)
    await calendars.add(session, now_is, by, now)
    return now_is


def _check_version(was: Calendar | None, expected: int | None) -> None:
    present = was.version if was else 0
    if expected is not None and expected != present:
        raise VersionConflict(
            "Somebody changed this calendar since you read it. Read it again, and decide again.",
            errors=[FieldError("If-Match", "names another version than the present one", f'"{present}"')],
        )


def _by(policy: Policy, calendar: Calendar) -> Policy:
    """The policy with this calendar in the place of the one of its name."""
    terms = (replace(t, calendar=calendar) if t.calendar.name == calendar.name else t for t in policy.terms)
    return replace(policy, terms=tuple(terms))


def _sorted(special: Mapping[date, SpecialDay]) -> Mapping[date, SpecialDay]:
    return dict(sorted(special.items()))
