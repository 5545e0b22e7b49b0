"""The figures of cases between two days, of what the reader sees."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.figures import Name, Value, figures
from services.tickets.models import Grouping, Span
from services.tickets.repository import tallies
from shared.errors import FieldError, Invalid
from shared.visibility import Visibility

GROUPINGS: dict[Name, tuple[Grouping, ...]] = {
    "overview": ("day", "month", "year", "unit", "topic", "channel"),
    "backlog": ("unit", "topic", "channel", "day", "month", "year"),
    "sla": ("unit", "topic", "channel", "day", "month", "year"),
    "channels": ("channel",),
    "topics": ("topic",),
    "agents": ("agent",),
    "fcr": ("channel", "unit", "topic", "day", "month", "year"),
    "yearly": ("year",),
}
"""By what each report may be grouped; the first is the usual."""
_OF_NOW = ("backlog", "yearly")
"""Reports that are about all cases, whenever they began."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its figures all together, and those of each group by what it is called."""

    name: Name
    span: Span
    by: Grouping
    total: dict[str, Value]
    items: dict[str, dict[str, Value]]


async def report(
    session: AsyncSession, sees: Visibility, name: Name, span: Span, by: Grouping | None, now: datetime
) -> Report:
    """The figures `name` of a span. Raises `Invalid` for a grouping that it has not."""
    by = by or GROUPINGS[name][0]
    if by not in GROUPINGS[name]:
        raise Invalid(
            "These figures are not grouped so.", errors=[FieldError("by", "does not fit", ", ".join(GROUPINGS[name]))]
        )
    if name in _OF_NOW:
        span = replace(span, since=None, until=None)
    groups = await _counts(session, sees, name, span, by, now)
    total = sum(groups.values(), Counter[str]())  # every case is in one group
    items = {of: figures(name, counts) for of, counts in groups.items()}
    return Report(name, span, by, figures(name, total), {of: row for of, row in items.items() if any(row.values())})


async def _counts(
    session: AsyncSession, sees: Visibility, name: Name, span: Span, by: Grouping, now: datetime
) -> dict[str, Counter[str]]:
    if name == "agents":
        return await tallies.read_deeds(session, sees, span, by)
    found = await tallies.read(session, sees, span, by)
    if name == "overview":
        for of, deeds in (await tallies.read_deeds(session, sees, span, by)).items():
            found.setdefault(of, Counter()).update({kind: deeds[kind] for kind in ("reopened", "escalated")})
    if name == "backlog":
        for of, overdue in (await tallies.read_overdue(session, sees, span, by, now)).items():
            found.setdefault(of, Counter())["overdue"] = overdue
    return dict(sorted(found.items()))
