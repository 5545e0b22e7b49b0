"""Calendars, each in its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar, Slot, SpecialDay
from shared import locks
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A version of a calendar as it is kept: `content` has its week, its days off and its special days."""

    name: str
    version: int
    zone: str
    content: Mapping[str, Any]
    in_force: bool
    edited_by: str
    edited_at: datetime


CALENDARS = Table("tickets.calendars", Row, key=("name", "version"))
_SELECT = f"SELECT {CALENDARS.select('c')} FROM tickets.calendars c"


async def in_force(session: AsyncSession) -> dict[str, Calendar]:
    """Every calendar as it is now, by its name."""
    found = await session.execute(text(f"{_SELECT} WHERE in_force ORDER BY name"))
    return {calendar.name: calendar for calendar in map(_calendar, found)}


async def get(session: AsyncSession, name: str) -> Calendar | None:
    """The calendar of this name as it is now, or None."""
    return (await in_force(session)).get(name)


async def versions(session: AsyncSession, named: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Calendar]:
    """These versions of calendars, and every one that is in force."""
    found = await session.execute(
        text(f"""
        {_SELECT} WHERE in_force
            OR (name, version) IN (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:versions AS integer[])))
        """),
        {"names": [name for name, _ in named], "versions": [version for _, version in named]},
    )
    return {(calendar.name, calendar.version): calendar for calendar in map(_calendar, found)}


async def hold(session: AsyncSession) -> None:
    """Holds calendars and policies, those that are not there yet too, until the end of the transaction."""
    await locks.hold(session, "tickets policies")


async def add(session: AsyncSession, calendar: Calendar, by: str, now: datetime) -> None:
    """Writes a new version, which is in force from now on. The calendars are held."""
    await session.execute(
        text("UPDATE tickets.calendars SET in_force = false WHERE name = :name AND in_force"), {"name": calendar.name}
    )
    row = Row(calendar.name, calendar.version, calendar.zone, _content(calendar), True, by, now)
    await CALENDARS.insert_many(session, [row])


def _content(calendar: Calendar) -> Mapping[str, Any]:
    return {
        "week": [_minutes(slots) for slots in calendar.week],
        "days_off": sorted(calendar.days_off),
        "special": {
            day.isoformat(): {
                "name": special.name,
                "slots": None if special.slots is None else _minutes(special.slots),
            }
            for day, special in sorted(calendar.special.items())
        },
    }


def _minutes(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    return [(slot.opens, slot.closes) for slot in slots]


def _calendar(found: Any) -> Calendar:
    row = CALENDARS.read(found, "c")
    return Calendar(
        name=row.name,
        version=row.version,
        zone=row.zone,
        week=tuple(_slots(day) for day in row.content["week"]),
        days_off=frozenset(row.content["days_off"]),
        special={
            date.fromisoformat(day): SpecialDay(
                special["name"], None if special["slots"] is None else _slots(special["slots"])
            )
            for day, special in row.content["special"].items()
        },
    )


def _slots(kept: Sequence[Sequence[int]]) -> tuple[Slot, ...]:
    return tuple(Slot(opens, closes) for opens, closes in kept)
