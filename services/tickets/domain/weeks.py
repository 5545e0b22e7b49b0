"""The hours of a week as people write them, `08:00-12:00`, and as calendars keep them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from services.tickets.domain.calendars import MINUTES_OF_A_DAY, Slot

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
"""From a minute until another; `24:00` is the end of the day."""
_NUMBERS = re.compile(r"\d+")


def week_of(told: Mapping[str, Sequence[str]]) -> tuple[tuple[Slot, ...], ...]:
    """The slots of each day from Monday on. Hours that end before they begin go on into the next day."""
    slots: list[list[Slot]] = [[] for _ in WEEKDAYS]
    for place, day in enumerate(WEEKDAYS):
        for opens, closes in map(_minutes, told.get(day, ())):
            if opens < closes:
                slots[place].append(Slot(opens, closes))
            else:
                slots[place].append(Slot(opens, MINUTES_OF_A_DAY))
                slots[(place + 1) % 7].append(Slot(0, closes))
    return tuple(merged(day) for day in slots)


def day_of(told: Sequence[str]) -> tuple[Slot, ...]:
    """The slots of one day. Raises `ValueError` for hours that go on into the next."""
    found = [_minutes(hours) for hours in told]
    if any(opens >= closes for opens, closes in found):
        raise ValueError("hours of one day end after they begin")
    return merged(Slot(opens, closes) for opens, closes in found)


def told_week(week: Sequence[Sequence[Slot]]) -> dict[str, list[str]]:
    """A week as people write it."""
    return {day: told_day(slots) for day, slots in zip(WEEKDAYS, week, strict=True)}


def told_day(slots: Iterable[Slot]) -> list[str]:
    """The hours of a day as people write them."""
    return [f"{_clock(slot.opens)}-{_clock(slot.closes)}" for slot in slots]


def merged(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Slots in their order; those that touch or overlap are one, and one without a moment is none."""
    found: list[Slot] = []
    for slot in sorted((each for each in slots if each.opens < each.closes), key=lambda each: each.opens):
        if found and slot.opens <= found[-1].closes:
            found[-1] = Slot(found[-1].opens, max(found[-1].closes, slot.closes))
        else:
            found.append(slot)
    return tuple(found)


def _minutes(hours: str) -> tuple[int, int]:
    opens, opens_minute, closes, closes_minute = map(int, _NUMBERS.findall(hours))
    return opens * 60 + opens_minute, closes * 60 + closes_minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
