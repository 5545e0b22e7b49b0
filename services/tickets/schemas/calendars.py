"""Calendars over HTTP."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.tickets.domain.weeks import HOURS
from shared.http import Model, example
from shared.text import OneLine


def known_zone(name: str) -> str:
    """`name`, if it is a zone. Raises what pydantic tells."""
    if name not in available_timezones():
        raise PydanticCustomError("not_known", "is not a known zone", {"expected": "a zone such as Asia/Jayapura"})
    return name


def within_a_day(hours: list[str] | None) -> list[str] | None:
    """`hours`, if none goes on into the next day. Raises what pydantic tells."""
    if any(told.partition("-")[0] >= told.partition("-")[2] for told in hours or ()):
        raise PydanticCustomError("not_one_day", "goes on into the next day", {"expected": "hours such as 09:00-12:00"})
    return hours


Day = date
"""Under another name, which a field called `date` does not hide."""
Hours = Annotated[str, StringConstraints(pattern=HOURS)]
DayHours = Annotated[list[Hours], Field(max_length=24)]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(known_zone)]


class WeekIn(Model):
    """The hours of each day, such as `08:00-12:00`; hours that end before they begin go on into the next day."""

    mon: DayHours = Field(default=[])
    tue: DayHours = Field(default=[])
    wed: DayHours = Field(default=[])
    thu: DayHours = Field(default=[])
    fri: DayHours = Field(default=[])
    sat: DayHours = Field(default=[])
    sun: DayHours = Field(default=[])


class SpecialDayIn(Model):
    """A day that is not as its week. `hours`: none for a day off, its own, or null for a day as its week is, although
    it is a day off elsewhere.
    """

    date: Day
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
    hours: Annotated[DayHours | None, AfterValidator(within_a_day)]


class CalendarIn(Model):
    """When there is work."""

    model_config = example(
        zone="Asia/Jakarta",
        week={"mon": ["08:00-12:00", "13:00-16:00"], "fri": ["08:00-11:00"]},
        days_off=["public", "government"],
        special=[{"date": "2026-03-17", "name": "Cuti bersama tambahan", "hours": []}],
    )
    zone: Zone = Field(description="Whose clocks show the hours, such as `Asia/Makassar`")
    week: WeekIn
    days_off: set[Literal["public", "government"]] = Field(
        default=set(), description="Which of the days off there is no work on: hari libur nasional, cuti bersama"
    )
    special: Annotated[list[SpecialDayIn], Field(max_length=2_000)] = Field(default=[])


class SpecialDayOut(BaseModel):
    date: Day
    name: str
    hours: list[str] | None


class CalendarOut(BaseModel):
    """A calendar as it is now. Clocks that run by an older version are computed anew soon after an edit."""

    name: str
    version: int
    zone: str
    week: dict[str, list[str]]
    days_off: list[str]
    special: list[SpecialDayOut]


class CalendarPage(BaseModel):
    items: list[CalendarOut]


class PassedOverOut(BaseModel):
    """An event of a file that is no day off: its place from 1 on, and why."""

    event: int
    why: str


class CalendarImported(BaseModel):
    """The calendar after a file, the days that the file has, and the events that were passed over."""

    calendar: CalendarOut
    days: list[Day]
    passed_over: list[PassedOverOut]
