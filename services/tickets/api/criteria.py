"""What a list of tickets is narrowed to, in which order it is, and where it goes on: the same wherever one is asked."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime

from services.tickets.domain.search import wanted
from services.tickets.domain.status import CATEGORY, Category, Status
from services.tickets.domain.units import slug_of
from services.tickets.models import Filter, Sort, Turn
from shared.events import Channel
from shared.ids import normalise_tracking_code
from shared.paging import cursor_to, not_ours, place_in

Sorting = Annotated[Sort, Query(description="`due` has only those whose resolution is owed")]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ID, _MOMENT = 16, 8
"""Bytes. A cursor of the order by deadlines is longer than the others: none leads into the other kind of list."""


async def criteria_of(
    status: Status | None = None,
    status_category: Category | None = None,
    channel: Channel | None = None,
    unit: str | None = None,
    topic: str | None = None,
    escalation_level: Annotated[int | None, Query(ge=0, le=32_767)] = None,
    tracking_code: str | None = None,
    contact_id: UUID | None = None,
    opened_from: AwareDatetime | None = None,
    opened_to: AwareDatetime | None = None,
    due_before: AwareDatetime | None = None,
    q: Annotated[str | None, Query(description="Words that were said, a name, a number or a code, all of them")] = None,
) -> Filter:
    """What the query narrows a list to."""
    return Filter(
        status=status,
        statuses=tuple(s for s, c in CATEGORY.items() if c == status_category) if status_category else None,
        channel=channel,
        unit=slug_of(unit) if unit is not None else None,
        topic=topic,
        escalation_level=escalation_level,
        tracking_code=normalise_tracking_code(tracking_code) or "" if tracking_code is not None else None,
        contact_id=contact_id,
        opened_from=opened_from,
        opened_to=opened_to,
        due_before=due_before,
        wanted=wanted(q) if q is not None else (),
    )


Criteria = Annotated[Filter, Depends(criteria_of)]


def cursor_after(turn: Turn) -> str:
    """The cursor that leads on after a turn."""
    moment = b"" if turn.due_at is None else ((turn.due_at - _EPOCH) // _MICROSECOND).to_bytes(_MOMENT)
    return cursor_to(moment + turn.id.bytes)


def turn_in(cursor: str, sort: Sort) -> Turn:
    """The turn that a cursor of this order leads on after. Raises `Invalid` for one of another list."""
    if sort != "due":
        return Turn(UUID(bytes=place_in(cursor, _ID)))
    place = place_in(cursor, _MOMENT + _ID)
    microseconds = int.from_bytes(place[:_MOMENT])
    try:
        return Turn(UUID(bytes=place[_MOMENT:]), _EPOCH + microseconds * _MICROSECOND)
    except OverflowError:
        raise not_ours() from None
