"""A part of a survey as conditions."""

from typing import Any

from services.survey_index.models import Part


def within(part: Part) -> tuple[str, dict[str, Any]]:
    """The conditions on the unit, service and channel of a row, each after AND, and their values."""
    values = {name: getattr(part, name) for name in ("unit", "service", "channel") if getattr(part, name) is not None}
    return "".join(f" AND {name} = :{name}" for name in values), values
