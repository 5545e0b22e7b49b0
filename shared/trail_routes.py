"""The route by which auditors read who did what at a service; that they did is in the trail, too."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared.auth import staff
from shared.http import Reading
from shared.trail import Entry, RecordedRoute, list_entries
from shared.wiring import wiring_of

_LONGEST = 255
router = APIRouter(prefix="/v1", tags=["access trail"], route_class=RecordedRoute)


class TrailPage(BaseModel):
    items: list[Entry]
    next_cursor: UUID | None


@router.get("/access-trail", dependencies=[Depends(staff("access:audit"))])
async def read_access_trail(
    request: Request,
    session: Reading,
    subject: Annotated[str | None, Query(max_length=_LONGEST, description="Who, as `staff:7` or `key:3f…`")] = None,
    about: Annotated[str | None, Query(alias="object", max_length=_LONGEST, description="The id of a thing")] = None,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> TrailPage:
    """Who did what, and who read about whom, the newest first. Follow `next_cursor` until it is null."""
    schema = wiring_of(request).db.schema
    found = await list_entries(session, schema, subject=subject, object_id=about, before=cursor, limit=limit + 1)
    items = found[:limit]
    return TrailPage(items=items, next_cursor=items[-1].id if len(found) > limit else None)
