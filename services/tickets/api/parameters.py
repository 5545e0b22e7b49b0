"""What the routes ask for, and how they show what they found."""

import re
from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Query, Request, Response

from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.change import Act
from services.tickets.domain.policies import FIRST_RESPONSE, RESOLUTION
from services.tickets.domain.privacy import shown
from services.tickets.models import BEGINNING, Page, Place
from services.tickets.schemas.tickets import TicketOut
from services.tickets.service.rulebook import Rulebook
from shared.auth import staff, visibility
from shared.caller import Caller
from shared.errors import FieldError, Invalid
from shared.http import trace
from shared.paging import cursor_to, place_in
from shared.visibility import Visibility
from shared.wiring import Now, wired

AGENT = staff("cases:work", by_unit=True)
READER = staff("cases:read", by_unit=True)
SUPERVISOR = staff("rules:configure")
Reader = Annotated[Visibility, Depends(visibility(READER))]
"""Which cases whoever may read sees."""
TrailReader = Annotated[Visibility, Depends(visibility(staff("trails:read", by_unit=True)))]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The `ETag` that you read, such as `"3"`; 412 if somebody was faster'),
]
PAGE = 100
PageLimit = Annotated[int, Query(ge=1, le=500)]
_ETAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')
WiredRulebook = Annotated[Rulebook, Depends(wired(Rulebook))]


async def _plain_act(request: Request, caller: Annotated[Caller, Depends(AGENT)], now: Now) -> Act:
    return Act(caller.subject, trace(request), now, caller.sees, f"api {request.scope['state']['request_id']}")


PlainAct = Annotated[Act, Depends(_plain_act)]
"""What an agent does, in whatever version the ticket is."""


async def _act(act: PlainAct, if_match: IfMatch = None) -> Act:
    return replace(act, version=version_in(if_match))


AgentsAct = Annotated[Act, Depends(_act)]
"""What an agent does, to the version of the ticket that `If-Match` names."""


def ticket_out(standing: Standing) -> TicketOut:
    """A case as staff see it."""
    return TicketOut.model_validate(public_words(standing))


def public_words(standing: Standing) -> dict[str, Any]:
    """What people are told of a case, its moments in the unit's zone."""
    ticket = standing.ticket.in_zone()
    return {
        **{field.name: getattr(ticket, field.name) for field in fields(ticket)},
        "unit_name": standing.unit.name,
        "status_category": ticket.status_category,
        **_deadlines(standing),
    }


def _deadlines(standing: Standing) -> dict[str, datetime | None]:
    """When resolution and first response are due, and what became of them."""
    zone = ZoneInfo(standing.ticket.zone)
    clocks = {clock.kind: clock for clock in standing.clocks if not clock.dropped}
    told: dict[str, datetime | None] = {}
    for kind in (RESOLUTION, FIRST_RESPONSE):
        clock = clocks.get(kind)
        done_at = clock.stopped_at if clock and not clock.breached_at else None
        moments = {"due": clock and clock.due_at, "met": done_at, "breached": clock and clock.breached_at}
        told |= {f"{kind}_{name}_at": at.astimezone(zone) if at else None for name, at in moments.items()}
    return told


def changed(response: Response, act: Act, case: Case) -> TicketOut:
    """A case after a verb, as who acted may be shown it, under the version that it has now."""
    response.headers["ETag"] = f'"{case.ticket.version}"'
    return ticket_out(shown(case, act.sees))


def version_in(if_match: str | None) -> int | None:
    """The version that the caller read; None if he does not say. Raises `Invalid`."""
    if if_match is None or if_match == "*":
        return None
    match = _ETAG.match(if_match)
    if match is None:
        raise Invalid("If-Match is not an ETag of ours.", errors=[FieldError("If-Match", "has the wrong form", '"3"')])
    return int(match.group(1))


def cursor_of(page: Page[Any]) -> str | None:
    """The cursor of the page that follows in a conversation or a trail; None behind the last."""
    return cursor_at(page.next)


def cursor_at(place: Place | None) -> str | None:
    """The cursor that leads to a place in a conversation or a trail."""
    return cursor_to(place.number.to_bytes(8, signed=True) + place.id.bytes) if place else None


def place_of(cursor: str | None) -> Place:
    """The place in a conversation or a trail that a cursor leads to. Raises `Invalid`."""
    if cursor is None:
        return BEGINNING
    place = place_in(cursor, 24)
    return Place(int.from_bytes(place[:8], signed=True), UUID(bytes=place[8:]))
