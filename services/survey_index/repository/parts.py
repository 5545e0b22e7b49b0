"""A part of a survey as conditions."""

from typing import Any

from services.survey_index.models import Part


def within(part: Part) -> tuple[str, dict[str, Any]]:
    """The conditions on the unit, service and channel of a row, each after AND, and their values."""
    values = {name: getattr(part, name) for name in ("unit", "service", "channel") if getattr(part, name) is not None}
    return "".join(f" AND {name} = :{name}" for name in values), values


def of_responses(part: Part) -> tuple[str, dict[str, Any]]:
    """The conditions on a response, its days among them, each after AND, and their values."""
    where, values = within(part)
    days = {name: day for name, day in (("first", part.first), ("last", part.last)) if day is not None}
    first = " AND day >= :first AND coalesce(first_day, day) >= :first" if part.first else ""  # the index has `day`
    return where + first + (" AND day <= :last" if part.last else ""), values | days
